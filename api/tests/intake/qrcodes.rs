//! QR codes that lead to the account (3.19).

use serde_json::{Value, json};

use crate::fake_wechat::FakeWeChat;
use crate::request::Request;
use crate::support::TestGateway;

const CREATE: &str = "/cgi-bin/qrcode/create";
const TEMPORARY: &str =
    r#"{"ticket":"gQH8+A==","expire_seconds":1800,"url":"http:\/\/weixin.qq.com\/q\/BHWya","x":{"y":{}}}"#;

fn qrcode(kind: &str, scene: &str, expire: &str) -> Request {
    let request = Request::to("generate_qrcode").with("qrcode_type", kind);
    request.with("scene_id", scene).with("expire_seconds", expire)
}

#[tokio::test]
async fn wechats_answer_gains_what_the_document_promises() {
    let wechat = FakeWeChat::that_says(CREATE, TEMPORARY).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let request = qrcode("QR_SCENE", "123", "1800");
    let body = gateway.send(&request.post()).await.body;
    let members = TEMPORARY.strip_prefix('{').unwrap().strip_suffix('}').unwrap();
    let picture = format!("{}cgi-bin/showqrcode?ticket=gQH8%2BA%3D%3D", wechat.base());
    let data = format!(r#"{{"errcode":0,"errmsg":"ok",{members},"show_qrcode_url":"{picture}"}}"#);
    assert_eq!(body, format!(r#"{{"retcode":200,"data":{data},"msg":""}}"#));
    assert_eq!(gateway.send(&request.post()).await.body, body);
    wechat.asked_once(CREATE);
}

#[tokio::test]
async fn each_kind_asks_for_its_own_scene_and_life() {
    let number = |action: &str, scene: u64| json!({"action_name": action, "action_info": {"scene": {"scene_id": scene}}});
    let text = |action: &str, scene: &str| json!({"action_name": action, "action_info": {"scene": {"scene_str": scene}}});
    let lasting = |seconds: u64, mut asked: Value| {
        asked["expire_seconds"] = seconds.into();
        asked
    };
    for (request, asked) in [
        (qrcode("QR_SCENE", "123", "604800"), lasting(604_800, number("QR_SCENE", 123))),
        (qrcode("QR_STR_SCENE", "till-7", "60"), lasting(60, text("QR_STR_SCENE", "till-7"))),
        (qrcode("QR_STR_SCENE", "", "60"), lasting(60, text("QR_STR_SCENE", "0"))),
        (qrcode("QR_LIMIT_SCENE", "100000", ""), number("QR_LIMIT_SCENE", 100_000)),
        (qrcode("QR_LIMIT_SCENE", "1", "1800"), number("QR_LIMIT_SCENE", 1)),
        (qrcode("QR_LIMIT_SCENE", "", ""), number("QR_LIMIT_SCENE", 0)),
        (qrcode("QR_SCENE", "4294967295", "60"), lasting(60, number("QR_SCENE", 4_294_967_295))),
        (qrcode("QR_LIMIT_STR_SCENE", &"景".repeat(64), ""), text("QR_LIMIT_STR_SCENE", &"景".repeat(64))),
        (qrcode("QR_LIMIT_STR_SCENE", "123", ""), text("QR_LIMIT_STR_SCENE", "123")),
    ] {
        let wechat = FakeWeChat::that_says(CREATE, r#"{"ticket":"t","url":"u"}"#).await;
        TestGateway::start_against(&wechat).await.answered(&request).await;
        assert_eq!(wechat.asked_once(CREATE).json(), asked);
    }
}

#[tokio::test]
async fn a_refusal_of_wechats_gains_nothing() {
    let wechat =
        FakeWeChat::that_says(CREATE, r#"{"errcode":45029,"errmsg":"qrcode count out of limit"}"#).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let data = gateway.answered(&qrcode("QR_LIMIT_SCENE", "1", "")).await;
    assert_eq!(data, json!({"errcode": 45029, "errmsg": "qrcode count out of limit"}));
}

#[tokio::test]
async fn a_verdict_of_wechats_own_is_not_doubled() {
    let wechat = FakeWeChat::that_says(CREATE, r#"{"errcode":0,"errmsg":"ok","ticket":"t"}"#).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let body = gateway.send(&qrcode("QR_LIMIT_SCENE", "1", "").post()).await.body;
    assert!(body.contains(r#""data":{"errcode":0,"errmsg":"ok","ticket":"t","show_qrcode_url":"#), "{body}");
    assert_eq!(body.matches("errcode").count(), 1);
}

#[tokio::test]
async fn a_qr_code_that_cannot_be_is_refused() {
    let gateway = TestGateway::start().await;
    for (request, retcode, why) in [
        (qrcode("QR_SCENE", "0", "60"), 400, "scene_id: must not be 0"),
        (qrcode("QR_SCENE", "", "60"), 400, "scene_id: must not be 0"),
        (qrcode("QR_SCENE", "till-7", "60"), 400, "scene_id: must be a whole number"),
        (qrcode("QR_LIMIT_SCENE", "till-7", ""), 400, "scene_id: must be a whole number"),
        (qrcode("QR_SCENE", "4294967296", "60"), 400, "scene_id: must be at most 4294967295"),
        (qrcode("QR_LIMIT_SCENE", "100001", ""), 400, "scene_id: must be at most 100000"),
        (qrcode("QR_STR_SCENE", &"x".repeat(65), "60"), 400, "scene_id: is longer than 64 characters"),
        (qrcode("QR_CARD", "1", "60"), 400, "qrcode_type: must be"),
        (qrcode("QR_SCENE", "1", "soon"), 400, "expire_seconds: must be"),
        (qrcode("QR_SCENE", "1", ""), 102, "'expire_seconds'"),
        (qrcode("QR_STR_SCENE", "a", " "), 102, "'expire_seconds'"),
        (qrcode("QR_LIMIT_SCENE", "1", "").without("expire_seconds"), 102, "'expire_seconds'"),
        (qrcode("QR_LIMIT_SCENE", "1", "").without("scene_id"), 102, "'scene_id'"),
    ] {
        gateway.refused(&request, retcode, why).await;
    }
}
