//! Springboards for logins (3.1 to 3.4, 3.8).

use serde_json::{Value, json};
use wxgate_store::Store as _;
use wxgate_store::model::springboard::Purpose;

use crate::fake_wechat::FakeWeChat;
use crate::request::{Request, SECRET};
use crate::support::TestGateway;

fn set(oauth_type: &str) -> Request {
    let request = Request::to("set_drawboard_data").with("redirect_uri", "www.verystar.cn");
    request.with("client_code", "trusted").with("oauth_type", oauth_type)
}

fn with_key(interface: &'static str, key: &str) -> Request {
    Request::to(interface).with("client_code", "trusted").with("key", key)
}

fn key(data: &Value) -> String {
    let key = data["key"].as_str().unwrap().to_owned();
    assert!(key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
    key
}

#[tokio::test]
async fn a_springboard_leads_to_wechats_login_and_back() {
    let gateway = TestGateway::start().await;
    for scope in ["snsapi_base", "snsapi_userinfo"] {
        let data = gateway.answered(&set(&format!("oauth_{scope}"))).await;
        let key = key(&data);
        let redirect = format!(
            "http://127.0.0.1:1/connect/oauth2/authorize?appid=wx1\
             &redirect_uri=https%3A%2F%2Fgateway.example%2Fwx_service%2Foauth_{scope}\
             &response_type=code&scope={scope}&state={key}#wechat_redirect"
        );
        let documented = json!({
            "key": key, "app_id": "wx1", "component_appid": "", "redirect": redirect
        });
        assert_eq!(data, documented);
    }
}

#[tokio::test]
async fn a_springboard_keeps_what_was_sent_and_a_repeat_has_the_same_key() {
    let gateway = TestGateway::start().await;
    let bound = set("oauth_snsapi_base").with("bind", 1);
    let data = gateway.answered(&bound).await;
    assert_eq!(gateway.answered(&bound).await, data);

    let board = gateway.store.springboard(&key(&data)).await.unwrap().unwrap();
    let login = Purpose::Login {
        redirect_uri: "www.verystar.cn".to_owned(),
        oauth_type: "oauth_snsapi_base".to_owned(),
        bind: true,
    };
    assert_eq!((board.purpose, board.client.as_str(), board.app.as_str()), (login, "trusted", "wx1"));
}

#[tokio::test]
async fn a_springboard_leads_nowhere_but_to_the_web_and_asks_for_what_there_is() {
    let gateway = TestGateway::start().await;
    for interface in ["set_drawboard_data", "set_drawboard_data_test"] {
        let request = Request::to(interface).with("redirect_uri", "http://a/").with("oauth_type", "oauth_x");
        gateway.refused(&request, 400, "oauth_type: must be").await;
        let request = request.with("oauth_type", "oauth_snsapi_base");
        for elsewhere in ["javascript:alert(1)", "data:text/html,x", "weixin://dl"] {
            gateway
                .refused(&request.clone().with("redirect_uri", elsewhere), 400, "redirect_uri: must")
                .await;
        }
    }
    gateway.refused(&set("oauth_snsapi_base").with("bind", "yes"), 400, "bind: must be 0 or 1").await;
}

#[tokio::test]
async fn a_springboards_data_is_the_apps_secrets_and_its_current_token() {
    let wechat = FakeWeChat::start().await;
    let gateway = TestGateway::start_against(&wechat).await;
    let key = key(&gateway.answered(&set("oauth_snsapi_base")).await);
    let documented = json!({
        "client_code": "trusted",
        "client_secret": SECRET,
        "app_id": "wx1",
        "component_appid": "",
        "app_sec": "app-secret",
        "is_third": 0,
        "access_token": "app-token",
        "authorizer_access_token": "",
        "component_access_token": "",
    });
    assert_eq!(gateway.answered(&with_key("get_drawboard_data", &key)).await, documented);
    assert!(!crate::logging::logged("app-token"));
}

#[tokio::test]
async fn secrets_go_to_whom_they_are_granted_by_name_and_for_own_keys_alone() {
    let gateway = TestGateway::start().await;
    let key = key(&gateway.answered(&set("oauth_snsapi_base")).await);
    let get = with_key("get_drawboard_data", &key);
    gateway.refused(&get.clone().with("client_code", "shop"), 106, "get_drawboard_data").await;
    gateway.refused(&get.with("client_code", "other-trusted"), 404, "no such key").await;
    gateway.refused(&with_key("get_drawboard_data", &"0".repeat(32)), 404, "no such key").await;
}

#[tokio::test]
async fn without_a_token_there_is_no_springboard_data() {
    let wechat =
        FakeWeChat::that_says("/cgi-bin/token", r#"{"errcode":40125,"errmsg":"invalid appsecret"}"#).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let key = key(&gateway.answered(&set("oauth_snsapi_base")).await);
    gateway.refused(&with_key("get_drawboard_data", &key), 502, "WeChat answered 40125").await;
}

#[tokio::test]
async fn user_data_is_awaited_set_and_read_back_unchanged() {
    let gateway = TestGateway::start().await;
    let key = key(&gateway.answered(&set("oauth_snsapi_base")).await);
    let get = with_key("get_user_data", &key);
    let before = gateway.call(&get).await;
    assert_eq!((before.retcode, before.data), (202, json!({ "key": key })));

    let user = r#"{"openid" : "oUser", "sex":"1","n":12345678901234567890}"#;
    let set_user = with_key("set_user_data", &key).with("user_data", user);
    assert_eq!(gateway.answered(&set_user).await, json!(key));
    let body = gateway.send(&get.post()).await.body;
    assert_eq!(body, format!(r#"{{"retcode":200,"data":{user},"msg":""}}"#));
}

#[tokio::test]
async fn user_data_is_an_object_of_at_most_64_kib_under_an_own_key() {
    let gateway = TestGateway::start().await;
    let key = key(&gateway.answered(&set("oauth_snsapi_base")).await);
    let of_length = |length: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(length - r#"{"a":""}"#.len()));
    let set_user = |user: &str| with_key("set_user_data", &key).with("user_data", user);
    gateway.answered(&set_user(&of_length(1 << 16))).await;
    gateway.refused(&set_user(&of_length((1 << 16) + 1)), 400, "user_data: is longer than 65536 bytes").await;
    gateway.refused(&set_user("[]"), 400, "user_data: must be a JSON object").await;
    gateway.refused(&set_user("{"), 400, "user_data: is not JSON").await;

    gateway.refused(&set_user("{}").with("client_code", "shop"), 404, "no such key").await;
    gateway.refused(&with_key("get_user_data", &key).with("client_code", "shop"), 404, "no such key").await;
}

#[tokio::test]
async fn the_test_springboard_has_a_user_at_once_and_never_asks_wechat() {
    let gateway = TestGateway::start().await;
    let set = Request::to("set_drawboard_data_test").with("oauth_type", "oauth_snsapi_base");
    let set = set.with("redirect_uri", "www.verystar.cn?a=b#top").with("client_code", "trusted");
    let data = gateway.answered(&set).await;
    let key = key(&data);
    let redirect = format!("www.verystar.cn?a=b&key={key}#top");
    assert_eq!(data, json!({"key": key, "app_id": "wx1", "component_appid": "", "redirect": redirect}));

    let user = gateway.answered(&with_key("get_user_data", &key)).await;
    let fields =
        ["openid", "nickname", "sex", "province", "city", "country", "headimgurl", "privilege", "unionid"];
    assert_eq!(user.as_object().unwrap().keys().collect::<Vec<_>>(), fields);
    assert_eq!((&user["sex"], &user["privilege"]), (&json!("1"), &json!([])));
}
