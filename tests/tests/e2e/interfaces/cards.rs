//! Cards (3.10 to 3.12, 3.15, 3.16, 3.20) and their pages (3.5 to 3.7).

use serde_json::{Value, json};
use wxgate_sandbox::{APP_ID, APP_SECRET, CARD_ID, CardReceipt};
use wxgate_tests::{CLIENT, Gateway, Pairing, Plan, SECRET, visit};

use super::{asked, data, is_key, taken, text, ticket};
use crate::support::calls;

crate::on_both_pairings!(
    a_card_is_offered_taken_looked_up_and_consumed_once,
    a_page_offers_a_card_and_another_shows_its_code,
);

const CONSUME: &str = "/card/code/consume";
const ABROGATE: &str = "/card/code/unavailable";

async fn a_card_is_offered_taken_looked_up_and_consumed_once(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let offer =
        asked(&gateway.caller, "generate_card_param", &[("card_id", CARD_ID), ("outer_id", "12")]).await;
    let ext = &offer["cardExt"];
    let [timestamp, nonce_str, signature] =
        ["timestamp", "nonce_str", "signature"].map(|name| text(ext, name));
    let documented = json!({ "cardId": CARD_ID, "cardExt": { "code": "", "timestamp": timestamp,
        "nonce_str": nonce_str, "outer_id": "12", "signature": signature } });
    assert_eq!(offer, documented);
    let receipt = CardReceipt {
        card_id: CARD_ID.to_owned(),
        card_ext: Some(ext.to_string()),
        ..CardReceipt::default()
    };
    let card = gateway.wechat.receive_card(&receipt).expect("WeChat finds the signature right");

    what_a_user_has_is_listed(&gateway, &card.openid, &card.code).await;
    a_card_is_described(&gateway).await;
    let decrypted =
        asked(&gateway.caller, "decrypt_card_code", &[("encrypt_code", &card.encrypt_code)]).await;
    assert_eq!(decrypted, json!({ "errcode": 0, "errmsg": "ok", "code": card.code }));

    let request = gateway.caller.sign("consume_card_code", &[("code", &card.code), ("card_id", CARD_ID)]);
    let documented =
        json!({ "errcode": 0, "errmsg": "ok", "card": { "card_id": CARD_ID }, "openid": card.openid });
    for _ in 0..2 {
        assert_eq!(data(gateway.caller.send(&request).await.unwrap()), documented);
    }
    assert_eq!(calls(&gateway.wechat, CONSUME), 1);
    let anew =
        asked(&gateway.caller, "consume_card_code", &[("code", &card.code), ("card_id", CARD_ID)]).await;
    assert_eq!(anew["errcode"], 40099, "WeChat's own refusal: {anew}");
    an_abrogated_code_stays_so(&gateway).await;
    gateway.end().await;
}

async fn what_a_user_has_is_listed(gateway: &Gateway, openid: &str, code: &str) {
    let documented = json!({ "errcode": 0, "errmsg": "ok",
        "card_list": [{ "code": code, "card_id": CARD_ID }], "has_share_card": false });
    for card_id in [CARD_ID, ""] {
        let params = [("open_id", openid), ("card_id", card_id)];
        assert_eq!(asked(&gateway.caller, "get_card_list", &params).await, documented);
    }
}

async fn a_card_is_described(gateway: &Gateway) {
    let told = asked(&gateway.caller, "get_card_info", &[("card_id", CARD_ID)]).await;
    assert_eq!((&told["errcode"], &told["errmsg"]), (&json!(0), &json!("ok")));
    let (kind, base) = (&told["card"]["card_type"], &told["card"]["gift"]["base_info"]);
    assert_eq!((kind, &base["id"], &base["title"]), (&json!("GIFT"), &json!(CARD_ID), &json!("咖啡一杯")));
}

async fn an_abrogated_code_stays_so(gateway: &Gateway) {
    let card = taken(&gateway.wechat, CARD_ID);
    let params = [("code", card.code.as_str()), ("card_id", CARD_ID)];
    let request = gateway.caller.sign("abrogate_card_code", &params);
    for _ in 0..2 {
        let answer = data(gateway.caller.send(&request).await.unwrap());
        assert_eq!(answer, json!({ "errcode": 0, "errmsg": "ok" }));
    }
    assert_eq!(calls(&gateway.wechat, ABROGATE), 1);
    assert_eq!(asked(&gateway.caller, "consume_card_code", &params).await["errcode"], 40127);
}

/// What both pages have in common, as the document's sample has it.
const PAGE: [(&str, &str); 6] = [
    ("redirect_uri", "www.verystar.cn"),
    ("redirect_uri_name", "费芮互动"),
    ("main_color", "red"),
    ("show_btn", "true"),
    ("outer_id", "1"),
    ("success_uri", "www.verystar.cn/thanks"),
];

async fn a_page_offers_a_card_and_another_shows_its_code(pairing: Pairing) {
    let gateway = Plan::new(pairing).client("--allow", "get_wxcard_drawboard_data").start().await;

    let key = page(&gateway, "set_wxcard_code_drawboard_data", ("card_id", CARD_ID), "card_wxcode").await;
    let offer = visit(&address(&gateway, "card_wxcode", &key)).await;
    let offer: Value = serde_json::from_str(&offer.attribute("data-card")).unwrap();
    let receipt = CardReceipt {
        card_id: text(&offer, "cardId").to_owned(),
        card_ext: Some(text(&offer, "cardExt").to_owned()),
        ..CardReceipt::default()
    };
    let card = gateway.wechat.receive_card(&receipt).expect("WeChat finds the signature right");
    assert_eq!(offer["successUri"], "http://www.verystar.cn/thanks");
    page_data(&gateway, &key, "", Some(CARD_ID)).await;

    let key = page(&gateway, "set_wxcard_drawboard_data", ("code", &card.code), "card").await;
    let shown = visit(&address(&gateway, "card", &key)).await;
    assert!(shown.status == 200 && shown.html.contains(&card.code), "{shown:?}");
    assert!(shown.html.contains("费芮互动") && shown.html.contains("http://www.verystar.cn/"), "{shown:?}");
    page_data(&gateway, &key, &card.code, None).await;
    gateway.end().await;
}

/// A page of this interface: its key.
async fn page(gateway: &Gateway, interface: &str, card: (&str, &str), path: &str) -> String {
    let board = asked(&gateway.caller, interface, &[&PAGE[..], &[card]].concat()).await;
    let key = text(&board, "key");
    assert_eq!(board, json!({ "key": key, "redirect": address(gateway, path, key) }));
    assert!(is_key(key));
    key.to_owned()
}

fn address(gateway: &Gateway, path: &str, key: &str) -> String {
    format!("{}/wx_service/{path}?wx_card_key={key}", gateway.caller.base)
}

async fn page_data(gateway: &Gateway, key: &str, code: &str, card_id: Option<&str>) {
    let told = asked(&gateway.caller, "get_wxcard_drawboard_data", &[("key", key)]).await;
    let access_token = text(&told, "access_token");
    let mut documented = json!({
        "code": code,
        "redirect_uri": "www.verystar.cn",
        "redirect_uri_name": "费芮互动",
        "main_color": "red",
        "show_btn": "true",
        "client_code": CLIENT,
        "client_secret": SECRET,
        "app_id": APP_ID,
        "component_appid": "",
        "app_sec": APP_SECRET,
        "is_third": 0,
        "access_token": access_token,
        "authorizer_access_token": "",
        "component_access_token": "",
        "api_ticket": ticket(gateway, access_token, "wx_card").await.unwrap(),
        "outer_id": "1",
        "success_uri": "www.verystar.cn/thanks",
    });
    if let Some(card_id) = card_id {
        documented["card_id"] = card_id.into();
    }
    assert_eq!(told, documented);
}
