//! Parametric QR codes and their pictures.

use serde_json::{Value, json};
use wxgate_sandbox::APP_ID;

use crate::play::Play;

const CREATE: &str = "/cgi-bin/qrcode/create";

fn request(action: &str, scene: &Value) -> Value {
    json!({"action_name": action, "action_info": {"scene": scene}})
}

#[tokio::test]
async fn a_temporary_code_says_how_long_it_lives_and_a_permanent_one_does_not() {
    let play = Play::start();
    let token = play.token().await;
    let mut temporary = request("QR_STR_SCENE", &json!({"scene_str": "till-7"}));
    temporary["expire_seconds"] = 604_800.into();
    let made = play.call(CREATE, &token, &temporary).await.json();
    assert_eq!(made["expire_seconds"], 604_800);
    assert!(
        made.get("errcode").is_none() && made["url"].as_str().unwrap().starts_with("http://weixin.qq.com/q/")
    );

    let permanent = request("QR_LIMIT_SCENE", &json!({"scene_id": 123}));
    let made = play.call(CREATE, &token, &permanent).await.json();
    assert!(made.get("expire_seconds").is_none(), "{made}");

    let kept = play.control().qr_codes(Some(APP_ID), 9);
    assert_eq!(kept[0].action_info, json!({"scene": {"scene_str": "till-7"}}));
    assert_eq!((kept[1].action_name.as_str(), kept[1].expires_ms), ("QR_LIMIT_SCENE", None));
}

#[tokio::test]
async fn each_bad_request_has_its_errcode() {
    let play = Play::start();
    let token = play.token().await;
    let requests = [
        (request("QR_NONE", &json!({"scene_id": 1})), 40052),
        (request("QR_SCENE", &json!({"scene_id": 0})), 40053),
        (json!({"action_name": "QR_SCENE"}), 40053),
        (json!([]), 47001),
    ];
    for (request, errcode) in requests {
        assert_eq!(play.call(CREATE, &token, &request).await.errcode(), errcode, "{request}");
    }
}

#[tokio::test]
async fn a_ticket_shows_a_picture_until_it_expires() {
    let play = Play::start();
    let request = request("QR_SCENE", &json!({"scene_id": 1}));
    let made = play.call(CREATE, &play.token().await, &request).await.json();
    let ticket = made["ticket"].as_str().unwrap().replace('=', "%3D");
    let show = || play.hear(play.get(&format!("/cgi-bin/showqrcode?ticket={ticket}")));

    let picture = show().await;
    assert_eq!((picture.status, picture.content_type.as_str()), (200, "image/jpg"));
    assert!(picture.body.starts_with(&[0xff, 0xd8, 0xff]) && picture.body.ends_with(&[0xff, 0xd9]));
    play.pass_s(60);
    assert_eq!(show().await.status, 404);
    assert_eq!(play.hear(play.get("/cgi-bin/showqrcode?ticket=gQnone%3D%3D")).await.status, 404);
}
