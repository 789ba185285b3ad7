//! Logins of users.

use crate::support::{APP, COMPONENT, PLATFORM_APP, SECRET, World, all_words, assert_no_secret, json, soon};
use wxgate_wechat::{CallError, Class, Language, Login, Scope, WeChatError};

const REDEEM: &str = "/sns/oauth2/access_token";
const REDEEM_THROUGH: &str = "/sns/oauth2/component/access_token";
const USER_INFO: &str = "/sns/userinfo";
const LOGGED_IN: &str = r#"{"access_token":"CANARY-WEB","expires_in":7200,"refresh_token":"CANARY-R",
    "openid":"oCANARY","scope":"snsapi_userinfo","unionid":"uCANARY"}"#;

async fn log_in(world: &World) -> Login {
    world.fake.next_reply(REDEEM, json(LOGGED_IN));
    world.wechat.redeem_login(APP, "C0DE", soon()).await.unwrap()
}

#[tokio::test]
async fn the_link_has_wechats_order_of_parameters_and_its_fragment() {
    let world = World::start().await;
    let page = "https://gw.example/wx_service/oauth_snsapi_base?a=1&b=2";
    let encoded = "https%3A%2F%2Fgw.example%2Fwx_service%2Foauth_snsapi_base%3Fa%3D1%26b%3D2";
    let base = format!("{}connect/oauth2/authorize", world.server.base());

    let own = world.wechat.login_url(APP, page, Scope::Base, "k3y").unwrap();
    let through = world.wechat.login_url(PLATFORM_APP, page, Scope::UserInfo, "k3y").unwrap();

    assert_eq!(
        own.as_str(),
        format!(
            "{base}?appid={APP}&redirect_uri={encoded}&response_type=code&scope=snsapi_base&state=k3y#wechat_redirect"
        )
    );
    assert_eq!(
        through.as_str(),
        format!(
            "{base}?appid={PLATFORM_APP}&redirect_uri={encoded}&response_type=code&scope=snsapi_userinfo\
             &state=k3y&component_appid={COMPONENT}#wechat_redirect"
        )
    );
}

#[tokio::test]
async fn an_apps_own_code_is_redeemed_with_its_secret() {
    let world = World::start().await;

    let login = log_in(&world).await;

    assert_eq!((login.openid.as_str(), login.unionid.as_deref()), ("oCANARY", Some("uCANARY")));
    assert_eq!((login.web_token.expose(), login.scope.as_str()), ("CANARY-WEB", "snsapi_userinfo"));
    assert!(!login.is_snapshot);
    assert_no_secret(&format!("{login:?}"));
    let [request] = &world.server.received(REDEEM)[..] else { panic!("one request is sent") };
    assert_eq!(
        request.url.query(),
        Some(&*format!("appid={APP}&secret={SECRET}&code=C0DE&grant_type=authorization_code"))
    );
    assert_eq!(world.fake.issued(), 0, "no access token is needed");
}

#[tokio::test]
async fn a_code_of_an_app_on_a_platform_is_redeemed_with_the_platforms_token() {
    let world = World::start().await;
    world.fake.next_reply(REDEEM_THROUGH, json(r#"{"errcode":42006,"errmsg":"token expired"}"#));
    world.fake.next_reply(REDEEM_THROUGH, json(LOGGED_IN));

    let login = world.wechat.redeem_login(PLATFORM_APP, "C0DE", soon()).await.unwrap();

    assert_eq!(login.openid, "oCANARY");
    let [_, request] = &world.server.received(REDEEM_THROUGH)[..] else { panic!("two are sent") };
    let component_token = world.wechat.component_token(COMPONENT, soon()).await.unwrap();
    assert_eq!(
        request.url.query(),
        Some(&*format!(
            "appid={PLATFORM_APP}&code=C0DE&grant_type=authorization_code\
             &component_appid={COMPONENT}&component_access_token={}",
            component_token.expose()
        ))
    );
}

#[tokio::test]
async fn a_visitor_of_a_snapshot_is_told() {
    let world = World::start().await;
    let answer = r#"{"access_token":"W","openid":"o1","scope":"snsapi_base","is_snapshotuser":1}"#;
    world.fake.next_reply(REDEEM, json(answer));

    let login = world.wechat.redeem_login(APP, "C0DE", soon()).await.unwrap();

    assert!(login.is_snapshot);
    assert_eq!(login.unionid, None);
}

#[tokio::test]
async fn what_the_user_lets_know_is_answered_as_wechat_says_it() {
    let world = World::start().await;
    let login = log_in(&world).await;
    let info = r#"{"openid":"oCANARY","nickname":"\u5496啡","sex":0,"privilege":[]}"#;
    world.fake.next_reply(USER_INFO, json(info));

    let answer = world.wechat.user_info(&login, Language::English, soon()).await.unwrap();

    assert_eq!(&answer.body()[..], info.as_bytes());
    assert_eq!((answer.text("nickname"), answer.whole("sex")), (Some("咖啡"), Some(0)));
    let [request] = &world.server.received(USER_INFO)[..] else { panic!("one request is sent") };
    assert_eq!(request.url.query(), Some("access_token=CANARY-WEB&openid=oCANARY&lang=en"));
}

#[tokio::test]
async fn in_a_login_nothing_is_renewed_and_the_user_logs_in_again() {
    for errcode in [40029, 40163, 42003, 40001, 42001] {
        let world = World::start().await;
        world.fake.next_reply(REDEEM, json(&format!(r#"{{"errcode":{errcode},"errmsg":"no"}}"#)));

        let error = world.wechat.redeem_login(APP, "C0DE", soon()).await.unwrap_err();

        assert_no_secret(&all_words(&error));
        let WeChatError::Refused(refusal) = error else { panic!("{errcode}: {error:?}") };
        assert_eq!((refusal.errcode, refusal.class()), (errcode, Class::Permanent));
        assert!(refusal.explained().contains("logs in again"), "{}", refusal.explained());
        assert_eq!(world.server.received(REDEEM).len(), 1);
    }
}

#[tokio::test]
async fn an_answer_without_a_user_is_no_login() {
    let world = World::start().await;
    world.fake.next_reply(REDEEM, json(r#"{"access_token":"W","expires_in":7200}"#));

    let error = world.wechat.redeem_login(APP, "C0DE", soon()).await.unwrap_err();

    assert!(matches!(error, WeChatError::Call(CallError::Unreadable)));
}

#[tokio::test]
async fn nobody_logs_in_to_an_unknown_app() {
    let world = World::start().await;
    let link = world.wechat.login_url("wx-nobody", "https://gw.example", Scope::Base, "k");
    let login = world.wechat.redeem_login("wx-nobody", "C0DE", soon()).await;
    assert!(matches!((link, login), (Err(WeChatError::UnknownApp), Err(WeChatError::UnknownApp))));
}
