//! Making a card and bringing it to users, interface by interface.

use serde_json::json;
use wxgate_sandbox::{APP_ID, CardChoice, CardReceipt, NewMedia, Sample};
use wxgate_tests::{Pairing, Plan, fetch};

use super::{asked, data, text};

crate::on_both_pairings!(a_card_is_made_and_brought_to_users_in_every_way, a_file_becomes_a_medium);

/// The sample of WeChat's document.
const SAMPLE: &str = include_str!("../../../../cli/src/card/hello/sample.json");
const TESTER: &str = "oSandboxUser01";

async fn a_card_is_made_and_brought_to_users_in_every_way(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let caller = &gateway.caller;
    let png = NewMedia::sample(Sample::Png).bytes;
    let uploaded = data(caller.upload("upload_card_logo", &[], &png).await);
    let logo = text(&uploaded, "url");
    assert_eq!(fetch(logo).await.bytes().await.unwrap(), png);
    let fetched = asked(caller, "upload_card_logo", &[("url", logo)]).await;
    assert_eq!(fetch(text(&fetched, "url")).await.bytes().await.unwrap(), png);

    let mut card: serde_json::Value = serde_json::from_str(SAMPLE).unwrap();
    card["card"]["groupon"]["base_info"]["logo_url"] = json!(logo);
    let made = asked(caller, "create_card", &[("card_data", &card.to_string())]).await;
    let card_id = text(&made, "card_id");

    let code = asked(caller, "create_card_qrcode", &[("action_name", "QR_CARD"), ("card_id", card_id)]).await;
    assert_eq!(fetch(text(&code, "show_qrcode_url")).await.headers()["content-type"], "image/jpg");
    let both = json!([{ "card_id": card_id }, { "card_id": "pSandboxCard01", "outer_str": "till" }]);
    let both = [("action_name", "QR_MULTIPLE_CARD"), ("card_list", &*both.to_string())];
    text(&asked(caller, "create_card_qrcode", &both).await, "ticket");
    let offer = json!([{ "card_id": card_id, "thumb_url": logo }]).to_string();
    let page = [("banner", logo), ("page_title", "优惠"), ("can_share", "1"), ("scene", "SCENE_H5")];
    text(&asked(caller, "create_landing_page", &[&page[..], &[("card_list", &offer)]].concat()).await, "url");
    assert!(
        text(&asked(caller, "get_mpnews_html", &[("card_id", card_id)]).await, "content").contains("iframe")
    );
    let testers = [("openid", r#"["oSandboxUser01"]"#), ("username", r#"["somebody"]"#)];
    assert_eq!(asked(caller, "set_test_whitelist", &testers).await["errcode"], 0);

    let receipt = CardReceipt {
        card_id: card_id.to_owned(),
        openid: Some(TESTER.to_owned()),
        ..CardReceipt::default()
    };
    let taken = gateway.wechat.receive_card(&receipt).unwrap();
    let param = asked(caller, "choose_card_param", &[("card_id", card_id), ("card_type", "GROUPON")]).await;
    let of = |name: &str| text(&param, name).to_owned();
    let choice = CardChoice {
        app: Some(APP_ID.to_owned()),
        openid: Some(TESTER.to_owned()),
        shop_id: of("shopId"),
        card_type: of("cardType"),
        card_id: of("cardId"),
        timestamp: of("timestamp"),
        nonce_str: of("nonceStr"),
        card_sign: of("cardSign"),
    };
    let chosen = gateway.wechat.choose_card(&choice).unwrap();
    assert_eq!(chosen.iter().map(|card| &card.code).collect::<Vec<_>>(), [&taken.code]);
    gateway.end().await;
}

async fn a_file_becomes_a_medium(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let jpeg = NewMedia::sample(Sample::Image).bytes;
    let medium = data(gateway.caller.upload("upload_media", &[("type", "image")], &jpeg).await);
    assert_eq!(text(&medium, "type"), "image");
    let kept = asked(&gateway.caller, "download_media", &[("media_id", text(&medium, "media_id"))]).await;
    assert_eq!(fetch(text(&kept, "file_url")).await.bytes().await.unwrap(), jpeg);
    gateway.end().await;
}
