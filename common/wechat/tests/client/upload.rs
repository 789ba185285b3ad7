//! Uploads of media.

use crate::support::{APP, World, json, soon};
use bytes::Bytes;
use wxgate_wechat::{MediaKind, UnfitFile, UploadError, UploadFile, Uploaded, WeChatError};

const UPLOAD: &str = "/cgi-bin/media/upload";
const UPLOAD_IMAGE: &str = "/cgi-bin/media/uploadimg";
const TAKEN: &str = r#"{"type":"image","media_id":"M1","created_at":1700000000}"#;

fn file<'a>(name: &'a str, content_type: &'a str, length: usize) -> UploadFile<'a> {
    UploadFile { name, content_type, bytes: vec![7; length].into() }
}

fn jpeg() -> UploadFile<'static> {
    let bytes = Bytes::from_static(b"\xff\xd8\xff\xe0--\r\n\0JFIF");
    UploadFile { name: "a photo.JPEG", content_type: "image/jpeg; q=1", bytes }
}

/// The one part of a form, as head and content.
fn part<'a>(content_type: &str, body: &'a [u8]) -> (String, &'a [u8]) {
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    let body = body.strip_prefix(format!("--{boundary}\r\n").as_bytes()).unwrap();
    let body = body.strip_suffix(format!("\r\n--{boundary}--\r\n").as_bytes()).unwrap();
    let end = body.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    (String::from_utf8(body[..end].to_vec()).unwrap(), &body[end + 4..])
}

#[tokio::test]
async fn a_file_is_sent_as_a_form_whose_headers_nobody_else_writes() {
    let world = World::start().await;
    world.fake.next_reply(UPLOAD, json(TAKEN));
    let hostile = UploadFile { name: "a\"\r\nX-Evil: 1\r\n.jpg", ..jpeg() };

    let uploaded = world.wechat.upload_media(APP, MediaKind::Image, &hostile, soon()).await.unwrap();

    let expected = Uploaded { media_id: "M1".to_owned(), created_at: Some(1_700_000_000) };
    assert_eq!(uploaded, expected);
    let [request] = &world.server.received(UPLOAD)[..] else { panic!("one request is sent") };
    assert_eq!((request.method.as_str(), request.query("type").as_deref()), ("POST", Some("image")));
    let (head, content) = part(request.content_type.as_deref().unwrap(), &request.body);
    assert_eq!(
        head.to_ascii_lowercase(),
        "content-disposition: form-data; name=\"media\"; filename=\"media.jpg\"\r\ncontent-type: image/jpeg"
    );
    assert_eq!(content, &jpeg().bytes[..]);
}

#[tokio::test]
async fn a_thumbnail_may_come_back_under_its_own_name() {
    let world = World::start().await;
    world.fake.next_reply(UPLOAD, json(r#"{"type":"thumb","thumb_media_id":"T1","created_at":"17"}"#));

    let uploaded = world.wechat.upload_media(APP, MediaKind::Thumb, &jpeg(), soon()).await.unwrap();

    assert_eq!(uploaded, Uploaded { media_id: "T1".to_owned(), created_at: Some(17) });
}

#[tokio::test]
async fn a_picture_for_cards_has_an_address() {
    let world = World::start().await;
    world.fake.next_reply(UPLOAD_IMAGE, json(r#"{"url":"http://mmbiz.qpic.cn/mmbiz_jpg/INVENTED/0"}"#));

    let url = world.wechat.upload_image(APP, &jpeg(), soon()).await.unwrap();

    assert_eq!(url, "http://mmbiz.qpic.cn/mmbiz_jpg/INVENTED/0");
    let [request] = &world.server.received(UPLOAD_IMAGE)[..] else { panic!("one request is sent") };
    assert_eq!(part(request.content_type.as_deref().unwrap(), &request.body).1, &jpeg().bytes[..]);
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_and_the_file_sent_again_whole() {
    let world = World::start().await;
    world.fake.next_reply(UPLOAD, json(r#"{"errcode":42001,"errmsg":"access_token expired"}"#));
    world.fake.next_reply(UPLOAD, json(TAKEN));

    world.wechat.upload_media(APP, MediaKind::Image, &jpeg(), soon()).await.unwrap();

    let [_, again] = &world.server.received(UPLOAD)[..] else { panic!("two requests are sent") };
    assert_eq!(part(again.content_type.as_deref().unwrap(), &again.body).1, &jpeg().bytes[..]);
}

#[tokio::test]
async fn what_wechat_refuses_all_the_same_is_a_refusal() {
    let world = World::start().await;
    world.fake.next_reply(UPLOAD, json(r#"{"errcode":45007,"errmsg":"playtime too long"}"#));

    let voice = file("v.amr", "audio/amr", 9);
    let refused = world.wechat.upload_media(APP, MediaKind::Voice, &voice, soon()).await;

    let Err(UploadError::WeChat(WeChatError::Refused(refusal))) = refused else { panic!("{refused:?}") };
    assert_eq!(refusal.errcode, 45007);
}

/// Why WeChat was not asked, if so.
async fn unfit(kind: MediaKind, file: UploadFile<'_>) -> Option<UnfitFile> {
    let world = World::start().await;
    world.fake.next_reply(UPLOAD, json(TAKEN));
    match world.wechat.upload_media(APP, kind, &file, soon()).await {
        Err(UploadError::Unfit(reason)) => {
            assert!(world.server.received(UPLOAD).is_empty());
            Some(reason)
        }
        other => {
            other.unwrap();
            None
        }
    }
}

#[tokio::test]
async fn sizes_are_checked_before_the_call() {
    const KIB: usize = 1024;
    for (kind, name, content_type, limit) in [
        (MediaKind::Image, "a.png", "image/png", 10 * KIB * KIB),
        (MediaKind::Voice, "a.mp3", "audio/mpeg", 2 * KIB * KIB),
        (MediaKind::Video, "a.mp4", "video/mp4", 10 * KIB * KIB),
        (MediaKind::Thumb, "a.jpg", "image/jpeg", 64 * KIB),
    ] {
        assert_eq!(unfit(kind, file(name, content_type, 0)).await, Some(UnfitFile::Empty));
        assert_eq!(unfit(kind, file(name, content_type, limit)).await, None, "{kind:?}");
        let length = limit + 1;
        let too_large = Some(UnfitFile::TooLarge { length, limit });
        assert_eq!(unfit(kind, file(name, content_type, length)).await, too_large);
    }
}

#[tokio::test]
async fn types_are_checked_before_the_call() {
    for (kind, name, content_type, accepted) in [
        (MediaKind::Image, "a.gif", "image/gif", None),
        (MediaKind::Image, "a.webp", "image/webp", Some("png, jpg, gif")),
        (MediaKind::Image, "a.png", "image/jpeg", Some("png, jpg, gif")),
        (MediaKind::Image, "png", "image/png", Some("png, jpg, gif")),
        (MediaKind::Voice, "a.AMR", "Audio/AMR", None),
        (MediaKind::Voice, "a.wav", "audio/wav", Some("amr, mp3")),
        (MediaKind::Video, "a.mov", "video/quicktime", Some("mp4")),
        (MediaKind::Thumb, "a.png", "image/png", Some("jpg")),
    ] {
        let wrong = accepted.map(|accepted| UnfitFile::WrongType { accepted: accepted.to_owned() });
        assert_eq!(unfit(kind, file(name, content_type, 9)).await, wrong, "{name} {content_type}");
    }
}

#[tokio::test]
async fn a_picture_for_cards_is_jpeg_or_png_of_one_mib() {
    let world = World::start().await;
    for (name, content_type, length) in
        [("a.gif", "image/gif", 9), ("a.png", "image/png", (1 << 20) + 1), ("a.jpg", "image/jpeg", 0)]
    {
        let refused = world.wechat.upload_image(APP, &file(name, content_type, length), soon()).await;
        assert!(matches!(refused, Err(UploadError::Unfit(_))), "{name}");
    }
    assert!(world.server.received(UPLOAD_IMAGE).is_empty());
}
