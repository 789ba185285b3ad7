//! Uploads in parts.

use reqwest::{Method, Response};

use super::code;
use crate::play::{Heard, Play};

const PART: usize = 1 << 20;

/// One stage of an upload to `/sandbox/film`.
async fn stage(play: &Play, stage: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Response {
    let request = play.upyun(Method::PUT, "/sandbox/film").header("x-upyun-multi-stage", stage);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.header("Content-Length", body.len()).body(body).send().await.unwrap()
}

async fn begin(play: &Play, length: usize, disorder: &str) -> String {
    let length = length.to_string();
    let headers = [("x-upyun-multi-length", length.as_str()), ("x-upyun-multi-disorder", disorder)];
    let begun = stage(play, "initiate", &headers, Vec::new()).await;
    assert_eq!(
        (begun.status().as_u16(), &begun.headers()["x-upyun-next-part-id"]),
        (204, &"0".parse().unwrap())
    );
    begun.headers()["x-upyun-multi-uuid"].to_str().unwrap().to_owned()
}

async fn part(play: &Play, uuid: &str, number: &str, body: Vec<u8>) -> Response {
    stage(play, "upload", &[("x-upyun-multi-uuid", uuid), ("x-upyun-part-id", number)], body).await
}

fn next(answer: &Response) -> &str {
    answer.headers()["x-upyun-next-part-id"].to_str().unwrap()
}

#[tokio::test]
async fn a_file_is_there_when_its_last_stage_is_over_and_not_before() {
    let play = Play::start();
    let uuid = begin(&play, PART + 3, "true").await;
    assert_eq!(next(&part(&play, &uuid, "1", b"end".to_vec()).await), "0");
    assert_eq!(next(&part(&play, &uuid, "0", vec![1; PART]).await), "-1");
    assert_eq!(play.control().upyun_objects(), []);

    let whole = stage(&play, "complete", &[("x-upyun-multi-uuid", &uuid)], Vec::new()).await;
    assert_eq!(whole.status(), 201);
    let stored = play.control().upyun_object("/film").unwrap();
    assert_eq!((stored.len(), &stored[PART..]), (PART + 3, b"end".as_slice()));
    assert_eq!(play.control().upyun().held_bytes, (PART + 3) as u64);
}

#[tokio::test]
async fn a_stage_out_of_place_is_refused() {
    let play = Play::start();
    let uuid = begin(&play, PART + 3, "false").await;
    let complete = stage(&play, "complete", &[("x-upyun-multi-uuid", &uuid)], Vec::new()).await;
    assert_eq!(code(&Heard::read(complete).await), 40_001_037);
    for (uuid, number, bytes, expected) in [
        (uuid.as_str(), "1", 3, 40_001_030),
        (&uuid, "0", PART + 1, 40_001_032),
        ("no-such-upload", "0", 3, 40_001_035),
        (&uuid, "first", 3, 40_001_030),
    ] {
        let refused = part(&play, uuid, number, vec![1; bytes]).await;
        assert_eq!(code(&Heard::read(refused).await), expected, "{number} {bytes}");
    }
    part(&play, &uuid, "0", vec![1; PART]).await;
    assert_eq!(code(&Heard::read(part(&play, &uuid, "0", vec![1; 3]).await).await), 40_001_031);
}

#[tokio::test]
async fn an_upload_can_be_cancelled_and_lapses_after_a_day() {
    let play = Play::start();
    let uuid = begin(&play, 3, "true").await;
    part(&play, &uuid, "0", b"abc".to_vec()).await;
    let cancel = play.upyun(Method::DELETE, "/sandbox/film").header("x-upyun-multi-uuid", &uuid);
    assert_eq!(play.hear(cancel).await.status, 200);
    assert_eq!(play.control().upyun().held_bytes, 0);

    let uuid = begin(&play, 3, "true").await;
    play.pass_s(86_400);
    begin(&play, 3, "true").await;
    let lapsed = Heard::read(part(&play, &uuid, "0", b"abc".to_vec()).await).await;
    assert_eq!(code(&lapsed), 40_001_035);
}
