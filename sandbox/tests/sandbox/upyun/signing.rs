//! Who may call: the signatures are made here once more.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use reqwest::Method;
use sha1::Sha1;

use super::code;
use crate::play::{Heard, Play};
use crate::receiver::Came;

const HALF_AN_HOUR_S: i64 = 1_800;

fn md5_hex(text: &str) -> String {
    hex::encode(Md5::digest(text))
}

fn password() -> String {
    md5_hex("sandbox-password")
}

pub fn today(parts: &[&str]) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(password().as_bytes()).unwrap();
    mac.update(parts.join("&").as_bytes());
    format!("UPYUN sandbox:{}", STANDARD.encode(mac.finalize().into_bytes()))
}

impl Came {
    /// Whether Upyun's signature is right, and that of this body.
    pub fn is_signed_by_upyun(&self) -> bool {
        let md5 = md5_hex(&self.body);
        let right = today(&["POST", &self.path, &self.headers["date"], &md5]);
        self.headers["content-md5"] == md5 && self.headers["authorization"] == right
    }
}

/// The date so many seconds from now, by the sandbox's clock.
fn date(play: &Play, ahead_s: i64) -> String {
    let second = u64::try_from(play.control().clock().now_ms / 1000 + ahead_s).unwrap();
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + std::time::Duration::from_secs(second))
}

async fn get(play: &Play, path: &str, headers: &[(&str, &str)]) -> Heard {
    let request = play.upyun_bare(Method::GET, path);
    play.hear(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

#[tokio::test]
async fn todays_signature_is_taken_with_and_without_the_query() {
    let play = Play::start();
    let date = date(&play, 0);
    for header in ["Date", "X-Date"] {
        for uri in ["/sandbox/?usage", "/sandbox/"] {
            let signature = today(&["GET", uri, &date]);
            let heard =
                get(&play, "/sandbox/?usage", &[("Authorization", &signature), (header, &date)]).await;
            assert_eq!((heard.status, heard.body.as_slice()), (200, b"0".as_slice()), "{header} {uri}");
        }
    }
}

#[tokio::test]
async fn a_content_md5_must_be_signed() {
    let play = Play::start();
    let (date, md5) = (date(&play, 0), md5_hex("abc"));
    for (parts, status) in
        [(vec!["PUT", "/sandbox/a", &date], 401), (vec!["PUT", "/sandbox/a", &date, &md5], 200)]
    {
        let put = play.upyun_bare(Method::PUT, "/sandbox/a").header("Authorization", today(&parts));
        let put = put.header("Date", &date).header("Content-MD5", &md5).body("abc");
        assert_eq!(play.hear(put).await.status, status);
    }
}

#[tokio::test]
async fn the_old_signatures_are_taken_too() {
    let play = Play::start();
    let date = date(&play, 0);
    let put = md5_hex(&format!("PUT&/sandbox/a&{date}&3&{}", password()));
    let put =
        play.upyun_bare(Method::PUT, "/sandbox/a").header("Authorization", format!("UpYun sandbox:{put}"));
    assert_eq!(play.hear(put.header("Date", &date).body("abc")).await.status, 200);

    let status = md5_hex(&format!("sandboxbucket_namesandboxtask_idsx,y{}", password()));
    let path = "/status?task_ids=x%2Cy&bucket_name=sandbox";
    let status = get(&play, path, &[("Authorization", &format!("UPYUN sandbox:{status}"))]).await;
    assert_eq!(status.json()["tasks"], serde_json::json!({"x": null, "y": null}));
}

#[tokio::test]
async fn whoever_may_not_call_is_told_why() {
    let play = Play::start();
    let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
    let now = date(&play, 0);
    let right = today(&["GET", "/sandbox/", &now]);
    let other = today(&["GET", "/other/", &now]);
    let (late, early) = (date(&play, -HALF_AN_HOUR_S - 60), date(&play, HALF_AN_HOUR_S + 60));
    let cases = [
        ("/sandbox/", vec![], 40_100_004),
        ("/sandbox/", vec![("Authorization", "Bearer x")], 40_100_003),
        ("/sandbox/", vec![("Authorization", &right)], 40_100_001),
        ("/sandbox/", vec![("Authorization", &right), ("Date", "yesterday")], 40_100_016),
        ("/sandbox/", vec![("Authorization", &right), ("Date", &late)], 40_100_002),
        ("/sandbox/", vec![("Authorization", &right), ("Date", &early)], 40_100_002),
        ("/sandbox/x", vec![("Authorization", &right), ("Date", &now)], 40_100_005),
        ("/sandbox/", vec![("Authorization", "UPYUN nobody:x"), ("Date", &now)], 40_100_006),
        ("/other/", vec![("Authorization", &other), ("Date", &now)], 40_100_012),
    ];
    for (path, headers, expected) in cases {
        assert_eq!(code(&get(&play, path, &headers).await), expected, "{path} {headers:?}");
    }
    for (pair, expected) in [("sandbox:wrong", 40_100_009), ("nobody:sandbox-password", 40_100_006)] {
        let refused = get(&play, "/sandbox/", &[("Authorization", &basic(pair))]).await;
        assert_eq!(code(&refused), expected, "{pair}");
    }
}

#[tokio::test]
async fn a_date_is_judged_by_the_sandboxs_clock() {
    let play = Play::start();
    let date = date(&play, 0);
    let signature = today(&["GET", "/sandbox/", &date]);
    let headers = [("Authorization", signature.as_str()), ("Date", date.as_str())];
    play.pass_s(1_790);
    assert_eq!(get(&play, "/sandbox/", &headers).await.status, 200);
    play.pass_s(60);
    assert_eq!(code(&get(&play, "/sandbox/", &headers).await), 40_100_002);
}
