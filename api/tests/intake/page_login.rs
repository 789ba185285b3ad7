//! Logins that come back from WeChat.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use wxgate_store::Store;
use wxgate_store::model::operate::App;
use wxgate_store::model::springboard::{Purpose, Springboard};

use crate::fake_wechat::{FakeWeChat, Reply as FakeReply};
use crate::http::{Reply, get};
use crate::support::{TestGateway, app};

const KEY: &str = "09a501b3ad76038890ac3144ed71a67b";
const REDEEM: &str = "/sns/oauth2/access_token";
const REDEEM_THROUGH: &str = "/sns/oauth2/component/access_token";
const USER_INFO: &str = "/sns/userinfo";
const TARGET: &str = "https://shop.example/back?from=wx#top";
const ARRIVED: &str = "https://shop.example/back?from=wx&key=09a501b3ad76038890ac3144ed71a67b#top";

const BUSY: &str = r#"{"errcode":-1,"errmsg":"system error"}"#;
const UNKNOWN_CODE: &str = r#"{"errcode":40029,"errmsg":"invalid code"}"#;

/// A gateway with one login under way, and its WeChat.
struct Scene {
    gateway: TestGateway,
    wechat: FakeWeChat,
}

impl Scene {
    async fn of(app_id: &str, oauth_type: &str, bind: bool) -> Self {
        let wechat = FakeWeChat::start().await;
        let answer =
            json!({ "access_token": "WEB", "openid": "oUser1", "scope": "snsapi_userinfo" }).to_string();
        let component = json!({ "component_access_token": "COMPONENT", "expires_in": 7200 }).to_string();
        wechat.says("/cgi-bin/component/api_component_token", &component);
        wechat.says(REDEEM, &answer);
        wechat.says(REDEEM_THROUGH, &answer);
        wechat.says(
            USER_INFO,
            &json!({ "openid": "oUser1", "nickname": "咖啡", "sex": 1, "privilege": [] }).to_string(),
        );
        let gateway = TestGateway::start_at(wechat.base(), |directory| {
            let on_platform = App { component_appid: Some("wxp".to_owned()), ..app("wx-on-platform") };
            directory.apps.insert("wx-on-platform".to_owned(), Arc::new(on_platform));
        })
        .await;
        let purpose =
            Purpose::Login { redirect_uri: TARGET.to_owned(), oauth_type: oauth_type.to_owned(), bind };
        gateway.store.put_springboard(&board(app_id, purpose)).await.unwrap();
        Self { gateway, wechat }
    }

    async fn base() -> Self {
        Self::of("wx1", "oauth_snsapi_base", false).await
    }

    async fn visit(&self, page: &str, query: &str) -> Reply {
        get(self.gateway.address(), &format!("/wx_service/{page}?{query}")).await
    }

    async fn come_back(&self, code: &str) -> Reply {
        self.visit("oauth_snsapi_base", &format!("code={code}&state={KEY}")).await
    }

    async fn user(&self, key: &str) -> Option<Value> {
        let board = self.gateway.store.springboard(key).await.unwrap()?;
        board.user.map(|user| serde_json::from_str(&user).unwrap())
    }

    /// Nobody was sent anywhere, and nothing is known of anybody.
    #[track_caller]
    fn led_nowhere(reply: &Reply, status: u16) {
        assert_eq!(reply.status, status, "{reply:?}");
        assert_eq!(reply.header("location"), None);
        assert!(reply.body.contains("<h1>"), "{reply:?}");
    }
}

fn board(app: &str, purpose: Purpose) -> Springboard {
    Springboard { key: KEY.to_owned(), client: "shop".to_owned(), app: app.to_owned(), purpose, user: None }
}

#[tokio::test]
async fn a_login_leads_to_the_callers_page_with_its_key() {
    let scene = Scene::base().await;
    let reply = scene.come_back("C1").await;
    assert_eq!((reply.status, reply.header("location")), (302, Some(ARRIVED)));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(scene.user(KEY).await, Some(json!({ "openid": "oUser1" })));

    let asked = scene.wechat.asked_once(REDEEM);
    let expected = "appid=wx1&secret=app-secret&code=C1&grant_type=authorization_code";
    assert_eq!(asked.url.query(), Some(expected));
    assert!(scene.wechat.asked(USER_INFO).is_empty());
}

#[tokio::test]
async fn with_the_users_consent_wechats_fields_are_kept_and_sex_is_text() {
    let scene = Scene::of("wx1", "oauth_snsapi_userinfo", false).await;
    let reply = scene.visit("oauth_snsapi_userinfo", &format!("code=C1&state={KEY}")).await;
    assert_eq!(reply.header("location"), Some(ARRIVED));
    let user = json!({ "openid": "oUser1", "nickname": "咖啡", "sex": "1", "privilege": [] });
    assert_eq!(scene.user(KEY).await, Some(user));
    assert_eq!(scene.wechat.asked_once(USER_INFO).param("access_token").as_deref(), Some("WEB"));
}

#[tokio::test]
async fn a_login_outlives_a_moments_trouble_with_who_the_user_is() {
    for trouble in [FakeReply::Says(BUSY.to_owned()), FakeReply::Says("<html>".to_owned()), FakeReply::Breaks]
    {
        let scene = Scene::of("wx1", "oauth_snsapi_userinfo", false).await;
        scene.wechat.replies_first(USER_INFO, trouble);
        let reply = scene.visit("oauth_snsapi_userinfo", &format!("code=C1&state={KEY}")).await;
        assert_eq!(reply.header("location"), Some(ARRIVED), "{reply:?}");
        assert_eq!(scene.user(KEY).await.unwrap()["nickname"], "咖啡");
        assert_eq!(scene.wechat.asked(REDEEM).len(), 1);
        assert_eq!(scene.wechat.asked(USER_INFO).len(), 2);
    }
}

#[tokio::test]
async fn what_wechat_will_not_tell_of_the_user_is_not_asked_again() {
    let scene = Scene::of("wx1", "oauth_snsapi_userinfo", false).await;
    scene.wechat.says(USER_INFO, r#"{"errcode":48001,"errmsg":"api unauthorized"}"#);
    let reply = scene.visit("oauth_snsapi_userinfo", &format!("code=C1&state={KEY}")).await;
    Scene::led_nowhere(&reply, 502);
    scene.wechat.asked_once(USER_INFO);
}

#[tokio::test]
async fn the_same_visit_again_leads_to_the_same_page_and_asks_wechat_once() {
    let scene = Scene::base().await;
    for _ in 0..3 {
        assert_eq!(scene.come_back("C1").await.header("location"), Some(ARRIVED));
    }
    assert_eq!(scene.wechat.asked(REDEEM).len(), 1);
}

#[tokio::test]
async fn two_visits_at_once_at_two_processes_are_one_login() {
    let scene = Scene::base().await;
    let other = scene.gateway.second_process([8, 8, 8, 8]);
    let target = format!("/wx_service/oauth_snsapi_base?code=C1&state={KEY}");
    let (one, two) = tokio::join!(get(scene.gateway.address(), &target), get(other.address(), &target));
    assert_eq!((one.header("location"), two.header("location")), (Some(ARRIVED), Some(ARRIVED)));
    assert_eq!(scene.wechat.asked(REDEEM).len(), 1);
}

#[tokio::test]
async fn a_browser_that_hangs_up_and_asks_again_is_logged_in() {
    let scene = Scene::base().await;
    let permits = Arc::new(Semaphore::new(0));
    let answer = json!({ "access_token": "WEB", "openid": "oUser1" }).to_string();
    scene.wechat.replies(REDEEM, FakeReply::Held(Arc::clone(&permits), answer));
    let mut gone = TcpStream::connect(scene.gateway.address()).await.unwrap();
    let head =
        format!("GET /wx_service/oauth_snsapi_base?code=C1&state={KEY} HTTP/1.1\r\nHost: gateway\r\n\r\n");
    gone.write_all(head.as_bytes()).await.unwrap();
    scene.wechat.until_asked(REDEEM).await;
    drop(gone);

    let again = scene.come_back("C1");
    permits.add_permits(1);
    assert_eq!(again.await.header("location"), Some(ARRIVED));
    assert_eq!(scene.wechat.asked(REDEEM).len(), 1);
}

#[tokio::test]
async fn a_state_serves_one_code() {
    let scene = Scene::base().await;
    scene.come_back("C1").await;
    Scene::led_nowhere(&scene.come_back("C2").await, 410);
    assert_eq!(scene.wechat.asked(REDEEM).len(), 1);
}

#[tokio::test]
async fn what_is_no_login_of_ours_leads_nowhere() {
    let scene = Scene::base().await;
    let unknown = "ffffffffffffffffffffffffffffffff";
    for query in ["code=C1", "code=C1&state=", "code=C1&state=../x", &format!("code=C1&state={unknown}")] {
        Scene::led_nowhere(&scene.visit("oauth_snsapi_base", query).await, 410);
    }
    let long = "C".repeat(513);
    Scene::led_nowhere(&scene.come_back(&long).await, 410);
    assert!(scene.wechat.asked(REDEEM).is_empty());
    assert_eq!(scene.come_back("C1").await.header("location"), Some(ARRIVED), "nobody used the state up");
}

#[tokio::test]
async fn a_login_that_comes_back_to_the_wrong_address_leads_nowhere() {
    let scene = Scene::base().await;
    let reply = scene.visit("oauth_snsapi_userinfo", &format!("code=C1&state={KEY}")).await;
    Scene::led_nowhere(&reply, 410);
    let reply = scene.visit("oauth_snsapi_base", &format!("code=C1&state={KEY}&appid=wx-other")).await;
    Scene::led_nowhere(&reply, 410);
    assert!(scene.wechat.asked(REDEEM).is_empty());
    assert_eq!(scene.come_back("C2").await.header("location"), Some(ARRIVED), "nobody used the state up");
}

#[tokio::test]
async fn the_target_is_never_taken_from_the_visit() {
    let scene = Scene::base().await;
    let query = format!("code=C1&state={KEY}&redirect_uri=https://evil.example/&key=0");
    assert_eq!(scene.visit("oauth_snsapi_base", &query).await.header("location"), Some(ARRIVED));
}

#[tokio::test]
async fn a_bound_login_is_known_to_the_browser_alone() {
    let scene = Scene::of("wx1", "oauth_snsapi_base", true).await;
    let reply = scene.come_back("C1").await;
    let location = reply.header("location").unwrap();
    let fresh = location.split_once("&key=").unwrap().1.strip_suffix("#top").unwrap();
    assert_eq!(fresh.len(), 32);
    assert_ne!(fresh, KEY);
    assert_eq!(scene.user(fresh).await, Some(json!({ "openid": "oUser1" })));
    assert_eq!(scene.user(KEY).await, None);
    assert_eq!(scene.come_back("C1").await.header("location"), Some(location));
}

#[tokio::test]
async fn a_user_who_declines_is_told_so_and_may_think_again() {
    let scene = Scene::base().await;
    Scene::led_nowhere(&scene.visit("oauth_snsapi_base", &format!("state={KEY}")).await, 403);
    assert_eq!(scene.come_back("C1").await.header("location"), Some(ARRIVED));
}

#[tokio::test]
async fn what_wechat_refuses_is_told_without_its_words() {
    let scene = Scene::base().await;
    scene
        .wechat
        .says(REDEEM, &json!({ "errcode": 40029, "errmsg": "invalid code rid: 6553f100" }).to_string());
    let reply = scene.come_back("C1").await;
    Scene::led_nowhere(&reply, 502);
    assert!(!reply.body.contains("40029") && !reply.body.contains("rid"), "{reply:?}");
    assert_eq!(scene.user(KEY).await, None);
}

#[tokio::test]
async fn a_login_that_failed_can_be_tried_again_with_a_new_code_at_once() {
    for failure in
        [FakeReply::Says(BUSY.to_owned()), FakeReply::Says(UNKNOWN_CODE.to_owned()), FakeReply::Breaks]
    {
        let scene = Scene::base().await;
        scene.wechat.replies_first(REDEEM, failure);
        Scene::led_nowhere(&scene.come_back("C1").await, 502);
        assert_eq!(scene.come_back("C2").await.header("location"), Some(ARRIVED));
    }
}

#[tokio::test]
async fn a_made_up_code_holds_up_no_login() {
    let scene = Scene::base().await;
    let permits = Arc::new(Semaphore::new(0));
    scene.wechat.replies_first(REDEEM, FakeReply::Held(Arc::clone(&permits), UNKNOWN_CODE.to_owned()));
    let while_it_is_tried = async {
        scene.wechat.until_asked(REDEEM).await;
        tokio::join!(scene.come_back("C1"), async { permits.add_permits(1) }).0
    };
    let (made_up, real) = tokio::join!(scene.come_back("junk"), while_it_is_tried);
    Scene::led_nowhere(&made_up, 502);
    assert_eq!(real.header("location"), Some(ARRIVED));
}

#[tokio::test]
async fn an_app_on_a_platform_logs_in_through_it() {
    let scene = Scene::of("wx-on-platform", "oauth_snsapi_base", false).await;
    let reply = scene.visit("oauth_snsapi_base", &format!("code=C1&state={KEY}&appid=wx-on-platform")).await;
    assert_eq!(reply.header("location"), Some(ARRIVED));
    let asked = scene.wechat.asked_once(REDEEM_THROUGH);
    let expected = "appid=wx-on-platform&code=C1&grant_type=authorization_code&component_appid=wxp&\
                    component_access_token=COMPONENT";
    assert_eq!(asked.url.query(), Some(expected));
    assert!(scene.wechat.asked(REDEEM).is_empty());
}
