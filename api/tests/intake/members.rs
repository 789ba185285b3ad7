//! Member cards (3.13, 3.14).

use serde_json::json;

use crate::fake_wechat::FakeWeChat;
use crate::request::Request;
use crate::support::TestGateway;

const ACTIVATE: &str = "/card/membercard/activate";
const UPDATE: &str = "/card/membercard/updateuser";
const OK: &str = r#"{"errcode":0,"errmsg":"ok"}"#;

fn activate() -> Request {
    Request::to("membercard_active")
        .with("membership_number", "0357898858")
        .with("code", "013123123")
        .with("card_id", "pCard")
        .with("init_balance", "")
}

fn update() -> Request {
    Request::to("membercard_update").with("code", "013123123").with("card_id", "pCard")
}

#[tokio::test]
async fn a_member_card_is_activated_with_numbers_where_wechat_wants_them() {
    let wechat = FakeWeChat::that_says(ACTIVATE, OK).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let request = activate()
        .with("init_bonus", "100")
        .with("init_balance", "2000")
        .with("init_custom_field_value1", "白金")
        .with("activate_begin_time", "1700000000")
        .with("activate_end_time", "1800000000");
    assert_eq!(gateway.answered(&request).await, json!({"errcode": 0, "errmsg": "ok"}));
    let asked = json!({
        "membership_number": "0357898858",
        "code": "013123123",
        "card_id": "pCard",
        "init_bonus": 100,
        "init_balance": 2000,
        "init_custom_field_value1": "白金",
        "activate_begin_time": 1_700_000_000,
        "activate_end_time": 1_800_000_000,
    });
    assert_eq!(wechat.asked_once(ACTIVATE).json(), asked);
}

#[tokio::test]
async fn what_is_blank_is_left_to_wechat() {
    let wechat = FakeWeChat::that_says(ACTIVATE, OK).await;
    let gateway = TestGateway::start_against(&wechat).await;
    gateway.answered(&activate()).await;
    let asked = json!({"membership_number": "0357898858", "code": "013123123", "card_id": "pCard"});
    assert_eq!(wechat.asked_once(ACTIVATE).json(), asked);
    gateway.refused(&activate().without("init_balance"), 102, "'init_balance'").await;
}

#[tokio::test]
async fn a_member_is_changed_by_differences_and_totals() {
    let answer = r#"{"errcode":0,"errmsg":"ok","result_bonus":100,"result_balance":200,"openid":"oFS7Fjl0WsZ9AMZqrI80nbIq8xrA"}"#;
    let wechat = FakeWeChat::that_says(UPDATE, answer).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let request = update()
        .with("add_bonus", "-30")
        .with("bonus", "3000")
        .with("add_balance", "-40")
        .with("balance", "0")
        .with("record_bonus", "消费30元，获得3积分")
        .with("record_balance", "购买焦糖玛琪朵一杯")
        .with("custom_field_value3", "四个汉字");
    let body = gateway.send(&request.post()).await.body;
    assert_eq!(body, format!(r#"{{"retcode":200,"data":{answer},"msg":""}}"#));
    let asked = r#"{"code":"013123123","card_id":"pCard","add_bonus":-30,"add_balance":-40,"bonus":3000,"balance":0,"record_bonus":"消费30元，获得3积分","record_balance":"购买焦糖玛琪朵一杯","custom_field_value3":"四个汉字"}"#;
    assert_eq!(wechat.asked_once(UPDATE).body, asked);
}

#[tokio::test]
async fn what_is_no_whole_number_is_for_wechat_to_judge() {
    let wechat = FakeWeChat::that_says(ACTIVATE, OK).await;
    wechat.says(UPDATE, OK);
    let gateway = TestGateway::start_against(&wechat).await;
    let request = activate()
        .with("init_bonus", "1.5")
        .with("init_balance", "二十")
        .with("activate_begin_time", "2030-01-01")
        .with("activate_end_time", "-1");
    gateway.answered(&request).await;
    let asked = wechat.asked_once(ACTIVATE).json();
    let names = ["init_bonus", "init_balance", "activate_begin_time", "activate_end_time"];
    let sent = names.map(|name| asked[name].clone());
    assert_eq!(sent, [json!(1.5), json!("二十"), json!("2030-01-01"), json!(-1)]);

    let request = update()
        .with("add_bonus", "five")
        .with("add_balance", "-0.5")
        .with("bonus", "x")
        .with("balance", "1");
    gateway.answered(&request).await;
    let asked = wechat.asked_once(UPDATE).json();
    let sent = ["add_bonus", "add_balance", "bonus", "balance"].map(|name| asked[name].clone());
    assert_eq!(sent, [json!("five"), json!(-0.5), json!("x"), json!(1)]);
}

#[tokio::test]
async fn the_named_limits_are_checked() {
    let gateway = TestGateway::start().await;
    let (long, field, record) = ("1".repeat(21), "四个汉字!", "字".repeat(14) + "!");
    for (request, name, value, why) in [
        (activate(), "membership_number", &*long, "is longer than 20 characters"),
        (activate(), "code", &long, "is longer than 20 characters"),
        (update(), "code", &long, "is longer than 20 characters"),
        (activate(), "init_custom_field_value1", field, "is longer than 12 bytes"),
        (activate(), "init_custom_field_value2", field, "is longer than 12 bytes"),
        (activate(), "init_custom_field_value3", field, "is longer than 12 bytes"),
        (update(), "custom_field_value1", field, "is longer than 12 bytes"),
        (update(), "custom_field_value2", field, "is longer than 12 bytes"),
        (update(), "custom_field_value3", field, "is longer than 12 bytes"),
        (update(), "record_bonus", &record, "is longer than 42 bytes"),
        (update(), "record_balance", &record, "is longer than 42 bytes"),
    ] {
        gateway.refused(&request.with(name, value), 400, &format!("{name}: {why}")).await;
    }
}
