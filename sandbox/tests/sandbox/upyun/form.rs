//! Uploads by form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

use super::code;
use super::signing::today;
use crate::play::{Heard, LIMIT, Play};

const AMR: &[u8] = include_bytes!("../../../samples/voice.amr");

fn part(name: &str, filename: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{filename}\r\n\r\n");
    [head.as_bytes(), content, b"\r\n"].concat()
}

async fn post(play: &Play, policy: &Value, sign: impl Fn(&str) -> (&'static str, String)) -> Heard {
    let policy = STANDARD.encode(policy.to_string());
    let (field, signature) = sign(&policy);
    let body = [
        part("policy", "", policy.as_bytes()),
        part(field, "", signature.as_bytes()),
        part("file", "; filename=\"my.amr\"", AMR),
        b"--x--\r\n".to_vec(),
    ];
    let request = play.upyun_bare(Method::POST, "/sandbox").body(body.concat());
    play.hear(request.header("Content-Type", "multipart/form-data; boundary=x")).await
}

fn signed(policy: &str) -> (&'static str, String) {
    ("authorization", today(&["POST", "/sandbox", policy]))
}

fn policy(play: &Play) -> Value {
    let expiration = play.control().clock().now_ms / 1000 + 60;
    json!({"bucket": "sandbox", "save-key": "/{filemd5}/{filename}{.suffix}", "expiration": expiration})
}

#[tokio::test]
async fn a_form_stores_its_file_and_converts_it() {
    let play = Play::start();
    let mut policy = policy(&play);
    policy["apps"] = json!([{"name": "naga", "type": "video", "avopts": "/f/mp3", "save_as": "/my.mp3"}]);
    let answer = post(&play, &policy, signed).await.json();
    assert_eq!((&answer["code"], &answer["file_size"]), (&json!(200), &json!(AMR.len())));
    assert_eq!(play.control().upyun_object(answer["url"].as_str().unwrap()).unwrap(), AMR);

    let done = |control: &wxgate_sandbox::Control| control.upyun_object("/my.mp3").is_some();
    assert!(play.control().until(LIMIT, done).await);
    assert_eq!(answer["task_ids"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_old_signature_of_forms_is_taken() {
    use md5::{Digest, Md5};
    let play = Play::start();
    let old = |policy: &str| ("signature", hex::encode(Md5::digest(format!("{policy}&sandbox-form-key"))));
    assert_eq!(post(&play, &policy(&play), old).await.status, 200);
}

#[tokio::test]
async fn a_form_that_is_not_right_is_refused_and_nothing_stored() {
    let play = Play::start();
    let changes = [
        ("bucket", Value::Null, 40_000_003),
        ("bucket", json!("other"), 40_000_036),
        ("expiration", Value::Null, 40_000_004),
        ("expiration", json!("7"), 40_300_006),
        ("save-key", Value::Null, 40_000_001),
        ("content-md5", json!("900150983cd24fb0d6963f7d28e17f72"), 40_100_005),
        ("content-length-range", json!("0,10"), 40_300_009),
        ("content-length-range", json!("100000,200000"), 40_300_008),
        ("allow-file-type", json!("jpg,png"), 40_300_010),
        ("apps", json!([]), 40_010_003),
        ("apps", json!([{"name": "spiderman", "type": "audio"}]), 40_011_050),
    ];
    for (name, value, expected) in changes {
        let mut policy = policy(&play);
        policy[name] = value;
        assert_eq!(code(&post(&play, &policy, signed).await), expected, "{policy}");
    }
    let forged = |_: &str| ("authorization", today(&["POST", "/sandbox", "another policy"]));
    assert_eq!(code(&post(&play, &policy(&play), forged).await), 40_100_005);
    assert_eq!(play.control().upyun_objects(), []);
}
