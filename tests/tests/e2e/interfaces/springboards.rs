//! Springboards (3.1 to 3.4 and 3.8), and the logins that they lead to.

use serde_json::{Value, json};
use wxgate_sandbox::{APP_ID, APP_SECRET};
use wxgate_tests::{Answer, CLIENT, Gateway, Pairing, Plan, SECRET, look_at, param, visit};

use super::{asked, is_key, text, ticket};
use crate::support::calls;

crate::on_both_pairings!(
    a_silent_login_leads_from_a_springboard_to_the_users_openid,
    a_login_with_consent_tells_who_the_user_is_and_serves_once,
    a_bound_login_is_told_to_the_browsers_key_alone,
    a_test_springboard_has_a_user_without_wechat,
);

const BASE: &str = "oauth_snsapi_base";
const USER_INFO: &str = "oauth_snsapi_userinfo";

/// Where codes are redeemed.
const REDEEM: &str = "/sns/oauth2/access_token";

/// The caller's page.
fn home(gateway: &Gateway) -> String {
    format!("{}/home?from=ad", gateway.receiver.url)
}

/// A springboard to the caller's page.
async fn springboard(gateway: &Gateway, oauth_type: &str, more: &[(&str, &str)]) -> Value {
    let home = home(gateway);
    let params = [&[("redirect_uri", home.as_str()), ("oauth_type", oauth_type)], more].concat();
    asked(&gateway.caller, "set_drawboard_data", &params).await
}

async fn user_data(gateway: &Gateway, key: &str) -> Answer {
    gateway.caller.call("get_user_data", &[("key", key)]).await
}

async fn a_silent_login_leads_from_a_springboard_to_the_users_openid(pairing: Pairing) {
    let gateway = Plan::new(pairing).client("--allow", "get_drawboard_data").start().await;
    let board = springboard(&gateway, BASE, &[]).await;
    let key = text(&board, "key");
    let back = format!("{}/wx_service/oauth_snsapi_base", gateway.caller.base);
    let back = back.replace(':', "%3A").replace('/', "%2F");
    let redirect = format!(
        "{}/connect/oauth2/authorize?appid={APP_ID}&redirect_uri={back}&response_type=code\
         &scope=snsapi_base&state={key}#wechat_redirect",
        gateway.wechat_url()
    );
    let documented = json!({ "key": key, "app_id": APP_ID, "component_appid": "", "redirect": redirect });
    assert!(is_key(key) && board == documented, "{board}");
    let early = user_data(&gateway, key).await;
    assert_eq!((early.status, early.retcode, early.data), (200, 202, json!({ "key": key })));

    assert_eq!(visit(&redirect).await.url, format!("{}&key={key}", home(&gateway)));

    assert_eq!(user_data(&gateway, key).await.data, json!({ "openid": "oSandboxUser01" }));
    secrets_are_handed_out(&gateway, key).await;
    what_the_caller_sets_takes_its_place(&gateway, key).await;
    gateway.end().await;
}

async fn secrets_are_handed_out(gateway: &Gateway, key: &str) {
    let told = asked(&gateway.caller, "get_drawboard_data", &[("key", key)]).await;
    let access_token = text(&told, "access_token");
    let documented = json!({
        "client_code": CLIENT,
        "client_secret": SECRET,
        "app_id": APP_ID,
        "component_appid": "",
        "app_sec": APP_SECRET,
        "is_third": 0,
        "access_token": access_token,
        "authorizer_access_token": "",
        "component_access_token": "",
    });
    assert_eq!(told, documented);
    assert!(ticket(gateway, access_token, "jsapi").await.is_some(), "the token is good");
}

async fn what_the_caller_sets_takes_its_place(gateway: &Gateway, key: &str) {
    let user = r#"{"openid":"oSandboxUser01","nickname":"咖啡","sex":"1"}"#;
    let params = [("key", key), ("user_data", user)];
    assert_eq!(asked(&gateway.caller, "set_user_data", &params).await, json!(key));
    assert_eq!(user_data(gateway, key).await.data.to_string(), user);
}

async fn a_login_with_consent_tells_who_the_user_is_and_serves_once(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let board = springboard(&gateway, USER_INFO, &[]).await;
    let key = text(&board, "key");
    let consent = visit(text(&board, "redirect")).await;

    let refused = visit(&consent.link("refuse")).await;
    assert_eq!((refused.status, user_data(&gateway, key).await.retcode), (403, 202), "{refused:?}");

    let codes = [look_at(&consent.link("allow")).await, look_at(&consent.link("allow")).await];
    let [code, later_code] = codes.map(|page| page.leads_to.unwrap());
    let expected = (302, Some(format!("{}&key={key}", home(&gateway))));
    for _ in 0..2 {
        let back = look_at(&code).await;
        assert_eq!((back.status, back.leads_to), expected, "WeChat's browser asks twice");
    }
    let made_up = code.replace(key, "00112233445566778899aabbccddeeff");
    for over in [later_code, made_up] {
        let page = look_at(&over).await;
        assert_eq!((page.status, page.leads_to), (410, None), "{over}");
    }
    assert_eq!(calls(&gateway.wechat, REDEEM), 1);

    let documented = json!({
        "openid": "oSandboxUser01",
        "nickname": "沙盒用户 oSandboxUser01",
        "sex": "0",
        "language": "",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": "https://thirdwx.qlogo.cn/mmopen/sandbox/132",
        "privilege": [],
        "unionid": "uoSandboxUser01",
    });
    assert_eq!(user_data(&gateway, key).await.data, documented);
    gateway.end().await;
}

async fn a_bound_login_is_told_to_the_browsers_key_alone(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let board = springboard(&gateway, BASE, &[("bind", "1")]).await;
    let key = text(&board, "key");

    let home = visit(text(&board, "redirect")).await;

    let fresh = home.param("key").unwrap();
    assert!(is_key(&fresh) && fresh != key, "{home:?}");
    assert_eq!(user_data(&gateway, key).await.retcode, 202, "whoever made the link learns nothing");
    assert_eq!(user_data(&gateway, &fresh).await.data, json!({ "openid": "oSandboxUser01" }));
    gateway.end().await;
}

async fn a_test_springboard_has_a_user_without_wechat(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let params = [("redirect_uri", "www.verystar.cn"), ("oauth_type", BASE)];

    let board = asked(&gateway.caller, "set_drawboard_data_test", &params).await;

    let key = text(&board, "key");
    let redirect = format!("www.verystar.cn?key={key}");
    let documented = json!({ "key": key, "app_id": APP_ID, "component_appid": "", "redirect": redirect });
    assert_eq!(board, documented);
    assert_eq!(param(&format!("http://{redirect}"), "key").as_deref(), Some(key));
    let user = user_data(&gateway, key).await.data;
    let fields = ["openid", "nickname", "sex", "province", "city", "country", "headimgurl", "unionid"];
    assert!(fields.iter().all(|field| user[field].is_string()) && user["privilege"].is_array(), "{user}");
    let other = gateway.add_client("other", APP_ID, &[]);
    other.wait_until_known().await;
    assert_eq!(other.call("get_user_data", &[("key", key)]).await.retcode, 404, "another's key");
    assert_eq!(gateway.wechat.stats().calls.len(), 0);
    gateway.end().await;
}
