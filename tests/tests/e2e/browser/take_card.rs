//! The page on which a card is taken. The test plays WeChat's client, the sandbox WeChat's servers.

use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};
use wxgate_sandbox::{APP_ID, APP_SECRET, CARD_ID, CardReceipt};
use wxgate_tests::{Browser, Gateway, Pairing, Phone, visit};

use super::{HOSTILE, Stage};
use crate::support::{asked, text, ticket};

crate::on_both_pairings!(a_card_is_taken_with_signatures_that_wechat_accepts);

const SDK: &str = "https://res.wx.qq.com/open/js/jweixin-1.6.0.js";

async fn a_card_is_taken_with_signatures_that_wechat_accepts(pairing: Pairing) {
    let stage = Stage::set(pairing).await;
    let browser = &stage.browser;
    let (home, taken) = (stage.page_of_caller("home"), stage.page_of_caller("taken"));
    let params = [
        ("card_id", CARD_ID),
        ("redirect_uri", home.as_str()),
        ("redirect_uri_name", HOSTILE),
        ("main_color", "#10ad61"),
        ("show_btn", "1"),
        ("outer_id", "shop-7"),
        ("success_uri", &taken),
    ];
    let board = asked(&stage.gateway.caller, "set_wxcard_code_drawboard_data", &params).await;
    let link = text(&board, "redirect");

    browser.open(link).await;
    assert_eq!(read(browser).await, ["领取卡券", "正在打开，请稍候…", HOSTILE]);
    assert_eq!(loaded(browser).await, [SDK]);
    browser.photograph("card-1-opening").await;
    signed_for_its_address(&stage).await;

    browser.run("wx.refuse()").await;
    assert_eq!(read(browser).await, ["领取卡券", "未能领取，请重试。", "重试", HOSTILE]);
    browser.photograph("card-2-failed").await;
    assert_eq!(sdk_was_asked(browser, "addCard").await, Value::Null);
    browser.press("#again").await;
    assert!(browser.url().await.starts_with(&format!("{link}&again=")));
    signed_for_its_address(&stage).await;

    browser.run("wx.accept()").await;
    let first = offered(browser).await;
    browser.run("wx.answer('cancel')").await;
    assert_eq!(read(browser).await, ["领取卡券", "领取卡券", HOSTILE]);
    browser.photograph("card-3-ready").await;
    browser.press("#take").await;
    browser.run("wx.accept()").await;
    let second = offered(browser).await;
    assert_ne!(first, second, "WeChat takes no signature twice");

    for card_ext in [first, second] {
        let receipt =
            CardReceipt { card_id: CARD_ID.into(), card_ext: Some(card_ext), ..CardReceipt::default() };
        let given = stage.gateway.wechat.receive_card(&receipt).unwrap();
        assert_eq!(given.openid, "oSandboxUser01");
    }
    browser.run("wx.answer('success')").await;
    assert_eq!(browser.url().await, taken);
    stage.all_is_quiet().await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outside_wechat_the_page_says_in_the_visitors_language_where_to_open_it() {
    let stage = Stage::set(Pairing::Embedded).await;
    let elsewhere = Browser::start(Phone::ELSEWHERE, &stage.sdk, Pairing::Embedded).await;
    let params = [
        ("card_id", CARD_ID),
        ("redirect_uri", "shop.example"),
        ("redirect_uri_name", "To the shop"),
        ("main_color", "Color090"),
        ("show_btn", "true"),
    ];
    let board = asked(&stage.gateway.caller, "set_wxcard_code_drawboard_data", &params).await;

    elsewhere.open(text(&board, "redirect")).await;

    let sentence = "Please open this page in WeChat to take the card.";
    assert_eq!(read(&elsewhere).await, ["Take the card", sentence, "To the shop"]);
    elsewhere.photograph("card-elsewhere").await;
    assert_eq!(elsewhere.complaints().await, Vec::<String>::new());
    elsewhere.end().await;
    stage.end().await;
}

/// What can be read, line by line.
async fn read(browser: &Browser) -> Vec<String> {
    browser.text().await.lines().map(str::to_owned).collect()
}

/// What the page loaded from anywhere.
async fn loaded(browser: &Browser) -> Vec<String> {
    let entries = browser.run("return performance.getEntriesByType('resource').map(entry => entry.name)");
    serde_json::from_value(entries.await).unwrap()
}

/// What the page asked of the JS-SDK.
async fn sdk_was_asked(browser: &Browser, what: &str) -> Value {
    browser.run("return wx.told()").await[what].take()
}

/// The one card of `wx.addCard`: its `cardExt`.
async fn offered(browser: &Browser) -> String {
    let asked = sdk_was_asked(browser, "addCard").await;
    let card = &asked["cardList"][0];
    let card_ext = text(card, "cardExt");
    assert_eq!(asked, json!({ "cardList": [{ "cardId": CARD_ID, "cardExt": card_ext }] }));
    let ext: Value = serde_json::from_str(card_ext).unwrap();
    assert_eq!(ext["outer_str"], "shop-7");
    card_ext.to_owned()
}

/// Checks `wx.config` as WeChat's client does: with the app's ticket and the address that it shows.
async fn signed_for_its_address(stage: &Stage) {
    let config = sdk_was_asked(&stage.browser, "config").await;
    let (nonce, time) = (text(&config, "nonceStr"), config["timestamp"].as_u64().unwrap());
    let (ticket, url) = (jsapi_ticket(&stage.gateway).await, stage.browser.url().await);
    let signed = format!("jsapi_ticket={ticket}&noncestr={nonce}&timestamp={time}&url={url}");
    let signature = hex::encode(Sha1::digest(signed));
    let expected = json!({
        "debug": false,
        "appId": APP_ID,
        "timestamp": time,
        "nonceStr": nonce,
        "signature": signature,
        "jsApiList": ["addCard"],
    });
    assert_eq!(config, expected);
}

/// WeChat gives every asker the same ticket while it lives.
async fn jsapi_ticket(gateway: &Gateway) -> String {
    let credential = format!("grant_type=client_credential&appid={APP_ID}&secret={APP_SECRET}");
    let told = visit(&format!("{}/cgi-bin/token?{credential}", gateway.wechat_url())).await;
    let token: Value = serde_json::from_str(&told.html).unwrap();
    ticket(gateway, text(&token, "access_token"), "jsapi").await.unwrap()
}
