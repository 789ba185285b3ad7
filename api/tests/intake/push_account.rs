//! Pushes about an app.

use std::sync::Arc;

use wxgate_secret::Secret;
use wxgate_store::model::operate::App;
use wxgate_store::model::platform::Component;

use crate::push::{AES_KEY, TOKEN, TestPush};
use crate::support::{TestGateway, app, now_s};

const TEXT: &str = "<xml><ToUserName>gh_1</ToUserName><FromUserName>oUser1</FromUserName>\
                    <CreateTime>1700000000</CreateTime><MsgType>text</MsgType><Content>hi</Content><MsgId>1</MsgId></xml>";

/// An app in each mode: plain, both, safe, and one on a platform.
async fn gateway() -> TestGateway {
    TestGateway::start_with(|directory| {
        let plain = App { event_token: Some(Secret::new(TOKEN)), ..app("wx-plain") };
        let both = App { app_id: "wx-both".to_owned(), aes_key: Some(Secret::new(AES_KEY)), ..plain.clone() };
        let safe = App { app_id: "wx-safe".to_owned(), safe_push_only: true, ..both.clone() };
        let on_platform = App { component_appid: Some("wxp".to_owned()), ..app("wx-on-platform") };
        for app in [plain, both, safe, on_platform] {
            directory.apps.insert(app.app_id.clone(), Arc::new(app));
        }
        let platform = Component {
            appid: "wxp".to_owned(),
            secret: Secret::new("platform-secret"),
            token: Secret::new(TOKEN),
            aes_key: Secret::new(AES_KEY),
            verify_ticket: None,
        };
        directory.components.insert("wxp".to_owned(), Arc::new(platform));
    })
    .await
}

fn text_to(app: &str) -> TestPush {
    TestPush::to(&format!("event/{app}"), TEXT)
}

#[tokio::test]
async fn whoever_knows_the_token_hears_the_echo() {
    let gateway = gateway().await;
    for app in ["wx-plain", "wx-safe", "wx-on-platform"] {
        let ask = text_to(app).and("echostr=%3Cb%3E42");
        let reply = gateway.send(&ask.ask()).await;
        assert_eq!((reply.status, reply.body.as_str()), (200, "<b>42"), "{app}");
        assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    }
    for ask in [
        text_to("wx-plain").signed_with("guess"),
        text_to("wx-plain").without("signature"),
        text_to("wx-plain").without("signature").and("msg_signature=0"),
        text_to("wx-plain").made_at(now_s() - 601),
        text_to("wx-unknown"),
        text_to("wx1"),
    ] {
        let reply = gateway.send(&ask.and("echostr=42").ask()).await;
        assert_eq!((reply.status, reply.body.as_str()), (403, ""), "{reply:?}");
    }
}

#[tokio::test]
async fn each_app_takes_what_its_mode_allows() {
    let gateway = gateway().await;
    gateway.takes(&text_to("wx-plain")).await;
    gateway.takes(&text_to("wx-both")).await;
    for app in ["wx-both", "wx-safe"] {
        gateway.takes(&text_to(app).sealed_for(app)).await;
        gateway.takes(&text_to(app).sealed_for(app).without("signature")).await;
    }
    gateway.takes(&text_to("wx-on-platform").sealed_for("wxp")).await;

    gateway.rejects(&text_to("wx-safe"), 403).await;
    gateway.rejects(&text_to("wx-on-platform"), 403).await;
    gateway.rejects(&text_to("wx-plain").sealed_for("wx-plain"), 403).await;
}

#[tokio::test]
async fn forgeries_are_refused() {
    let gateway = gateway().await;
    let sealed = text_to("wx-both").sealed_for("wx-both");
    for forged in [
        text_to("wx-plain").signed_with("guess"),
        text_to("wx-plain").without("signature"),
        text_to("wx-plain").without("signature").and("msg_signature=1"),
        text_to("wx-plain").without("timestamp"),
        text_to("wx-plain").without("nonce"),
        sealed.clone().signed_with("guess"),
        sealed.clone().without("msg_signature"),
        sealed.clone().without("msg_signature").and("encrypt_type=raw"),
        sealed.without("signature").without("msg_signature"),
    ] {
        gateway.rejects(&forged, 403).await;
    }
}

#[tokio::test]
async fn an_envelope_for_another_app_is_refused() {
    let gateway = gateway().await;
    gateway.rejects(&text_to("wx-both").sealed_for("wx-safe"), 403).await;
    gateway.rejects(&text_to("wx-on-platform").sealed_for("wx-on-platform"), 403).await;
}

#[tokio::test]
async fn what_was_recorded_is_of_no_use_after_ten_minutes() {
    let gateway = gateway().await;
    for off in [-590, 590] {
        gateway.takes(&text_to("wx-plain").made_at(now_s() + off)).await;
    }
    for off in [-610, 610] {
        gateway.rejects(&text_to("wx-plain").made_at(now_s() + off), 403).await;
        gateway.rejects(&text_to("wx-both").sealed_for("wx-both").made_at(now_s() + off), 403).await;
    }
}

#[tokio::test]
async fn xml_that_wechat_would_not_write_is_refused() {
    let gateway = gateway().await;
    let bomb = r#"<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><A>&b;</A></xml>"#;
    let file = r#"<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><A>&a;</A></xml>"#;
    for xml in [bomb, file, "", "{}", "<xml>", "<xml><MsgType>text</MsgType></xml>", &"<a>".repeat(1000)] {
        gateway.rejects(&TestPush::to("event/wx-plain", xml), 400).await;
        gateway.rejects(&TestPush::to("event/wx-both", xml).sealed_for("wx-both"), 400).await;
    }
    let large = TEXT.replace("hi", &"x".repeat(64 << 10));
    gateway.rejects(&TestPush::to("event/wx-plain", large), 413).await;
}
