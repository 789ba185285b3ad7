//! Cards and their codes (3.10 to 3.12, 3.15, 3.16, 3.20).

use serde_json::{Value, json};
use wxgate_wechat::signature;

use crate::fake_wechat::FakeWeChat;
use crate::request::Request;
use crate::support::TestGateway;

const CARD: &str = "pFS7Fjg8kV1IdDz01r4SQwMkuCKc";

/// What WeChat is asked, and that its answer comes back byte for byte.
async fn handed_on(request: &Request, path: &str, answer: &str) -> Value {
    let wechat = FakeWeChat::that_says(path, answer).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let body = gateway.send(&request.post()).await.body;
    assert_eq!(body, format!(r#"{{"retcode":200,"data":{answer},"msg":""}}"#));
    let asked = wechat.asked_once(path);
    assert_eq!(asked.url.query(), Some("access_token=app-token"));
    asked.json()
}

#[tokio::test]
async fn a_code_is_consumed() {
    let request = Request::to("consume_card_code").with("code", "0110201201245").with("card_id", CARD);
    let answer = r#"{"errcode":0, "errmsg":"ok","card":{"card_id":"pFS7Fjg8kV1IdDz01r4SQwMkuCKc"},"openid":"oFS7Fjl0WsZ9AMZqrI80nbIq8xrA"}"#;
    let asked = handed_on(&request, "/card/code/consume", answer).await;
    assert_eq!(asked, json!({"code": "0110201201245", "card_id": CARD}));
}

#[tokio::test]
async fn a_code_is_made_unusable() {
    let request = Request::to("abrogate_card_code").with("code", "12312313").with("card_id", CARD);
    let asked = handed_on(&request, "/card/code/unavailable", r#"{"errcode":0,"errmsg":"ok"}"#).await;
    assert_eq!(asked, json!({"code": "12312313", "card_id": CARD}));
}

#[tokio::test]
async fn a_code_is_decrypted() {
    let request = Request::to("decrypt_card_code").with("encrypt_code", "XXIzTtMqCxwOaawoE91+VJdsFmv7b8g0=");
    let answer = r#"{"errcode":0,"errmsg":"ok","code":"751234212312"}"#;
    let asked = handed_on(&request, "/card/code/decrypt", answer).await;
    assert_eq!(asked, json!({"encrypt_code": "XXIzTtMqCxwOaawoE91+VJdsFmv7b8g0="}));
}

#[tokio::test]
async fn a_users_cards_are_listed_of_one_kind_or_all() {
    let answer = r#"{"errcode":0,"errmsg":"ok","card_list":[{"code":"xxx1434079154","card_id":"x"}]}"#;
    let request = Request::to("get_card_list").with("open_id", "oUser");
    let of_one = request.clone().with("card_id", CARD);
    let asked = handed_on(&of_one, "/card/user/getcardlist", answer).await;
    assert_eq!(asked, json!({"openid": "oUser", "card_id": CARD}));
    let asked = handed_on(&request.with("card_id", ""), "/card/user/getcardlist", answer).await;
    assert_eq!(asked, json!({"openid": "oUser"}));
}

#[tokio::test]
async fn a_card_is_described() {
    let request = Request::to("get_card_info").with("card_id", CARD);
    let answer = r#"{"errcode":0,"errmsg":"ok","card":{"card_type":"GIFT","gift":{"n":1.50,"t":"\/值"}}}"#;
    assert_eq!(handed_on(&request, "/card/get", answer).await, json!({"card_id": CARD}));
}

#[tokio::test]
async fn wechats_refusal_comes_back_as_it_is() {
    let request = Request::to("get_card_info").with("card_id", "nonsense");
    let answer = r#"{"errcode":40073,"errmsg":"invalid card id rid: 6553f100-0c1d2e3f-55aa66bb"}"#;
    handed_on(&request, "/card/get", answer).await;
}

#[tokio::test]
async fn an_answer_that_is_no_strict_json_is_cleaned_first() {
    let wechat = FakeWeChat::that_says("/card/code/decrypt", "{\"errcode\":0,\"code\":\"7\u{1}5\"}").await;
    let gateway = TestGateway::start_against(&wechat).await;
    let request = Request::to("decrypt_card_code").with("encrypt_code", "x");
    assert_eq!(gateway.answered(&request).await, json!({"errcode": 0, "code": "75"}));
}

#[tokio::test]
async fn looking_up_is_not_remembered() {
    let wechat = FakeWeChat::that_says("/card/get", r#"{"errcode":0,"n":1}"#).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let request = Request::to("get_card_info").with("card_id", CARD);
    gateway.answered(&request).await;
    wechat.says("/card/get", r#"{"errcode":0,"n":2}"#);
    assert_eq!(gateway.answered(&request).await["n"], 2);
}

#[tokio::test]
async fn a_look_up_that_broke_took_no_effect() {
    let wechat = FakeWeChat::start().await;
    wechat.replies("/card/get", crate::fake_wechat::Reply::Breaks);
    let gateway = TestGateway::start_against(&wechat).await;
    let request = Request::to("get_card_info").with("card_id", CARD);
    gateway.refused(&request, 502, "the connection to WeChat broke; nothing took effect").await;
}

#[tokio::test]
async fn a_code_has_at_most_20_characters_and_a_card_any_number() {
    let wechat = FakeWeChat::that_says("/card/code/consume", r#"{"errcode":0}"#).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let request = Request::to("consume_card_code").with("card_id", "p".repeat(200));
    gateway.answered(&request.clone().with("code", "码".repeat(20))).await;
    gateway.refused(&request.with("code", "码".repeat(21)), 400, "code: is longer than 20 characters").await;
    let request = Request::to("abrogate_card_code").with("card_id", CARD).with("code", "1".repeat(21));
    gateway.refused(&request, 400, "code: is longer than 20 characters").await;
}

/// The signature that WeChat will compute.
fn expected_signature(data: &Value) -> String {
    let of = |name: &str| data["cardExt"][name].as_str().unwrap_or_default();
    let signed = signature::CardExt {
        timestamp: of("timestamp"),
        card_id: CARD,
        code: of("code"),
        openid: of("openid"),
        nonce_str: of("nonce_str"),
        balance: "",
    };
    signed.sign("card-ticket")
}

#[tokio::test]
async fn a_card_param_is_signed_as_wechat_checks_it() {
    let wechat = FakeWeChat::start().await;
    let gateway = TestGateway::start_against(&wechat).await;
    let plain = Request::to("generate_card_param").with("card_id", CARD).with("outer_id", 12);
    let own = plain.clone().with("code", "110201201245").with("openid", "oUser");
    for (request, fields) in [
        (plain, vec!["code", "timestamp", "nonce_str", "outer_id", "signature"]),
        (own, vec!["code", "openid", "timestamp", "nonce_str", "outer_id", "signature"]),
    ] {
        let data = gateway.answered(&request).await;
        assert_eq!(data["cardId"], CARD);
        let ext = data["cardExt"].as_object().unwrap();
        assert_eq!(ext.keys().collect::<Vec<_>>(), fields);
        assert!(ext.values().all(Value::is_string), "{data}");
        assert_eq!(ext["outer_id"], "12");
        assert_eq!(ext["timestamp"].as_str().unwrap().len(), 10);
        assert_eq!(ext["signature"], expected_signature(&data));
        assert_eq!(gateway.answered(&request).await, data);
    }
}

#[tokio::test]
async fn no_two_card_params_have_the_same_nonce() {
    let wechat = FakeWeChat::start().await;
    let gateway = TestGateway::start_against(&wechat).await;
    let request = Request::to("generate_card_param").with("card_id", CARD).with("outer_id", 12);
    let (one, other) = (gateway.answered(&request).await, gateway.answered(&request.with("n", 2)).await);
    assert_ne!(one["cardExt"]["nonce_str"], other["cardExt"]["nonce_str"]);
    wechat.asked_once("/cgi-bin/ticket/getticket");
}
