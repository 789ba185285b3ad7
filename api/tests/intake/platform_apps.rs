//! Apps that a third-party platform acts for: every interface works the same.

use std::sync::Arc;

use serde_json::{Value, json};
use wxgate_secret::Secret;
use wxgate_store::Store as _;
use wxgate_store::model::operate::App;
use wxgate_store::model::platform::Component;

use crate::fake_wechat::FakeWeChat;
use crate::request::{MESSAGE, Request, SECRET};
use crate::support::{TestGateway, app, client};

const SEND: &str = "/cgi-bin/message/custom/send";

fn component() -> Component {
    Component {
        appid: "wxPlatform".to_owned(),
        secret: Secret::new("platform-secret"),
        token: Secret::new("platform-token"),
        aes_key: Secret::new("k".repeat(43)),
        verify_ticket: None,
    }
}

fn platform_app() -> App {
    let component_appid = Some("wxPlatform".to_owned());
    App { component_appid, authorised: true, secret: None, ..app("wx-on-platform") }
}

/// A gateway with a client `branch` whose app has authorised a platform.
async fn gateway(wechat: &FakeWeChat) -> TestGateway {
    let gateway = TestGateway::start_at(wechat.base(), |directory| {
        let mut branch = client("branch");
        branch.app_id = Some("wx-on-platform".to_owned());
        branch.allow.push("get_drawboard_data".to_owned());
        directory.clients.insert("branch".to_owned(), Arc::new(branch));
        directory.apps.insert("wx-on-platform".to_owned(), Arc::new(platform_app()));
        directory.components.insert("wxPlatform".to_owned(), Arc::new(component()));
    })
    .await;
    gateway.store.put_component(&component()).await.unwrap();
    gateway.store.put_verify_ticket("wxPlatform", &Secret::new("verify-ticket"), 0).await.unwrap();
    gateway.store.put_app(&platform_app()).await.unwrap();
    let refresh_token = Secret::new("refresh-token");
    gateway.store.authorise("wx-on-platform", "wxPlatform", &refresh_token, None).await.unwrap();
    gateway
}

async fn wechat() -> FakeWeChat {
    let wechat = FakeWeChat::that_says(SEND, r#"{"errcode":0,"errmsg":"ok"}"#).await;
    wechat.says(
        "/cgi-bin/component/api_component_token",
        r#"{"component_access_token":"platform-access","expires_in":7200}"#,
    );
    wechat.says(
        "/cgi-bin/component/api_authorizer_token",
        r#"{"authorizer_access_token":"branch-access","expires_in":7200,"authorizer_refresh_token":"next"}"#,
    );
    wechat
}

fn to(interface: &'static str) -> Request {
    Request::to(interface).with("client_code", "branch")
}

async fn springboard(gateway: &TestGateway) -> Value {
    let request = to("set_drawboard_data").with("redirect_uri", "www.verystar.cn");
    gateway.answered(&request.with("oauth_type", "oauth_snsapi_base")).await
}

#[tokio::test]
async fn a_login_names_the_platform() {
    let wechat = wechat().await;
    let gateway = gateway(&wechat).await;
    let data = springboard(&gateway).await;
    assert_eq!(data["component_appid"], "wxPlatform");
    let redirect = data["redirect"].as_str().unwrap();
    assert!(redirect.ends_with("&component_appid=wxPlatform#wechat_redirect"), "{redirect}");
}

#[tokio::test]
async fn the_tokens_handed_out_are_the_platforms() {
    let wechat = wechat().await;
    let gateway = gateway(&wechat).await;
    let key = springboard(&gateway).await["key"].as_str().unwrap().to_owned();
    let documented = json!({
        "client_code": "branch",
        "client_secret": SECRET,
        "app_id": "wx-on-platform",
        "component_appid": "wxPlatform",
        "app_sec": "",
        "is_third": 1,
        "access_token": "",
        "authorizer_access_token": "branch-access",
        "component_access_token": "platform-access",
    });
    assert_eq!(gateway.answered(&to("get_drawboard_data").with("key", key)).await, documented);
}

#[tokio::test]
async fn wechat_is_called_with_the_authorizers_token() {
    let wechat = wechat().await;
    let gateway = gateway(&wechat).await;
    gateway.answered(&to("custom_msg_send").with("msg_data", "{}")).await;
    assert_eq!(wechat.asked_once(SEND).url.query(), Some("access_token=branch-access"));
}

#[tokio::test]
async fn a_receipt_can_be_waited_for_since_the_platform_is_pushed_it() {
    let wechat = wechat().await;
    let gateway = gateway(&wechat).await;
    let id = gateway.accepted(&to("async_send_tpl").with("tpl_data", MESSAGE).with("receipt", 1)).await;
    assert!(gateway.claim(id).await.1.receipt);
}

#[tokio::test]
async fn an_authorisation_that_was_withdrawn_is_114() {
    let wechat = wechat().await;
    wechat.says("/cgi-bin/component/api_authorizer_token", r#"{"errcode":61003,"errmsg":"not authorized"}"#);
    let gateway = gateway(&wechat).await;
    gateway.refused(&to("custom_msg_send").with("msg_data", "{}"), 114, "not authorised").await;
    assert!(wechat.asked(SEND).is_empty());
}
