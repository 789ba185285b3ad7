//! Downloads of media.

use std::time::Duration;

use crate::support::{APP, Reply, World, again, all_words, assert_no_secret, json, soon};
use tokio::time::Instant;
use wxgate_job::Outcome;
use wxgate_wechat::{CallError, MediaAnswer, MediaBody, Quality, WeChatError};

const GET: &str = "/cgi-bin/media/get";
const ORIGINAL: &str = "/cgi-bin/media/get/jssdk";
const AS_JPEG: &str =
    "Content-Type: image/jpeg\r\nContent-disposition: attachment; filename=\"MEDIA_ID.jpg\"\r\n";

impl World {
    async fn download(&self, deadline: Instant) -> Result<MediaAnswer, WeChatError> {
        self.wechat.download_media(APP, "MEDIA&ID", Quality::Standard, deadline).await
    }

    /// Downloads what WeChat answers so.
    async fn downloaded(&self, reply: Reply) -> Result<MediaAnswer, WeChatError> {
        self.fake.next_reply(GET, reply);
        self.download(soon()).await
    }
}

fn body(answer: MediaAnswer) -> MediaBody {
    match answer {
        MediaAnswer::Bytes(body) => body,
        MediaAnswer::Video { url } => panic!("no video is there: {url}"),
    }
}

async fn read(mut body: MediaBody) -> Result<Vec<u8>, CallError> {
    let mut whole = Vec::new();
    while let Some(piece) = body.chunk().await? {
        whole.extend_from_slice(&piece);
    }
    Ok(whole)
}

#[tokio::test]
async fn a_file_comes_whole_with_its_type_name_and_length() {
    let world = World::start().await;
    let picture: Vec<u8> = (0..1_000_000_u32).map(|n| n.to_le_bytes()[n as usize % 4]).collect();

    let answer = world.downloaded(Reply::File { headers: AS_JPEG, body: picture.clone() }).await.unwrap();

    let body = body(answer);
    assert_eq!(body.content_type(), Some("image/jpeg"));
    assert_eq!(body.file_name(), Some("MEDIA_ID.jpg"));
    assert_eq!(body.content_length(), Some(1_000_000));
    assert_no_secret(&format!("{body:?}"));
    assert!(read(body).await.unwrap() == picture, "every byte is as sent");
    let [request] = &world.server.received(GET)[..] else { panic!("one request is sent") };
    assert_eq!((request.method.as_str(), request.query("media_id").as_deref()), ("GET", Some("MEDIA&ID")));
}

#[tokio::test]
async fn a_recording_in_its_original_quality_has_its_own_interface() {
    let world = World::start().await;
    let headers = "Content-Type: voice/speex\r\nContent-disposition: attachment; filename=\"V.speex\"\r\n";
    world.fake.next_reply(ORIGINAL, Reply::File { headers, body: b"Speex".to_vec() });

    let answer = world.wechat.download_media(APP, "V", Quality::Original, soon()).await.unwrap();

    let body = body(answer);
    assert_eq!((body.content_type(), body.file_name()), (Some("voice/speex"), Some("V.speex")));
    assert_eq!(read(body).await.unwrap(), b"Speex");
    assert!(world.server.received(GET).is_empty());
}

#[tokio::test]
async fn a_video_is_answered_by_its_address() {
    let world = World::start().await;
    let answer = world.downloaded(json(r#"{"video_url":"http:\/\/video.example\/v.mp4"}"#)).await.unwrap();
    assert!(matches!(answer, MediaAnswer::Video { url } if url == "http://video.example/v.mp4"));
}

#[tokio::test]
async fn a_refusal_is_one_whatever_content_type_it_comes_with() {
    let refusal = br#"{"errcode":40007,"errmsg":"invalid media_id rid: 65-0c-55"}"#;
    for content_type in ["application/json", "text/plain", "image/jpeg"] {
        let world = World::start().await;
        let reply = Reply::Whole { status: 200, content_type, body: refusal.to_vec() };

        let error = world.downloaded(reply).await.unwrap_err();

        assert_no_secret(&all_words(&error));
        let Outcome::GiveUp(failure) = error.into() else { panic!("the media is gone for good") };
        assert_eq!((failure.code.as_str(), failure.errcode), ("wechat", Some(40007)));
        assert!(failure.message.contains("expired"), "{}", failure.message);
    }
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_and_the_file_comes() {
    for errcode in [40001, 40014, 42001] {
        let world = World::start().await;
        world.fake.next_reply(GET, json(&format!(r#"{{"errcode":{errcode},"errmsg":"no"}}"#)));

        let answer = world.downloaded(Reply::File { headers: AS_JPEG, body: b"JFIF".to_vec() }).await;

        assert_eq!(read(body(answer.unwrap())).await.unwrap(), b"JFIF");
        assert_eq!((world.fake.issued(), world.server.received(GET).len()), (2, 2));
    }
}

#[tokio::test]
async fn an_attachment_is_a_file_even_when_it_begins_like_json() {
    let world = World::start().await;
    let file = br#"{"errcode":40001}"#.to_vec();
    let answer = world.downloaded(Reply::File { headers: AS_JPEG, body: file.clone() }).await.unwrap();
    assert_eq!(read(body(answer)).await.unwrap(), file);
}

#[tokio::test]
async fn a_file_that_is_no_attachment_still_comes_from_its_first_byte() {
    let world = World::start().await;
    let headers = "Content-Type: audio/amr\r\n";
    let answer = world.downloaded(Reply::File { headers, body: b"#!AMR\n<{".to_vec() }).await.unwrap();
    let body = body(answer);
    assert_eq!(body.file_name(), None);
    assert_eq!(read(body).await.unwrap(), b"#!AMR\n<{");
}

#[tokio::test]
async fn what_is_neither_file_nor_verdict_is_unreadable() {
    for nothing in ["", "  ", "<html>busy</html>", "{", r#"{"errcode":0,"errmsg":"ok"}"#] {
        let world = World::start().await;
        let error = world.downloaded(json(nothing)).await.unwrap_err();
        assert!(matches!(error, WeChatError::Call(CallError::Unreadable)), "{nothing}: {error:?}");
    }
}

#[tokio::test]
async fn somebody_on_the_way_who_answers_is_told_from_wechat() {
    let world = World::start().await;
    let reply = Reply::Whole { status: 502, content_type: "image/jpeg", body: b"JFIF".to_vec() };
    let error = world.downloaded(reply).await.unwrap_err();
    assert_eq!(again(&error.into()).0, "http_status");
}

#[tokio::test]
async fn a_file_that_stops_half_way_is_given_up_at_the_deadline() {
    let world = World::start().await;
    world.wechat.tokens().token(&wxgate_token::TokenKey::access(APP)).await.unwrap();
    world.fake.next_reply(GET, Reply::Stall("GIF89a and then no more"));
    let deadline = Instant::now() + Duration::from_millis(500);

    let mut body = body(world.download(deadline).await.unwrap());

    assert_eq!(body.chunk().await.unwrap().as_deref(), Some(&b"GIF89a and "[..]));
    assert!(matches!(body.chunk().await, Err(CallError::TimedOut)));
    assert!(Instant::now() >= deadline);
}

#[tokio::test]
async fn a_file_whose_connection_breaks_is_no_shorter_file() {
    let world = World::start().await;
    let answer = world.downloaded(Reply::Half("GIF89a and then no more")).await.unwrap();

    let error = read(body(answer)).await.unwrap_err();

    assert!(matches!(error, CallError::Broken(_)), "{error:?}");
    assert_no_secret(&all_words(&error));
}
