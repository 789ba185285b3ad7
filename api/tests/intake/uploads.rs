//! Files that come along or are at an address: logos and media.

use std::net::SocketAddr;

use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::fake_wechat::FakeWeChat;
use crate::http::Reply;
use crate::request::{Request, file_part, text_part};
use crate::support::TestGateway;

const UPLOAD_IMAGE: &str = "/cgi-bin/media/uploadimg";
const UPLOAD: &str = "/cgi-bin/media/upload";
const KEPT: &str = r#"{"url" : "http:\/\/mmbiz.qpic.cn\/mmbiz_jpg\/INVENTED\/0"}"#;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0";
const GIF: &[u8] = b"GIF89a\x01\0\x01\0";

/// A request that signs this file.
fn signed(interface: &'static str, file: &[u8]) -> Request {
    Request::to(interface).with("file_sha256", hex::encode(Sha256::digest(file)))
}

async fn sends(gateway: &TestGateway, request: &Request, file: &[u8]) -> Reply {
    gateway.send(&request.multipart(&[file_part("photo.png", file)])).await
}

async fn is_refused(gateway: &TestGateway, request: &[u8], retcode: u16, why: &str) {
    let envelope = gateway.send(request).await.envelope();
    assert_eq!(envelope.retcode, retcode, "{envelope:?}");
    assert!(envelope.msg.contains(why), "'{why}' in {envelope:?}");
}

#[tokio::test]
async fn a_logo_that_comes_along_is_uploaded_once() {
    let wechat = FakeWeChat::that_says(UPLOAD_IMAGE, KEPT).await;
    let gateway = TestGateway::start_against(&wechat).await;
    for request in [signed("upload_card_logo", PNG), signed("upload_card_logo", PNG).strong()] {
        for _ in 0..2 {
            let body = sends(&gateway, &request, PNG).await.body;
            assert_eq!(body, format!(r#"{{"retcode":200,"data":{KEPT},"msg":""}}"#));
        }
    }
    let asked = wechat.asked(UPLOAD_IMAGE);
    assert_eq!(asked.len(), 2);
    assert!(asked[0].body.contains(r#"name="media"; filename="media.png""#), "{}", asked[0].body);
    assert!(asked[0].body.contains("IHDR"));
}

#[tokio::test]
async fn a_file_is_the_one_that_was_signed() {
    let gateway = TestGateway::start().await;
    let other = signed("upload_card_logo", JPEG).multipart(&[file_part("a.png", PNG)]);
    is_refused(&gateway, &other, 400, "file_sha256: is not the SHA-256").await;
    let unbound = Request::to("upload_card_logo").multipart(&[file_part("a.png", PNG)]);
    is_refused(&gateway, &unbound, 102, "'file_sha256'").await;
    let without = signed("upload_card_logo", PNG).multipart(&[]);
    is_refused(&gateway, &without, 102, "'media'").await;
}

#[tokio::test]
async fn what_a_file_is_its_content_says() {
    let wechat = FakeWeChat::that_says(UPLOAD_IMAGE, KEPT).await;
    let gateway = TestGateway::start_against(&wechat).await;
    for (file, why) in [(GIF, "none of these: jpg, png"), (b"<html>", "none of these"), (b"", "is empty")] {
        let request = signed("upload_card_logo", file).multipart(&[file_part("logo.png", file)]);
        is_refused(&gateway, &request, 400, why).await;
    }
    assert!(wechat.asked(UPLOAD_IMAGE).is_empty());
    sends(&gateway, &signed("upload_card_logo", JPEG), JPEG).await;
    assert!(wechat.asked_once(UPLOAD_IMAGE).body.contains(r#"filename="media.jpg""#));
}

#[tokio::test]
async fn a_file_over_the_limit_is_refused() {
    let wechat = FakeWeChat::that_says(UPLOAD_IMAGE, KEPT).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let of = |length: usize| {
        let mut file = PNG.to_vec();
        file.resize(length, 0);
        file
    };
    let largest = of(1 << 20);
    assert_eq!(
        sends(&gateway, &signed("upload_card_logo", &largest), &largest).await.envelope().retcode,
        200
    );
    // The second is refused for what it announces, the first while it is read.
    for length in [(1 << 20) + 1, 2 << 20] {
        let file = of(length);
        let reply = sends(&gateway, &signed("upload_card_logo", &file), &file).await;
        assert_eq!((reply.status, reply.envelope().retcode), (413, 413));
        assert_eq!(reply.envelope().msg, "the file is larger than 1048576 bytes");
    }
}

/// The answer to a request whose end never comes.
async fn is_answered_ahead_of_its_end(gateway: &TestGateway, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(gateway.address()).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = vec![0; 1024];
    let length = stream.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

#[tokio::test]
async fn a_part_over_its_limit_is_not_read_to_its_end() {
    let gateway = TestGateway::start().await;
    let file = vec![0; (1 << 20) + 1];
    let request = signed("upload_card_logo", &file).endless(&[file_part("a.png", &file)]);
    let answer = is_answered_ahead_of_its_end(&gateway, &request).await;
    assert!(answer.contains("the file is larger than 1048576 bytes"), "{answer}");
    // Whoever cannot sign has no more than the texts read.
    let forged = Request::to("upload_card_logo").authcode("0".repeat(32));
    let request = forged.endless(&[text_part("long", &"x".repeat(70_000))]);
    let answer = is_answered_ahead_of_its_end(&gateway, &request).await;
    assert!(answer.contains("larger than 65536 bytes"), "{answer}");
}

#[tokio::test]
async fn what_is_in_no_part_is_not_read_to_its_end() {
    let gateway = TestGateway::start().await;
    let request = Request::to("upload_card_logo").endless(&[]);
    let head = request.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
    let lines = "x\r\n".repeat((1 << 20) / 2);
    let preamble = [&request[..head], format!("{:x}\r\n{lines}", lines.len() + 1).as_bytes()].concat();
    let answer = is_answered_ahead_of_its_end(&gateway, &preamble).await;
    assert!(answer.contains("the file is larger than 1048576 bytes"), "{answer}");
}

#[tokio::test]
async fn whoever_sends_the_file_first_is_told_to_send_it_last() {
    let gateway = TestGateway::start().await;
    let parts = [file_part("a.png", PNG), text_part("client_code", "shop")];
    let request = signed("upload_card_logo", PNG).without("client_code").multipart(&parts);
    is_refused(&gateway, &request, 102, "'client_code' is missing or blank: texts must stand in front").await;
    let without = signed("upload_card_logo", PNG).without("client_code").multipart(&[]);
    let envelope = gateway.send(&without).await.envelope();
    assert!(envelope.msg.ends_with("'client_code' is missing or blank"), "{envelope:?}");
}

#[tokio::test]
async fn a_file_is_known_by_its_parts_name_whether_or_not_it_has_its_own() {
    let wechat = FakeWeChat::that_says(UPLOAD_IMAGE, KEPT).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let part = |disposition: &str| {
        let head = format!("Content-Disposition: form-data; {disposition}\r\n\r\n");
        [head.as_bytes(), PNG].concat()
    };
    for disposition in [r#"name="media""#, r#"name="media"; filename*=UTF-8''%E5%9B%BE.png"#] {
        let request = signed("upload_card_logo", PNG).with("req_time", crate::support::now_s());
        let envelope = gateway.send(&request.multipart(&[part(disposition)])).await.envelope();
        assert_eq!(envelope.retcode, 200, "{disposition}: {envelope:?}");
    }
    for disposition in [r#"name="logo"; filename="a.png""#, r#"name="logo"; filename*=UTF-8''a.png"#] {
        let request = signed("upload_card_logo", PNG).multipart(&[part(disposition)]);
        is_refused(&gateway, &request, 400, "the file's part must be called media").await;
    }
}

/// A whole request but for the end of its file, which never comes.
#[tokio::test]
async fn nobody_who_cannot_sign_has_a_file_read() {
    let gateway = TestGateway::start().await;
    let file = vec![0; 500_000];
    let forged = signed("upload_media", &file).with("type", "image").authcode("0".repeat(32));
    let request = forged.multipart(&[file_part("a.png", &file)]);
    let answer = is_answered_ahead_of_its_end(&gateway, &request[..request.len() - 400_000]).await;
    assert!(answer.contains(r#"{"retcode":103,"#), "{answer}");
}

#[tokio::test]
async fn the_file_comes_last_and_alone() {
    let gateway = TestGateway::start().await;
    let request = signed("upload_card_logo", PNG);
    let file = || file_part("a.png", PNG);
    for more in [file(), text_part("more", "1")] {
        is_refused(&gateway, &request.multipart(&[file(), more]), 400, "must be the last part").await;
    }
    let many: Vec<Vec<u8>> = (0..100).map(|n| text_part(&format!("n{n}"), "1")).collect();
    is_refused(&gateway, &request.multipart(&many), 400, "among the first 64 parts").await;
    let long = [text_part("long", &"x".repeat(70_000)), file()];
    is_refused(&gateway, &request.multipart(&long), 413, "larger than 65536 bytes").await;
    let whole = request.multipart(&[file()]);
    let broken = whole.len() - 12;
    let cut_off = crate::http::exchange_cut_off(gateway.address(), &whole[..broken]).await;
    assert_eq!(cut_off.envelope().retcode, 400, "{cut_off:?}");
}

#[tokio::test]
async fn texts_of_a_form_with_a_file_pass_the_same_checks() {
    let gateway = TestGateway::start().await;
    let with = |part: Vec<u8>| signed("upload_card_logo", PNG).multipart(&[part, file_part("a.png", PNG)]);
    is_refused(&gateway, &with(text_part("client_secret", "hush")), 400, "client_secret").await;
    is_refused(&gateway, &with(text_part("client_code", "shop")), 102, "more than once").await;
    is_refused(&gateway, &with(text_part("a", "\0")), 400, "U+0000").await;
    let bytes = [text_part("a", ""), b"\xff".to_vec()].concat();
    is_refused(&gateway, &with(bytes), 102, "UTF-8").await;
    is_refused(&gateway, &with(text_part("unsigned", "1")), 103, "does not match").await;
}

#[tokio::test]
async fn each_type_of_media_has_its_own_files() {
    const TAKEN: &str = r#"{"type":"image","media_id":"M1","created_at":1700000000}"#;
    let wechat = FakeWeChat::that_says(UPLOAD, TAKEN).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let (amr, mp3, mp4) = (&b"#!AMR\n\x3c\0"[..], &b"ID3\x03\0\0\0"[..], &b"\0\0\0\x18ftypmp42\0\0\0\0"[..]);
    for (kind, file, taken) in [
        ("image", GIF, true),
        ("image", amr, false),
        ("voice", amr, true),
        ("voice", mp3, true),
        ("voice", b"#!AMR-WB\n\x44", false),
        ("video", mp4, true),
        ("video", PNG, false),
        ("thumb", JPEG, true),
        ("thumb", PNG, false),
    ] {
        let request = signed("upload_media", file).with("type", kind);
        let envelope = sends(&gateway, &request, file).await.envelope();
        assert_eq!(envelope.retcode, if taken { 200 } else { 400 }, "{kind}: {envelope:?}");
        let kinds = wechat.asked(UPLOAD).last().and_then(|asked| asked.param("type"));
        assert!(!taken || kinds.as_deref() == Some(kind));
    }
    let unknown = signed("upload_media", PNG).with("type", "news").multipart(&[file_part("a", PNG)]);
    is_refused(&gateway, &unknown, 400, "type: must be image, voice, video or thumb").await;
    let thumb = [b"\xff\xd8\xff\xe0\0\x10JFIF\0".to_vec(), vec![0; 64 << 10]].concat();
    let request = signed("upload_media", &thumb).with("type", "thumb");
    is_refused(&gateway, &request.multipart(&[file_part("a", &thumb)]), 413, "larger than 65536").await;
}

#[tokio::test]
async fn what_wechat_refuses_of_a_file_comes_back_as_it_is() {
    let no = r#"{"errcode":40009,"errmsg":"invalid image size rid: 1"}"#;
    let wechat = FakeWeChat::that_says(UPLOAD_IMAGE, no).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let envelope = sends(&gateway, &signed("upload_card_logo", PNG), PNG).await.envelope();
    assert_eq!((envelope.retcode, &envelope.data["errcode"]), (200, &json!(40009)));
}

/// Somebody's web server at an address that the operator listed.
async fn serves(answer: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.9:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _peer) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            assert!(stream.read_buf(&mut request).await.unwrap() > 0);
        }
        // Whoever has seen enough goes away.
        let _ = stream.write_all(&answer).await;
    });
    address
}

fn page(status: u16, content: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {status} X\r\nconnection: close\r\n\r\n").as_bytes(), content].concat()
}

#[tokio::test]
async fn a_logo_can_be_fetched_from_where_it_is() {
    let wechat = FakeWeChat::that_says(UPLOAD_IMAGE, KEPT).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let address = serves(page(200, JPEG)).await;
    // Without a scheme it is http.
    let request = Request::to("upload_card_logo").with("url", format!("{address}/logo?size=300"));
    gateway.answered(&request).await;
    gateway.answered(&request).await;
    assert!(wechat.asked_once(UPLOAD_IMAGE).body.contains(r#"filename="media.jpg""#));
}

#[tokio::test]
async fn a_logo_that_is_fetched_is_the_one_that_was_signed_if_one_was() {
    let wechat = FakeWeChat::that_says(UPLOAD_IMAGE, KEPT).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let at = |address: SocketAddr, file| signed("upload_card_logo", file).with("url", address);
    let other = at(serves(page(200, JPEG)).await, PNG);
    gateway.refused(&other, 400, "file_sha256: is not the SHA-256").await;
    assert!(wechat.asked(UPLOAD_IMAGE).is_empty());
    gateway.answered(&at(serves(page(200, JPEG)).await, JPEG)).await;
    wechat.asked_once(UPLOAD_IMAGE);
}

#[tokio::test]
async fn a_logo_is_fetched_only_from_where_anybody_could() {
    let gateway = TestGateway::start().await;
    let at = |url: String| Request::to("upload_card_logo").with("url", url);
    let large = [PNG, &vec![0; 1 << 20]].concat();
    for (answer, retcode, why) in [
        (page(404, PNG), 400, "url: answers HTTP 404"),
        (page(302, PNG), 400, "url: answers HTTP 302: redirects are not followed, give the final"),
        (page(200, b"<html>"), 400, "url: by its content"),
        (page(200, &large), 413, "larger than 1048576 bytes"),
    ] {
        let url = format!("http://{}/", serves(answer).await);
        gateway.refused(&at(url), retcode, why).await;
    }
    for url in ["http://127.0.0.1:1/", "http://10.0.0.1/", "ftp://shop.example/", "http://u:p@127.0.0.9/"] {
        gateway.refused(&at(url.to_owned()), 400, "url: the URL").await;
    }
    let nobody_there = TcpListener::bind("127.0.0.9:0").await.unwrap().local_addr().unwrap();
    gateway.refused(&at(format!("http://{nobody_there}/")), 502, "nothing took effect").await;
    let both = signed("upload_card_logo", PNG).with("url", "http://127.0.0.9/");
    is_refused(&gateway, &both.multipart(&[file_part("a", PNG)]), 400, "url: cannot be given").await;
    gateway.refused(&Request::to("upload_card_logo"), 102, "'media'").await;
}

#[tokio::test]
async fn an_interface_without_files_takes_none() {
    let gateway = TestGateway::start().await;
    let request = Request::send().multipart(&[file_part("a.txt", b"a file")]);
    is_refused(&gateway, &request, 102, "form-encoded").await;
}
