//! The pages on which a card is taken, and its code shown.

use serde_json::{Value, json};
use wxgate_store::Store;
use wxgate_store::model::springboard::{CardPage, Purpose, Springboard};
use wxgate_wechat::signature::{CardExt, js_sdk};

use crate::fake_wechat::FakeWeChat;
use crate::http::{Reply, get, head_and_body};
use crate::support::{TestGateway, now_s};

const KEY: &str = "09a501b3ad76038890ac3144ed71a67b";
const SHOW: &str = "/wx_service/card";
const TAKE: &str = "/wx_service/card_wxcode";
const HOSTILE: &str = r#""><script>alert('x')</script>"#;

fn card() -> CardPage {
    CardPage {
        card_id: "pINVENTED_card_0001".to_owned(),
        code: "110201201245".to_owned(),
        redirect_uri: "www.verystar.cn".to_owned(),
        redirect_uri_name: "费芮互动".to_owned(),
        main_color: "navy".to_owned(),
        show_btn: "true".to_owned(),
        outer_id: "shop-7".to_owned(),
        success_uri: "https://shop.example/done".to_owned(),
    }
}

async fn gateway_with(purpose: Purpose) -> (TestGateway, FakeWeChat) {
    gateway_with_page_of("wx1", purpose).await
}

async fn gateway_with_page_of(app: &str, purpose: Purpose) -> (TestGateway, FakeWeChat) {
    let wechat = FakeWeChat::start().await;
    for kind in ["jsapi", "wx_card"] {
        let ticket = json!({ "errcode": 0, "ticket": format!("TICKET-{kind}"), "expires_in": 7200 });
        wechat.says(&format!("/cgi-bin/ticket/getticket?type={kind}"), &ticket.to_string());
    }
    let gateway = TestGateway::start_at(wechat.base(), |_| {}).await;
    let (client, app) = ("shop".to_owned(), app.to_owned());
    let board = Springboard { key: KEY.to_owned(), client, app, purpose, user: None };
    gateway.store.put_springboard(&board).await.unwrap();
    (gateway, wechat)
}

async fn visit(gateway: &TestGateway, page: &str) -> Reply {
    get(gateway.address(), &format!("{page}?wx_card_key={KEY}")).await
}

async fn shown(card: CardPage) -> Reply {
    let (gateway, _wechat) = gateway_with(Purpose::ShowCode(card)).await;
    visit(&gateway, SHOW).await
}

async fn offered(card: CardPage) -> Reply {
    let (gateway, _wechat) = gateway_with(Purpose::TakeCard(card)).await;
    visit(&gateway, TAKE).await
}

/// What the page's script works with.
fn script_data(reply: &Reply) -> Value {
    let attribute = reply.body.split_once("data-card=\"").unwrap().1.split_once('"').unwrap().0;
    let text =
        attribute.replace("&#34;", "\"").replace("&#38;", "&").replace("&#60;", "<").replace("&#62;", ">");
    serde_json::from_str(&text.replace("&#39;", "'")).unwrap()
}

/// The value of `name="…"` behind `before`.
fn attribute<'r>(reply: &'r Reply, before: &str, name: &str) -> &'r str {
    let tag = reply.body.split_once(before).unwrap().1;
    tag.split_once(&format!("{name}=\"")).unwrap().1.split_once('"').unwrap().0
}

#[tokio::test]
async fn a_code_is_shown_as_text_as_bars_and_as_a_qr_code() {
    let reply = shown(card()).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(reply.body.contains(r#"<p class="code">110201201245</p>"#), "{reply:?}");
    assert!(reply.body.contains(r#"<svg class="bars""#) && reply.body.contains(r#"<svg class="qr""#));
    assert!(reply.body.contains("--main: #000080; --ink: #ffffff;"));
    assert!(
        reply.body.contains(r#"<a class="button" href="http://www.verystar.cn/">费芮互动</a>"#),
        "{reply:?}"
    );
    assert!(reply.body.contains(r#"content="width=device-width, initial-scale=1"#));
    assert!(!reply.body.contains("<script"));
}

#[tokio::test]
async fn a_page_that_is_only_looked_at_has_a_head_alone() {
    let (gateway, _wechat) = gateway_with(Purpose::ShowCode(card())).await;
    let target = format!("{SHOW}?wx_card_key={KEY}");
    let reply = gateway.send(&head_and_body("HEAD", &target, "", b"")).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert_eq!(reply.body, "");
    let length = visit(&gateway, SHOW).await.body.len().to_string();
    assert_eq!(reply.header("content-length"), Some(length.as_str()));
}

#[tokio::test]
async fn a_code_that_no_bar_code_can_hold_is_shown_without_one() {
    let reply = shown(CardPage { code: "咖啡-1".to_owned(), ..card() }).await;
    assert!(reply.body.contains("咖啡-1") && reply.body.contains("class=\"qr\""));
    assert!(!reply.body.contains("class=\"bars\""));
}

#[tokio::test]
async fn the_button_is_there_when_wanted_and_leads_to_the_web() {
    for (show_btn, redirect_uri, there) in [
        ("1", "http://a.example/", true),
        ("true", "a.example", true),
        ("", "a.example", false),
        ("false", "a.example", false),
        ("0", "a.example", false),
        ("true", "javascript:alert(1)", false),
    ] {
        let (show_btn, redirect_uri) = (show_btn.to_owned(), redirect_uri.to_owned());
        let card = CardPage { show_btn, redirect_uri, ..card() };
        for reply in [shown(card.clone()).await, offered(card.clone()).await] {
            assert_eq!(reply.status, 200);
            assert_eq!(reply.body.contains("<a class=\"button\""), there, "{card:?}");
            assert!(!reply.body.contains("javascript:"));
        }
    }
}

#[tokio::test]
async fn what_callers_give_stays_text() {
    let hostile = CardPage {
        card_id: HOSTILE.to_owned(),
        code: HOSTILE.to_owned(),
        redirect_uri: format!("http://a.example/{HOSTILE}"),
        redirect_uri_name: HOSTILE.to_owned(),
        main_color: "red;} body { background: url(http://evil.example/) }".to_owned(),
        outer_id: HOSTILE.to_owned(),
        success_uri: format!("http://a.example/{HOSTILE}"),
        ..card()
    };
    for reply in [shown(hostile.clone()).await, offered(hostile.clone()).await] {
        assert_eq!(reply.status, 200);
        assert!(!reply.body.contains("<script>"), "{reply:?}");
        assert!(!reply.body.contains("alert('x')"), "{reply:?}");
        assert!(reply.body.contains("&#34;&#62;&#60;script&#62;"), "{reply:?}");
        assert!(reply.body.contains("--main: #07c160") && !reply.body.contains("evil.example"));
    }
    let data = script_data(&offered(hostile).await);
    assert_eq!(data["cardId"], HOSTILE);
}

#[tokio::test]
async fn a_page_may_do_no_more_than_it_needs() {
    let reply = shown(card()).await;
    let nonce = attribute(&reply, "<style ", "nonce");
    let policy = reply.header("content-security-policy").unwrap();
    let expected = format!(
        "default-src 'none'; script-src 'none'; style-src 'nonce-{nonce}'; img-src data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    );
    assert_eq!(policy, expected);
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));

    let reply = offered(card()).await;
    let nonce = attribute(&reply, "<style ", "nonce");
    let scripts = format!("script-src 'nonce-{nonce}' https://res.wx.qq.com; ");
    assert!(reply.header("content-security-policy").unwrap().contains(&scripts), "{reply:?}");
    assert_eq!(attribute(&reply, "<script ", "src"), "https://res.wx.qq.com/open/js/jweixin-1.6.0.js");
    assert_eq!(reply.body.matches("<script").count(), 2);
    assert_eq!(reply.body.matches(&format!("<script nonce=\"{nonce}\"")).count(), 2);
    assert_ne!(attribute(&offered(card()).await, "<style ", "nonce"), nonce, "every visit has its own");
}

#[tokio::test]
async fn a_card_is_offered_with_both_signatures() {
    let (gateway, _wechat) = gateway_with(Purpose::TakeCard(card())).await;
    let target = format!("{TAKE}?wx_card_key={KEY}&from=singlemessage");
    let reply = get(gateway.address(), &target).await;
    let data = script_data(&reply);
    let (timestamp, nonce) = (data["timestamp"].as_u64().unwrap(), data["nonceStr"].as_str().unwrap());
    assert!(timestamp.abs_diff(u64::try_from(now_s()).unwrap()) < 10);
    assert!((16..=32).contains(&nonce.len()));
    assert_eq!((data["appId"].as_str(), data["cardId"].as_str()), (Some("wx1"), Some("pINVENTED_card_0001")));
    let address = format!("https://gateway.example{target}");
    assert_eq!(data["signature"], js_sdk("TICKET-jsapi", nonce, timestamp, &address));
    assert_eq!(data["successUri"], "https://shop.example/done");

    let ext: Value = serde_json::from_str(data["cardExt"].as_str().unwrap()).unwrap();
    let timestamp = timestamp.to_string();
    let signed = CardExt {
        timestamp: &timestamp,
        card_id: "pINVENTED_card_0001",
        nonce_str: nonce,
        ..CardExt::default()
    };
    let expected = json!({
        "code": "", "openid": "", "timestamp": timestamp, "nonce_str": nonce, "outer_str": "shop-7",
        "signature": signed.sign("TICKET-wx_card"),
    });
    assert_eq!(ext, expected);
}

#[tokio::test]
async fn no_signature_is_made_twice() {
    let (gateway, wechat) = gateway_with(Purpose::TakeCard(card())).await;
    let (one, two) = (visit(&gateway, TAKE).await, visit(&gateway, TAKE).await);
    assert_ne!(script_data(&one)["nonceStr"], script_data(&two)["nonceStr"]);
    assert_eq!(
        wechat.asked("/cgi-bin/ticket/getticket").len(),
        2,
        "one ticket of each kind serves all visits"
    );
    let again = script_data(&two)["again"].as_str().unwrap().to_owned();
    assert!(again.starts_with(&format!("?wx_card_key={KEY}&again=")), "{again}");
    assert_eq!(get(gateway.address(), &format!("{TAKE}{again}")).await.status, 200);
    assert_eq!(get(gateway.address(), &format!("{TAKE}?wx_card_key={KEY}&again=x.y")).await.status, 200);
}

#[tokio::test]
async fn a_success_address_off_the_web_is_followed_by_nobody() {
    for success_uri in ["", "javascript:alert(1)"] {
        let card = CardPage { success_uri: success_uri.to_owned(), ..card() };
        assert_eq!(script_data(&offered(card).await)["successUri"], Value::Null, "{success_uri}");
    }
}

#[tokio::test]
async fn without_tickets_the_visitor_is_asked_to_try_again() {
    let (gateway, wechat) = gateway_with(Purpose::TakeCard(card())).await;
    wechat.says("/cgi-bin/token", &json!({ "errcode": 40125, "errmsg": "invalid appsecret" }).to_string());
    let reply = visit(&gateway, TAKE).await;
    assert_eq!(reply.status, 502);
    assert!(reply.body.contains("暂时无法完成") && !reply.body.contains("appsecret"), "{reply:?}");
}

#[tokio::test]
async fn a_key_opens_its_own_page_alone() {
    let (gateway, _wechat) = gateway_with(Purpose::TakeCard(card())).await;
    for target in [
        format!("{SHOW}?wx_card_key={KEY}"),
        format!("{TAKE}?wx_card_key=ffffffffffffffffffffffffffffffff"),
        format!("{TAKE}?wx_card_key='; DROP TABLE springboards"),
        format!("{TAKE}?key={KEY}"),
        TAKE.to_owned(),
        "/wx_service/made-up".to_owned(),
        "/wx_service".to_owned(),
    ] {
        let reply = get(gateway.address(), &target.replace(' ', "%20")).await;
        assert_eq!(reply.status, 404, "{target}");
        assert!(reply.body.contains("页面不存在"), "{reply:?}");
        assert!(reply.header("content-security-policy").unwrap().contains("default-src 'none'"));
    }
}

#[tokio::test]
async fn an_app_that_is_disabled_or_gone_has_no_pages() {
    for app in ["wx-disabled", "wx-unknown"] {
        for (page, purpose) in [(TAKE, Purpose::TakeCard(card())), (SHOW, Purpose::ShowCode(card()))] {
            let (gateway, wechat) = gateway_with_page_of(app, purpose).await;
            let reply = visit(&gateway, page).await;
            assert_eq!(reply.status, 404, "{app}: {reply:?}");
            assert!(wechat.asked("/cgi-bin/ticket/getticket").is_empty());
        }
    }
}

#[tokio::test]
async fn visitors_read_english_if_they_prefer_it() {
    let (gateway, _wechat) = gateway_with(Purpose::ShowCode(card())).await;
    for (language, tag, title) in [("en-GB,en;q=0.8", "en", "Card code"), ("fr", "zh-CN", "卡券码")] {
        let header = format!("Accept-Language: {language}\r\n");
        let target = format!("{SHOW}?wx_card_key={KEY}");
        let reply = gateway.send(&head_and_body("GET", &target, &header, b"")).await;
        assert_eq!(attribute(&reply, "<html ", "lang"), tag);
        assert!(reply.body.contains(&format!("<title>{title}</title>")), "{reply:?}");
    }
}
