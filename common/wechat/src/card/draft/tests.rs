//! Cards, each with one flaw.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::json;

use super::*;

fn card() -> Value {
    json!({"card": {"card_type": "GROUPON", "groupon": {"deal_detail": "锅", "base_info": {
        "logo_url": "http://mmbiz.qpic.cn/a/0", "code_type": "CODE_TYPE_TEXT", "brand_name": "微信餐厅",
        "title": "双人火锅", "color": "Color010", "notice": "出示", "description": "好吃",
        "sku": {"quantity": 5}, "date_info": {"type": "DATE_TYPE_FIX_TERM", "fixed_term": 15}}}}})
}

fn with(path: &str, value: Value) -> Value {
    let mut card = card();
    let (parent, name) = path.rsplit_once('/').unwrap();
    card.pointer_mut(&format!("/card/groupon{parent}")).unwrap()[name] = value;
    card
}

fn refused(card: &Value) -> String {
    CardDraft::read(&card.to_string()).map_or_else(|flaw| flaw.to_string(), |_| "taken".to_owned())
}

fn doubted(card: &Value) -> Vec<String> {
    let text = card.to_string();
    CardDraft::read(&text).unwrap().doubts().iter().map(|flaw| flaw.field.clone()).collect()
}

#[test]
fn what_is_certainly_refused_is_named() {
    assert_eq!(refused(&card()), "taken");
    for (card, flaw) in [
        (json!({}), "card is missing"),
        (json!({"card": {}}), "card.card_type is missing"),
        (json!({"card": {"card_type": "GIFT"}}), "card.gift is missing"),
        (with("/deal_detail", json!("")), "card.groupon.deal_detail is missing"),
        (with("/base_info", Value::Null), "card.groupon.base_info is missing"),
        (with("/base_info/title", json!("")), "card.groupon.base_info.title is missing"),
        (with("/base_info/title", json!(7)), "card.groupon.base_info.title must be text"),
        (with("/base_info/sku", json!([])), "card.groupon.base_info.sku must be an object"),
        (with("/base_info/sku", json!({})), "card.groupon.base_info.sku.quantity is missing"),
        (
            with("/base_info/date_info", json!({"type": 2})),
            "card.groupon.base_info.date_info.fixed_term is missing",
        ),
    ] {
        assert_eq!(refused(&card), flaw);
    }
    assert!(refused(&json!({"card": {"card_type": "PIZZA"}})).starts_with("card.card_type must be one of"));
    assert!(CardDraft::read("{").unwrap_err().to_string().starts_with("the card is not JSON"));
}

#[test]
fn each_limit_that_is_known_for_sure_holds_at_its_edge() {
    for (name, bytes) in LONGEST {
        let path = format!("/base_info/{name}");
        assert_eq!(refused(&with(&path, json!("火".repeat(bytes / 3)))), "taken");
        let flaw = format!("card.groupon.base_info.{name} is longer than {bytes} bytes");
        assert_eq!(refused(&with(&path, json!("x".repeat(bytes + 1)))), flaw);
    }
    let stock = |quantity: u64| with("/base_info/sku", json!({ "quantity": quantity }));
    assert_eq!(refused(&stock(100_000_000)), "taken");
    assert!(refused(&stock(100_000_001)).contains("at most 100000000"));
}

#[test]
fn a_member_card_needs_its_own_fields() {
    let mut card = card();
    let content = card["card"]["groupon"].take();
    card["card"] = json!({"card_type": "MEMBER_CARD", "member_card": content});
    assert_eq!(refused(&card), "card.member_card.prerogative is missing");
    for (name, value) in [("supply_bonus", json!(false)), ("supply_balance", json!(false))] {
        card["card"]["member_card"][name] = value;
    }
    card["card"]["member_card"]["prerogative"] = json!("权".repeat(1024));
    assert_eq!(refused(&card), "taken");
    card["card"]["member_card"]["prerogative"] = json!("权".repeat(1025));
    assert_eq!(refused(&card), "card.member_card.prerogative is longer than 3072 bytes");
}

#[test]
fn what_no_source_settles_is_taken_with_a_doubt() {
    let base = |name: &str| format!("card.groupon.base_info.{name}");
    assert!(doubted(&card()).is_empty());
    for (name, most) in UNCONFIRMED {
        let path = format!("/base_info/{name}");
        assert!(doubted(&with(&path, json!("字".repeat(*most)))).is_empty());
        assert_eq!(doubted(&with(&path, json!("字".repeat(most + 1)))), [base(name)]);
    }
    for (path, value, field) in [
        ("/base_info/color", json!("#63b359"), "color"),
        ("/base_info/code_type", json!("CODE_TYPE_SMELL"), "code_type"),
        ("/base_info/sku", json!({"quantity": 0}), "sku.quantity"),
        ("/base_info/date_info", json!({"type": "NEVER"}), "date_info.type"),
        (
            "/base_info/date_info",
            json!({"type": 1, "begin_timestamp": 2, "end_timestamp": 1}),
            "date_info.end_timestamp",
        ),
    ] {
        assert_eq!(doubted(&with(path, value)), [base(field)]);
    }
}

#[test]
fn deposited_codes_begin_without_stock() {
    let mut card = with("/base_info/sku", json!({"quantity": 0}));
    card["card"]["groupon"]["base_info"]["get_custom_code_mode"] = json!("GET_CUSTOM_CODE_MODE_DEPOSIT");
    assert!(doubted(&card).is_empty());
}

#[test]
fn the_text_is_sent_as_it_is_but_for_escapes_that_wechat_refuses() {
    let text = card().to_string().replace(":5", " : 5.0e0").replace("5.0e0", "5");
    assert_eq!(CardDraft::read(&text).unwrap().body(), text);
    let escaped = text.replace("好吃", "\\u597d\\u5403");
    let draft = CardDraft::read(&escaped).unwrap();
    assert!(draft.body().contains("好吃") && !draft.body().contains("\\u"), "{}", draft.body());
}

#[test]
fn a_logo_takes_the_place_of_what_was_there() {
    let logo = |card: &Value| {
        let text = with_logo(&card.to_string(), "http://logo/").unwrap();
        parse(&text).unwrap().pointer("/card/groupon/base_info/logo_url").cloned()
    };
    assert_eq!(logo(&card()), Some("http://logo/".into()));
    assert_eq!(logo(&with("/base_info/logo_url", Value::Null)), Some("http://logo/".into()));
    let flaw = with_logo(r#"{"card":{"card_type":"GIFT","gift":{}}}"#, "x").unwrap_err();
    assert_eq!(flaw.to_string(), "card.gift.base_info is missing");
}
