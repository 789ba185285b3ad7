//! Pushes about a third-party platform.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::Semaphore;
use wxgate_secret::Secret;
use wxgate_store::Store;
use wxgate_store::model::platform::Component;

use crate::fake_wechat::{FakeWeChat, Reply};
use crate::logging::logged;
use crate::push::{AES_KEY, TOKEN, TestPush};
use crate::support::{TestGateway, now_s};

const QUERY_AUTH: &str = "/cgi-bin/component/api_query_auth";
const LIST: &str = "/cgi-bin/component/api_get_authorizer_list";

/// A gateway with a platform, in the directory and in the store.
struct Scene {
    gateway: TestGateway,
    wechat: FakeWeChat,
}

impl Scene {
    async fn new() -> Self {
        let scene = Self::without_ticket().await;
        scene.gateway.store.put_verify_ticket("wxp", &Secret::new("ticket@0"), 0).await.unwrap();
        scene
    }

    async fn without_ticket() -> Self {
        let wechat = FakeWeChat::start().await;
        let component = json!({ "component_access_token": "COMPONENT", "expires_in": 7200 }).to_string();
        wechat.says("/cgi-bin/component/api_component_token", &component);
        let gateway = TestGateway::start_at(wechat.base(), |directory| {
            directory.components.insert("wxp".to_owned(), platform().into());
        })
        .await;
        gateway.store.put_component(&platform()).await.unwrap();
        let scene = Self { gateway, wechat };
        scene.grants("R1");
        scene
    }

    /// What an authorisation code is worth from now on.
    fn grants(&self, refresh_token: &str) {
        let info = json!({
            "authorizer_appid": "wx-new", "authorizer_access_token": "A", "expires_in": 7200,
            "authorizer_refresh_token": refresh_token, "func_info": [],
        });
        self.wechat.says(QUERY_AUTH, &json!({ "authorization_info": info }).to_string());
    }

    /// Codes are worth nothing any more.
    fn spends_codes(&self, errcode: i64) {
        self.wechat.says(QUERY_AUTH, &json!({ "errcode": errcode, "errmsg": "code is over" }).to_string());
    }

    /// What WeChat lists when it is asked next.
    fn lists(&self, accounts: &[(&str, &str)]) {
        let account =
            |(app, token): &(&str, &str)| json!({ "authorizer_appid": app, "refresh_token": token });
        let list: Vec<_> = accounts.iter().map(account).collect();
        self.wechat.says(LIST, r#"{"total_count":0,"list":[]}"#);
        self.wechat.says_first(LIST, &json!({ "total_count": list.len(), "list": list }).to_string());
    }

    async fn refresh_token(&self) -> Option<String> {
        let token = self.gateway.store.refresh_token("wx-new").await.unwrap();
        token.map(|token| token.expose().to_owned())
    }

    async fn ticket(&self) -> Option<String> {
        let directory = self.gateway.store.directory().await.unwrap();
        directory.components["wxp"].verify_ticket.as_ref().map(|ticket| ticket.expose().to_owned())
    }
}

fn platform() -> Component {
    Component {
        appid: "wxp".to_owned(),
        secret: Secret::new("platform-secret"),
        token: Secret::new(TOKEN),
        aes_key: Secret::new(AES_KEY),
        verify_ticket: None,
    }
}

fn notice(kind: &str, created_at: i64, rest: &str) -> TestPush {
    let head = format!("<AppId>wxp</AppId><CreateTime>{created_at}</CreateTime><InfoType>{kind}</InfoType>");
    TestPush::to("component/wxp", format!("<xml>{head}{rest}</xml>")).sealed_for("wxp")
}

fn ticket(text: &str, created_at: i64) -> TestPush {
    let rest = format!("<ComponentVerifyTicket>{text}</ComponentVerifyTicket>");
    notice("component_verify_ticket", created_at, &rest)
}

fn authorised(kind: &str, code: &str, created_at: i64) -> TestPush {
    let app = "<AuthorizerAppid>wx-new</AuthorizerAppid>";
    notice(kind, created_at, &format!("{app}<AuthorizationCode>{code}</AuthorizationCode>"))
}

fn withdrawn(created_at: i64) -> TestPush {
    notice("unauthorized", created_at, "<AuthorizerAppid>wx-new</AuthorizerAppid>")
}

#[tokio::test]
async fn the_newest_ticket_is_kept_in_whatever_order_they_come() {
    let scene = Scene::new().await;
    for (push, kept) in [
        (ticket("ticket@1", 1000), "ticket@1"),
        (ticket("ticket@3", 3000), "ticket@3"),
        (ticket("ticket@2", 2000), "ticket@3"),
        (ticket("ticket@1", 1000), "ticket@3"),
    ] {
        scene.gateway.takes(&push).await;
        assert_eq!(scene.ticket().await.as_deref(), Some(kept));
    }
}

#[tokio::test]
async fn an_authorisation_can_come_right_after_the_first_ticket() {
    let scene = Scene::without_ticket().await;
    scene.gateway.rejects(&authorised("authorized", "code@1", 1000), 500).await;
    scene.gateway.takes(&ticket("ticket@1", 1000)).await;
    scene.gateway.takes(&authorised("authorized", "code@1", 1000)).await;
    assert_eq!(scene.refresh_token().await.as_deref(), Some("R1"));
    let asked = scene.wechat.asked_once("/cgi-bin/component/api_component_token");
    assert_eq!(asked.json()["component_verify_ticket"], "ticket@1");
}

#[tokio::test]
async fn an_app_that_authorises_the_platform_has_its_refresh_token_kept() {
    let scene = Scene::new().await;
    scene.gateway.takes(&authorised("authorized", "code@1", 1000)).await;
    assert_eq!(scene.refresh_token().await.as_deref(), Some("R1"));
    let asked = scene.wechat.asked_once(QUERY_AUTH);
    assert_eq!(asked.param("component_access_token").as_deref(), Some("COMPONENT"));
    assert_eq!(asked.json(), json!({ "component_appid": "wxp", "authorization_code": "code@1" }));

    scene.grants("R2");
    scene.gateway.takes(&authorised("updateauthorized", "code@2", 2000)).await;
    assert_eq!(scene.refresh_token().await.as_deref(), Some("R2"));
    scene.gateway.takes(&withdrawn(3000)).await;
    assert_eq!(scene.refresh_token().await, None);
}

#[tokio::test]
async fn a_push_that_is_posted_again_does_nothing_again() {
    let scene = Scene::new().await;
    scene.gateway.takes(&authorised("authorized", "code@1", 1000)).await;
    scene.gateway.takes(&authorised("authorized", "code@1", 1000)).await;
    assert_eq!(scene.wechat.asked(QUERY_AUTH).len(), 1);

    scene.gateway.takes(&withdrawn(2000)).await;
    scene.gateway.takes(&authorised("authorized", "code@2", 3000)).await;
    scene.gateway.takes(&withdrawn(2000)).await;
    assert_eq!(scene.refresh_token().await.as_deref(), Some("R1"), "an old withdrawal was posted again");
}

#[tokio::test]
async fn a_withdrawal_that_comes_late_ends_no_later_authorisation() {
    let scene = Scene::new().await;
    scene.gateway.takes(&authorised("authorized", "code@1", 3000)).await;
    scene.gateway.takes(&withdrawn(2000)).await;
    assert_eq!(scene.refresh_token().await.as_deref(), Some("R1"));
    scene.gateway.takes(&withdrawn(3000)).await;
    assert_eq!(scene.refresh_token().await, None);
}

#[tokio::test]
async fn what_failed_is_not_taken_and_comes_again() {
    let scene = Scene::new().await;
    scene.wechat.says(QUERY_AUTH, &json!({ "errcode": -1, "errmsg": "system error" }).to_string());
    scene.gateway.rejects(&authorised("authorized", "code@1", 1000), 500).await;
    scene.grants("R1");
    scene.gateway.takes(&authorised("authorized", "code@1", 1000)).await;
    assert_eq!(scene.refresh_token().await.as_deref(), Some("R1"));
}

#[tokio::test]
async fn an_authorisation_whose_answer_was_lost_is_found_in_wechats_list() {
    let scene = Scene::new().await;
    scene.wechat.replies(QUERY_AUTH, Reply::Breaks);
    scene.gateway.rejects(&authorised("authorized", "code@1", 1000), 500).await;
    scene.spends_codes(61009);
    scene.lists(&[("wx-other", "R8"), ("wx-new", "R9")]);

    scene.gateway.takes(&authorised("authorized", "code@1", 1000)).await;
    assert_eq!(scene.refresh_token().await.as_deref(), Some("R9"));
    scene.gateway.takes(&authorised("authorized", "code@1", 1000)).await;
    assert_eq!(scene.wechat.asked(LIST).len(), 1);
}

#[tokio::test]
async fn a_code_that_is_over_is_passed_over_when_its_authorisation_or_a_later_one_is_stored() {
    let scene = Scene::new().await;
    scene.gateway.takes(&authorised("authorized", "code@2", 2000)).await;
    scene.spends_codes(61010);
    scene.gateway.takes(&authorised("authorized", "code@1", 1000)).await;
    scene.gateway.takes(&authorised("authorized", "code@3", 2000)).await;
    assert!(scene.wechat.asked(LIST).is_empty());
    assert_eq!(scene.refresh_token().await.as_deref(), Some("R1"));

    scene.lists(&[("wx-new", "R9")]);
    scene.gateway.takes(&authorised("updateauthorized", "code@4", 3000)).await;
    assert_eq!(scene.refresh_token().await.as_deref(), Some("R9"));
}

#[tokio::test]
async fn an_authorisation_that_is_lost_is_not_taken_and_the_log_says_what_to_do() {
    let scene = Scene::new().await;
    scene.spends_codes(61010);
    scene.lists(&[]);
    scene.gateway.rejects(&authorised("authorized", "code@1", 1000), 500).await;
    assert!(logged("authorisation.lost") && logged("has to authorise the platform again"));

    scene.lists(&[("wx-new", "R9")]);
    scene.gateway.takes(&authorised("authorized", "code@1", 1000)).await;
    assert_eq!(scene.refresh_token().await.as_deref(), Some("R9"));
}

#[tokio::test]
async fn a_wechat_that_hangs_is_answered_in_time() {
    let scene = Scene::new().await;
    let never = Arc::new(Semaphore::new(0));
    scene.wechat.replies(QUERY_AUTH, Reply::Held(never, String::new()));
    let began = now_s();
    scene.gateway.rejects(&authorised("authorized", "code@1", 1000), 500).await;
    assert!(now_s() - began <= 5);
}

#[tokio::test]
async fn what_cannot_be_stored_is_not_taken() {
    let scene = Scene::new().await;
    scene.gateway.store.close().await;
    scene.gateway.rejects(&ticket("ticket@1", 1000), 500).await;
    scene.gateway.rejects(&withdrawn(1000), 500).await;
}

#[tokio::test]
async fn only_the_platforms_own_encrypted_pushes_are_taken() {
    let scene = Scene::new().await;
    let forged = ticket("forged", 9000);
    scene.gateway.rejects(&forged.clone().signed_with("guess"), 403).await;
    scene.gateway.rejects(&forged.clone().sealed_for("wx1"), 403).await;
    scene.gateway.rejects(&forged.clone().made_at(now_s() - 700), 403).await;
    scene.gateway.rejects(&forged.unsealed(), 403).await;
    scene
        .gateway
        .rejects(&TestPush::to("component/wx-unknown", "<xml/>").sealed_for("wx-unknown"), 403)
        .await;
    assert_eq!(scene.ticket().await.as_deref(), Some("ticket@0"));
}

#[tokio::test]
async fn other_news_are_taken_and_incomplete_ones_are_not() {
    let scene = Scene::new().await;
    scene.gateway.takes(&notice("notify_third_fasteregister", 1000, "")).await;
    scene.gateway.rejects(&notice("component_verify_ticket", 1000, ""), 400).await;
    scene.gateway.rejects(&notice("authorized", 1000, ""), 400).await;
}
