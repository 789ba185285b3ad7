//! The test tool, as somebody uses it who writes a caller.

use serde_json::{Value, json};
use wxgate_secret::Secret;
use wxgate_signing::{hmac_sha256, md5};
use wxgate_tests::{Browser, Gateway, Pairing, SECRET};

use super::Stage;
use crate::support::{reached, until};

crate::on_both_pairings!(a_message_sent_from_the_test_tool_is_seen_to_arrive_once);

const PICTURE: &[u8] = include_bytes!("../../../../sandbox/samples/image.png");

/// Names and values that a signature easily gets wrong. By bytes the names sort otherwise than by UTF-16.
const AWKWARD: [(&str, &str); 8] = [
    ("😀", "emoji 👩‍👩‍👧"),
    ("ｅ", "after it by bytes, before it by halves of characters"),
    ("名", "值，全角"),
    ("Z a", "  blanks  "),
    ("reserved", "it's 100% & a+b = \"c\" \\ / ? # ~ * ( ) !"),
    ("markup", "<b>&amp;</b>"),
    ("$(id)", "`id` $HOME"),
    ("empty", ""),
];

async fn a_message_sent_from_the_test_tool_is_seen_to_arrive_once(pairing: Pairing) {
    let stage = Stage::set(pairing).await;
    let (browser, gateway) = (&stage.browser, &stage.gateway);
    open(browser, gateway, "").await;
    browser.photograph("tool-1-phone").await;
    let url = gateway.callback_url();
    browser.fill("#param-callback_url", &url).await;

    browser.press("#send").await;

    browser.until_shown("#told", "HTTP 200 · retcode 200").await;
    browser.until_shown("#timeline", "成功 · 尝试次数 1").await;
    browser.until_shown("#timeline", "回调: 已送达 · 尝试次数 1 · 最近HTTP状态码 200").await;
    browser.photograph("tool-2-sent").await;
    assert_eq!(reached(&gateway.wechat, "oSandboxUser01").len(), 1);
    let [post] = &gateway.receiver.wait_for(1).await[..] else { panic!("one callback") };
    assert_eq!(
        post.field("send_id"),
        browser.run("return document.getElementById('job-id').innerText").await
    );

    browser.press("#again").await;
    browser.until_shown("#note", "返回与上次完全相同：没有重复执行。").await;
    assert_eq!(reached(&gateway.wechat, "oSandboxUser01").len(), 1);
    // Within one second the same words are the same request.
    browser.fill("#param-request_id", "another").await;
    browser.press("#send").await;
    until(&gateway.wechat, "a second message", |wechat| reached(wechat, "oSandboxUser01").len() == 2).await;
    stage.all_is_quiet().await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_test_tool_shows_is_what_wxgate_sign_says() {
    let stage = Stage::set(Pairing::Embedded).await;
    let (browser, gateway) = (english(&stage).await, &stage.gateway);
    open(&browser, gateway, "#get_card_info").await;
    browser.press("#show-secret").await;
    for (name, value) in AWKWARD {
        browser.press("#add").await;
        browser.run(&enter("#more .pair:last-child label:first-child input", name)).await;
        browser.run(&enter("#more .pair:last-child label:nth-child(2) input", value)).await;
    }
    browser.photograph("tool-awkward").await;
    for scheme in ["md5", "hmac"] {
        browser.press(&format!("input[value={scheme}]")).await;
        let shown = browser.run(SHOWN).await;
        let said = gateway.run(&sign(scheme, &shown));
        for part in ["string_a", "authcode", "curl"] {
            assert_eq!(shown[part], said[part], "{scheme}: {part}");
        }
    }
    browser.press("#send").await;
    browser.until_shown("#told", "get_card_info · HTTP 200 · retcode 200").await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.end().await;
    stage.end().await;
}

/// What can be read of the signature, and its time.
const SHOWN: &str = "const text = (id) => document.getElementById(id).textContent;
    const time = document.getElementById('req_time').value;
    return { time, string_a: text('signed'), authcode: text('authcode'), curl: text('curl') }";

/// The command for the same request.
fn sign(scheme: &str, shown: &Value) -> Vec<&'static str> {
    let leaked = |text: String| -> &'static str { text.leak() };
    let mut arguments = vec!["sign", "--interface", "get_card_info", "--secret", SECRET, "client_code=shop"];
    arguments.push(leaked(format!("req_time={}", shown["time"].as_str().unwrap())));
    arguments.push("card_id=pSandboxCard01");
    arguments.extend(AWKWARD.map(|(name, value)| leaked(format!("{name}={value}"))));
    arguments.extend((scheme == "hmac").then_some("--hmac"));
    arguments
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_and_secrets_of_any_length_are_signed_alike() {
    let stage = Stage::set(Pairing::Embedded).await;
    stage.browser.open(&format!("{}/api_test", stage.gateway.caller.base)).await;
    for scheme in ["md5", "hmac"] {
        let script = format!(
            "return Array.from({{ length: 200 }}, (_, n) =>
                signing.authcode('{scheme}', 'x', [['a', '值'.repeat(n)]], 's'.repeat(n + 1)))"
        );
        let expected: Vec<String> = (0..200).map(|length| authcode(scheme, length)).collect();
        assert_eq!(stage.browser.run(&script).await, json!(expected), "{scheme}");
    }
    stage.end().await;
}

fn authcode(scheme: &str, length: usize) -> String {
    let (value, secret) = ("值".repeat(length), Secret::new("s".repeat(length + 1)));
    let params = [("a", value.as_str())];
    match scheme {
        "md5" => md5::authcode(params, &secret).to_string(),
        _ => hmac_sha256::authcode("x", params, &secret).to_string(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_uploaded_and_what_came_back_goes_into_the_next_request() {
    let stage = Stage::set(Pairing::Embedded).await;
    let (browser, gateway) = (english(&stage).await, &stage.gateway);
    open(&browser, gateway, "#upload_media").await;
    let picture = gateway.folder().join("a \"picture\".png");
    std::fs::write(&picture, PICTURE).unwrap();

    browser.fill("#param-media", picture.to_str().unwrap()).await;
    browser.until_shown("#curl", r#"-F 'media=@"a \"picture\".png"'"#).await;
    browser.press("#send").await;
    browser.until_shown("#told", "upload_media · HTTP 200 · retcode 200").await;
    browser.photograph("tool-upload").await;

    browser.fill("#search", "DOWNLOAD_ME").await;
    browser.press("nav li:not([hidden]) a").await;
    browser.until_shown("#chosen", "download_media Fetch a WeChat medium").await;
    browser.press("#send").await;
    browser.until_shown("#laid-out", "\"content_type\": \"image/png\"").await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.end().await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_secret_is_kept_only_in_the_tab_and_only_on_request() {
    let stage = Stage::set(Pairing::Embedded).await;
    let (browser, gateway) = (&stage.browser, &stage.gateway);
    open(browser, gateway, "").await;
    let kept =
        "return JSON.stringify([sessionStorage, localStorage, document.cookie]).includes('shop-secret')";
    assert_eq!(browser.run(kept).await, false);
    assert!(!browser.text().await.contains(SECRET));

    browser.press("#remember").await;
    assert_eq!(browser.run(kept).await, true);
    browser.press("#language").await;
    assert_eq!(browser.run("return document.documentElement.lang").await, "en");
    browser.press("#send").await;
    browser.until_shown("#timeline", "succeeded · attempts 1").await;
    browser.photograph("tool-english").await;

    browser.press("#remember").await;
    assert_eq!(browser.run(kept).await, false);
    stage.all_is_quiet().await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_secret_is_refused_in_the_pages_language() {
    let stage = Stage::set(Pairing::Embedded).await;
    let browser = &stage.browser;
    browser.open(&format!("{}/api_test/hiproapi_test", stage.gateway.caller.base)).await;
    browser.press("#send").await;
    browser.until_shown("#told", "尚未发送请求。").await;
    browser.fill("#code", "shop").await;
    browser.fill("#secret", "guessed").await;

    browser.press("#send").await;

    browser.until_shown("#told", "retcode 103").await;
    browser.until_shown("#laid-out", "authcode与参数不符").await;
    assert_eq!(browser.run("return document.getElementById('job').hidden").await, true);
    browser.photograph("tool-refused").await;
    stage.all_is_quiet().await;
    stage.end().await;
}

/// A browser beside the first, whose reader wants English.
async fn english(stage: &Stage) -> Browser {
    Browser::at_a_desk(&stage.sdk, Pairing::Embedded).await
}

/// Opens the tool, where `at` names an interface, and says who calls.
async fn open(browser: &Browser, gateway: &Gateway, at: &str) {
    browser.open(&format!("{}/api_test{at}", gateway.caller.base)).await;
    browser.fill("#code", "shop").await;
    browser.fill("#secret", SECRET).await;
}

/// A script that enters a text. The driver's own typing knows no emoji.
fn enter(selector: &str, text: &str) -> String {
    let (selector, text) = (json!(selector), json!(text));
    format!(
        "const entry = document.querySelector({selector}); entry.value = {text};
         entry.dispatchEvent(new Event('input', {{ bubbles: true }}))"
    )
}
