//! Media: what is uploaded or sent can be fetched, as long as it is there.

use reqwest::Method;
use serde_json::{Value, json};
use wxgate_sandbox::{APP_ID, App, Control, Fault, MediaType, NewMedia, Rule, Sample};

use crate::play::{Heard, Play, token_path};

const UPLOAD: &str = "/cgi-bin/media/upload";
const GET: &str = "/cgi-bin/media/get";
const JPEG: &[u8] = include_bytes!("../../samples/image.jpg");
const PNG: &[u8] = include_bytes!("../../samples/image.png");
const AMR: &[u8] = include_bytes!("../../samples/voice.amr");
const SPEEX: &[u8] = include_bytes!("../../samples/voice.speex");
const MP4: &[u8] = include_bytes!("../../samples/video.mp4");

/// Longer than any media.
const LONG: u64 = 12 << 20;

impl Play {
    /// Posts a form with one file.
    async fn post_file(&self, path: &str, part: &str, filename: &str, bytes: &[u8]) -> Heard {
        let name = if filename.is_empty() { String::new() } else { format!("; filename=\"{filename}\"") };
        let head = format!("--x\r\nContent-Disposition: form-data; name=\"{part}\"{name}\r\n\r\n");
        let body = [head.as_bytes(), bytes, b"\r\n--x--\r\n"].concat();
        let request = self.post(path, body).header("Content-Type", "multipart/form-data; boundary=x");
        self.hear(request).await
    }

    async fn upload(&self, kind: &str, filename: &str, bytes: &[u8]) -> Heard {
        let path = format!("{UPLOAD}?type={kind}&access_token={}", self.token().await);
        self.post_file(&path, "media", filename, bytes).await
    }

    async fn fetch(&self, path: &str, media_id: &str) -> Heard {
        let token = self.token().await;
        self.hear(self.get(&format!("{path}?access_token={token}&media_id={media_id}"))).await
    }
}

fn sent(control: &Control, media: NewMedia) -> String {
    control.put_media(media).unwrap().media_id
}

/// An AMR file of so many frames without speech.
fn silence(frames: usize) -> Vec<u8> {
    [b"#!AMR\n".to_vec(), vec![0x7c; frames]].concat()
}

#[tokio::test]
async fn what_was_uploaded_comes_back_byte_for_byte() {
    let play = Play::start();
    for (kind, name, bytes, mime) in [
        ("image", "a.jpg", JPEG, "image/jpeg"),
        ("image", "b.PNG", PNG, "image/png"),
        ("voice", "c.amr", AMR, "audio/amr"),
    ] {
        let uploaded = play.upload(kind, name, bytes).await.json();
        assert_eq!((&uploaded["type"], &uploaded["errcode"]), (&json!(kind), &Value::Null));
        let fetched = play.fetch(GET, uploaded["media_id"].as_str().unwrap()).await;
        assert_eq!((fetched.content_type.as_str(), fetched.body.as_slice()), (mime, bytes));
    }
}

#[tokio::test]
async fn a_thumb_has_an_id_of_its_own_name_and_a_film_an_address() {
    let play = Play::start();
    let thumb = play.upload("thumb", "t.jpg", JPEG).await.json();
    let fetched = play.fetch(GET, thumb["thumb_media_id"].as_str().unwrap()).await;
    assert_eq!(fetched.body, JPEG);

    let film = play.upload("video", "f.mp4", MP4).await.json();
    let told = play.fetch(GET, film["media_id"].as_str().unwrap()).await.json();
    let url = told["video_url"].as_str().unwrap();
    assert!(url.starts_with(&play.running.url()), "{url}");
    let bytes = Heard::read(play.http.get(url).send().await.unwrap()).await;
    assert_eq!((bytes.content_type.as_str(), bytes.body.as_slice()), ("video/mp4", MP4));
}

#[tokio::test]
async fn a_file_is_announced_in_wechats_spelling() {
    let play = Play::start();
    let id = sent(&play.control(), NewMedia::sample(Sample::Voice));
    let token = play.token().await;
    let answer = play.get(&format!("{GET}?access_token={token}&media_id={id}")).send().await.unwrap();
    let disposition = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert_eq!(disposition, format!("attachment; filename=\"{id}.amr\""));
    assert_eq!(answer.headers()["content-length"], AMR.len().to_string());
}

#[tokio::test]
async fn an_upload_that_is_not_right_says_why() {
    let play = Play::start();
    let mut large = JPEG.to_vec();
    large.resize((10 << 20) + 1, 0);
    let uploads: [(&str, &str, &[u8], i64); 11] = [
        ("card", "a.jpg", JPEG, 40004),
        ("image", "a.amr", AMR, 40005),
        ("image", "a.png", JPEG, 40005),
        ("image", "a", JPEG, 40005),
        ("voice", "a.amr", b"hello", 40005),
        ("image", "", JPEG, 41005),
        ("image", "a.jpg", b"", 44001),
        ("image", "a.jpg", &large, 40009),
        ("thumb", "a.jpg", &large[..=64 << 10], 40012),
        ("voice", "a.amr", &silence(3_001), 45007),
        ("voice", "a.amr", &silence(3_000), 0),
    ];
    for (kind, name, bytes, errcode) in uploads {
        assert_eq!(play.upload(kind, name, bytes).await.errcode(), errcode, "{kind} {name}");
    }
    let token = play.token().await;
    let bare = play.post(&format!("{UPLOAD}?type=image&access_token={token}"), JPEG);
    assert_eq!(play.hear(bare).await.errcode(), 41005);
}

#[tokio::test]
async fn media_are_gone_after_three_days_and_never_another_apps() {
    let play = Play::start();
    play.control().add_app(App::new("wx2", "s2")).unwrap();
    let ours = sent(&play.control(), NewMedia::sample(Sample::Image));
    let theirs = NewMedia { app: "wx2".to_owned(), ..NewMedia::sample(Sample::Image) };
    let theirs = sent(&play.control(), theirs);
    assert_eq!(play.fetch(GET, &theirs).await.errcode(), 40007);
    assert_eq!(play.fetch(GET, "no-such-media").await.errcode(), 40007);
    let token = play.hear(play.get(&token_path("wx2", "s2"))).await.token();
    let path = format!("{GET}?access_token={token}&media_id={theirs}");
    assert_eq!(play.hear(play.get(&path)).await.body, JPEG);

    play.pass_s(3 * 86_400 - 60);
    assert_eq!(play.fetch(GET, &ours).await.body, JPEG);
    play.pass_s(60);
    assert_eq!(play.fetch(GET, &ours).await.errcode(), 40007);
    assert_eq!(play.control().media(), []);
}

#[tokio::test]
async fn a_recording_has_its_original_and_another_voice_none() {
    let play = Play::start();
    let recording = sent(&play.control(), NewMedia::sample(Sample::Recording));
    let voice = sent(&play.control(), NewMedia::sample(Sample::Voice));
    let original = play.fetch("/cgi-bin/media/get/jssdk", &recording).await;
    assert_eq!((original.content_type.as_str(), original.body.as_slice()), ("voice/speex", SPEEX));
    assert_eq!(play.fetch(GET, &recording).await.body, AMR);
    assert_eq!(play.fetch("/cgi-bin/media/get/jssdk", &voice).await.errcode(), 40007);
}

#[tokio::test]
async fn a_picture_for_articles_stays_at_its_address() {
    let play = Play::start();
    for part in ["media", "buffer"] {
        let path = format!("/cgi-bin/media/uploadimg?access_token={}", play.token().await);
        let url = play.post_file(&path, part, "logo.png", PNG).await.json()["url"].clone();
        play.pass_s(10 * 86_400);
        let picture = Heard::read(play.http.get(url.as_str().unwrap()).send().await.unwrap()).await;
        assert_eq!((picture.content_type.as_str(), picture.body.as_slice()), ("image/png", PNG));
    }

    let path = format!("/cgi-bin/media/uploadimg?access_token={}", play.token().await);
    assert_eq!(play.post_file(&path, "media", "voice.amr", AMR).await.errcode(), 40005);
    let mut large = PNG.to_vec();
    large.resize(1 << 20, 0);
    assert_eq!(play.post_file(&path, "media", "logo.png", &large).await.errcode(), 40009);
    assert_eq!(play.hear(play.get("/mmbiz/nothing/0")).await.status, 404);
}

#[tokio::test]
async fn the_controls_put_media_there_over_http_too() {
    let play = Play::start();
    let put = |query: &str, body: &'static [u8]| {
        let url = format!("{}/_sandbox/media{query}", play.running.url());
        play.hear(play.http.request(Method::POST, url).body(body))
    };
    let sample = put("?sample=video&size=100000", b"").await;
    assert_eq!((sample.status, &sample.json()["bytes"]), (201, &json!(100_000)));
    let own = put("?type=image", b"no picture at all").await.json();
    assert_eq!(play.fetch(GET, own["media_id"].as_str().unwrap()).await.body, b"no picture at all");
    assert_eq!(play.control().media_stats().kept, 2);

    for (query, body, status) in [
        ("", b"".as_slice(), 400),
        ("?type=image", b"", 400),
        ("?type=image&sample=png", b"x", 400),
        ("?type=film", b"x", 400),
        ("?sample=png&size=67108865", b"", 400),
        ("?sample=png&app=wx2", b"", 404),
    ] {
        assert_eq!(put(query, body).await.status, status, "{query}");
    }
    assert_eq!(play.control().media().len(), 2);
}

#[tokio::test]
async fn the_log_shows_no_bytes_of_files() {
    let play = Play::start();
    let id = play.upload("image", "a.jpg", JPEG).await.json()["media_id"].as_str().unwrap().to_owned();
    let uploaded = play.last_call();
    assert!(uploaded.body.ends_with("bytes that are no JSON)"), "{}", uploaded.body);
    assert!(uploaded.took_effect);
    play.fetch(GET, &id).await;
    let answer = play.last_call().answer.unwrap();
    assert_eq!(answer.errcode, Some(0));
    assert_eq!(answer.body, format!("({} bytes that are no JSON)", JPEG.len()));
}

#[tokio::test]
async fn a_hostile_body_is_as_long_as_the_rule_says() {
    let play = Play::start();
    let id = sent(&play.control(), NewMedia::new(MediaType::Image, JPEG));
    play.fault(Rule::new(Fault::Inflate(LONG)).path(GET).times(1));
    let path = format!("{GET}?access_token={}&media_id={id}", play.token().await);
    let mut answer = play.get(&path).send().await.unwrap();
    assert_eq!(answer.headers()["content-length"], LONG.to_string());
    let mut read = 0;
    while let Some(chunk) = answer.chunk().await.unwrap() {
        read += chunk.len() as u64;
    }
    assert_eq!(read, LONG);

    play.fault(Rule::new(Fault::Endless).path(GET).times(1));
    let mut answer = play.get(&path).send().await.unwrap();
    assert!(!answer.headers().contains_key("content-length"));
    let mut read = 0;
    while read < LONG {
        read += answer.chunk().await.unwrap().unwrap().len() as u64;
    }
}

#[tokio::test]
async fn a_length_that_lies_ends_too_soon_or_cuts_off() {
    let play = Play::start();
    let id = sent(&play.control(), NewMedia::sample(Sample::Image));
    let path = format!("{GET}?access_token={}&media_id={id}", play.token().await);
    play.fault(Rule::new(Fault::ClaimLength(JPEG.len() as u64 + 1)).path(GET).times(1));
    let answer = play.get(&path).send().await.unwrap();
    assert_eq!(answer.headers()["content-length"], (JPEG.len() + 1).to_string());
    assert!(answer.bytes().await.is_err());

    play.fault(Rule::new(Fault::ClaimLength(100)).path(GET).times(1));
    assert_eq!(play.hear(play.get(&path)).await.body, &JPEG[..100]);
}

#[tokio::test]
async fn slow_bytes_come_slowly_and_all_of_them() {
    let play = Play::start();
    let id = sent(&play.control(), NewMedia::new(MediaType::Image, vec![7; 1_000]));
    let path = format!("{GET}?access_token={}&media_id={id}", play.token().await);
    play.fault(Rule::new(Fault::BytesPerS(1_000)).path(GET).times(1));
    let began = std::time::Instant::now();
    assert_eq!(play.hear(play.get(&path)).await.body, vec![7; 1_000]);
    assert!(began.elapsed().as_millis() >= 900, "{:?}", began.elapsed());
}

#[tokio::test]
async fn an_app_uploads_so_often_a_day() {
    let play = Play::start();
    let change = serde_json::from_value(json!({"limits": {UPLOAD: {"per_day": 1}}})).unwrap();
    play.control().change_app(APP_ID, change).unwrap();
    assert_eq!(play.upload("image", "a.jpg", JPEG).await.errcode(), 0);
    assert_eq!(play.upload("image", "a.jpg", JPEG).await.errcode(), 45009);
}
