//! Web logins, as a browser and an app go through them.

use std::collections::BTreeMap;

use serde_json::Value;
use wxgate_sandbox::{APP_ID, APP_SECRET, AppChange, COMPONENT_APP_ID, Setting};

use crate::play::{Heard, Play};

fn link(scope: &str, more: &str) -> String {
    format!(
        "/connect/oauth2/authorize?appid={APP_ID}&redirect_uri=http%3A%2F%2Fcaller.example%2Fback%3Fa%3D1\
         &response_type=code&scope={scope}&state=key1{more}"
    )
}

fn exchange(code: &str) -> String {
    format!(
        "/sns/oauth2/access_token?appid={APP_ID}&secret={APP_SECRET}&code={code}&grant_type=authorization_code"
    )
}

/// The parameters of where a redirect leads.
fn led(heard: &Heard) -> BTreeMap<String, String> {
    assert_eq!(heard.status, 302, "{heard:?}");
    let location = url::Url::parse(heard.location.as_ref().unwrap()).unwrap();
    assert_eq!(location.host_str(), Some("caller.example"));
    location.query_pairs().into_owned().collect()
}

impl Play {
    /// What the page's link of this id leads to.
    async fn click(&self, page: &Heard, id: &str) -> Heard {
        let (_, rest) = page
            .text()
            .split_once(&format!("id=\"{id}\" href=\""))
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        let href = rest.split('"').next().unwrap().replace("&amp;", "&");
        self.hear(self.get(&href)).await
    }

    async fn log_in(&self, scope: &str) -> Value {
        let page = self.hear(self.get(&link(scope, ""))).await;
        let back = if scope == "snsapi_base" { page } else { self.click(&page, "allow").await };
        let code = led(&back)["code"].clone();
        self.hear(self.get(&exchange(&code))).await.json()
    }

    async fn sns(&self, path: &str, token: &str, openid: &str) -> Heard {
        self.hear(self.get(&format!("{path}?access_token={token}&openid={openid}&lang=zh_CN"))).await
    }
}

#[tokio::test]
async fn a_silent_login_leads_straight_back_with_code_and_state() {
    let play = Play::start();
    let back = led(&play.hear(play.get(&link("snsapi_base", "&forcePopup=true"))).await);
    assert_eq!((back["a"].as_str(), back["state"].as_str(), back.len()), ("1", "key1", 3));

    let told = play.hear(play.get(&exchange(&back["code"]))).await.json();
    assert_eq!((&told["openid"], &told["scope"]), (&"oSandboxUser01".into(), &"snsapi_base".into()));
    assert!(told.get("errcode").is_none() && told.get("unionid").is_none(), "{told}");
    let token = told["access_token"].as_str().unwrap();
    assert_eq!(play.sns("/sns/userinfo", token, "oSandboxUser01").await.errcode(), 48001);
    assert_eq!(play.errcode_with(token).await, 40001);
}

#[tokio::test]
async fn a_login_with_consent_asks_and_tells_name_and_picture() {
    let play = Play::start();
    play.change(AppChange { visitor: Some("oSandboxUser07".to_owned()), ..AppChange::default() });
    let told = play.log_in("snsapi_userinfo").await;
    let token = told["access_token"].as_str().unwrap();

    let info = play.sns("/sns/userinfo", token, "oSandboxUser07").await.json();
    assert_eq!((&info["openid"], &info["unionid"]), (&"oSandboxUser07".into(), &told["unionid"]));
    assert!(info["nickname"].as_str().unwrap().starts_with("沙盒用户") && info["privilege"].is_array());
    let good = play.sns("/sns/auth", token, "oSandboxUser07").await;
    assert_eq!(good.json(), serde_json::json!({"errcode": 0, "errmsg": "ok"}));
    assert_eq!(play.sns("/sns/auth", token, "oSandboxUser01").await.errcode(), 40003);
    assert_eq!(play.sns("/sns/auth", "INVENTED_WEB_TOKEN", "oSandboxUser07").await.errcode(), 40001);
}

#[tokio::test]
async fn whoever_refuses_is_led_back_with_the_state_alone() {
    let play = Play::start();
    let page = play.hear(play.get(&link("snsapi_userinfo", ""))).await;
    let back = led(&play.click(&page, "refuse").await);
    assert_eq!((back.get("code"), back["state"].as_str()), (None, "key1"));
}

#[tokio::test]
async fn a_code_works_once_for_five_minutes_and_for_its_app() {
    let play = Play::start();
    let code = |back: Heard| led(&back)["code"].clone();
    let used = code(play.hear(play.get(&link("snsapi_base", ""))).await);
    assert_eq!(play.hear(play.get(&exchange(&used))).await.errcode(), 0);
    assert_eq!(play.hear(play.get(&exchange(&used))).await.errcode(), 40163);

    let late = code(play.hear(play.get(&link("snsapi_base", ""))).await);
    play.pass_s(300);
    assert_eq!(play.hear(play.get(&exchange(&late))).await.errcode(), 40029);
    let fresh = code(play.hear(play.get(&link("snsapi_base", ""))).await);
    play.control().add_app(wxgate_sandbox::App::new("wx2", "s2")).unwrap();
    let stolen = exchange(&fresh).replace(APP_ID, "wx2").replace(APP_SECRET, "s2");
    assert_eq!(play.hear(play.get(&stolen)).await.errcode(), 40029);
}

#[tokio::test]
async fn each_bad_exchange_has_its_errcode() {
    let play = Play::start();
    let good = exchange("c");
    let requests = [
        (good.clone(), 40029),
        (good.replace(APP_SECRET, "wrong"), 40125),
        (good.replace(APP_ID, "wx0"), 40013),
        (good.replace(APP_ID, ""), 41002),
        (good.replace(APP_SECRET, ""), 41004),
        (good.replace("code=c", "code="), 41008),
        (good.replace("grant_type=authorization_code", "grant_type=x"), 40002),
    ];
    for (path, errcode) in requests {
        assert_eq!(play.hear(play.get(&path)).await.errcode(), errcode, "{path}");
    }
}

#[tokio::test]
async fn a_refresh_extends_a_token_that_lives_and_replaces_one_that_does_not() {
    let play = Play::start();
    let told = play.log_in("snsapi_base").await;
    let refresh_token = told["refresh_token"].as_str().unwrap();
    let path = format!("/sns/oauth2/refresh_token?appid={APP_ID}&grant_type=refresh_token&refresh_token=");
    let refresh = |token: &str| play.hear(play.get(&format!("{path}{token}")));
    assert_eq!(refresh(refresh_token).await.json()["access_token"], told["access_token"]);

    play.pass_s(7_200);
    let token = told["access_token"].as_str().unwrap();
    assert_eq!(play.sns("/sns/auth", token, "oSandboxUser01").await.errcode(), 42001);
    let renewed = refresh(refresh_token).await.json();
    assert_ne!(renewed["access_token"], told["access_token"]);
    play.pass_s(30 * 86_400);
    assert_eq!(refresh(refresh_token).await.errcode(), 42002);
    assert_eq!(refresh("wrong").await.errcode(), 40030);
}

#[tokio::test]
async fn a_bad_link_shows_a_page_with_its_number() {
    let play = Play::start();
    let good = link("snsapi_base", "");
    let domains = Setting::Set(["shop.example".to_owned()].into());
    play.change(AppChange { web_domains: domains, ..AppChange::default() });
    let page = play.hear(play.get(&good)).await;
    assert_eq!((page.status, page.content_type.as_str()), (200, "text/html; charset=utf-8"));
    assert!(page.text().contains("Error code: 10003"), "{}", page.text());

    let registered = good.replace("caller.example", "shop.example");
    assert_eq!(play.hear(play.get(&registered)).await.status, 302);
    let with_port = good.replace("caller.example", "shop.example%3A8443");
    assert!(play.hear(play.get(&with_port)).await.text().contains("10003"));
    let shuffled = registered.replace("&response_type=code", "") + "&response_type=code";
    assert!(play.hear(play.get(&shuffled)).await.text().contains("10005"));
}

#[tokio::test]
async fn through_a_platform_the_way_back_names_the_account() {
    let play = Play::start();
    let more = format!("&component_appid={COMPONENT_APP_ID}");
    let stranger = play.hear(play.get(&link("snsapi_base", &more))).await;
    assert!(stranger.text().contains("10015"));

    let component_token = play.component_token().await;
    play.control().authorize(COMPONENT_APP_ID, APP_ID).unwrap();
    let back = led(&play.hear(play.get(&link("snsapi_base", &more))).await);
    assert_eq!(back["appid"], APP_ID);
    assert_eq!(play.hear(play.get(&exchange(&back["code"]))).await.errcode(), 40029);
    let path = format!(
        "/sns/oauth2/component/access_token?appid={APP_ID}&code={}&grant_type=authorization_code\
         &component_appid={COMPONENT_APP_ID}&component_access_token={component_token}",
        back["code"]
    );
    assert_eq!(play.hear(play.get(&path)).await.json()["openid"], "oSandboxUser01");
    assert_eq!(play.hear(play.get(&path)).await.errcode(), 40163);
    let wrong = path.replace(&component_token, "INVENTED_COMPONENT_TOKEN");
    assert_eq!(play.hear(play.get(&wrong)).await.errcode(), 40001);
}
