//! Third-party platforms and the accounts that authorised them.

use std::time::Duration;

use crate::support::{
    COMPONENT, PLATFORM_APP, REFRESH, Received, SECRET, TOKEN, WAITING_APP, WAITING_COMPONENT, World, again,
    all_words, assert_no_secret, json, soon,
};
use bytes::Bytes;
use serde_json::{Value, json as value};
use tokio::task::JoinSet;
use wxgate_job::Outcome;
use wxgate_secret::Secret;
use wxgate_token::testing::refresh_tokens::Accounts;
use wxgate_wechat::{AccountKind, CallError, Sent, WeChatError};

const COMPONENT_TOKEN: &str = "/cgi-bin/component/api_component_token";
const AUTHORIZER_TOKEN: &str = "/cgi-bin/component/api_authorizer_token";
const PRE_AUTH_CODE: &str = "/cgi-bin/component/api_create_preauthcode";
const QUERY_AUTH: &str = "/cgi-bin/component/api_query_auth";
const AUTHORIZER_LIST: &str = "/cgi-bin/component/api_get_authorizer_list";
const SEND: &str = "/cgi-bin/message/template/send";

impl World {
    /// A world in which [`PLATFORM_APP`] has authorised its platform.
    async fn authorised() -> Self {
        let world = Self::start().await;
        world.store.authorise(PLATFORM_APP, Secret::new(format!("{REFRESH}0"))).await;
        world
    }

    async fn send_as(&self, app_id: &str) -> Result<Sent, WeChatError> {
        self.wechat.send_template(app_id, Bytes::from_static(b"{}"), soon()).await
    }

    async fn refresh_token(&self) -> Option<String> {
        let token = Accounts::refresh_token(&*self.store, PLATFORM_APP).await;
        token.map(|token| token.expose().to_owned())
    }
}

fn body(request: &Received) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

#[tokio::test]
async fn an_app_on_a_platform_sends_like_any_other() {
    let world = World::authorised().await;

    world.send_as(PLATFORM_APP).await.unwrap();

    let [component] = &world.server.received(COMPONENT_TOKEN)[..] else { panic!("one fetch") };
    assert_eq!(
        body(component),
        value!({ "component_appid": COMPONENT, "component_appsecret": SECRET,
                 "component_verify_ticket": "CANARY-VERIFY-TICKET" })
    );
    let [authorizer] = &world.server.received(AUTHORIZER_TOKEN)[..] else { panic!("one fetch") };
    assert_eq!(authorizer.url.query(), Some(&*format!("component_access_token={TOKEN}1")));
    assert_eq!(
        body(authorizer),
        value!({ "component_appid": COMPONENT, "authorizer_appid": PLATFORM_APP,
                 "authorizer_refresh_token": format!("{REFRESH}0") })
    );
    let [send] = &world.server.received(SEND)[..] else { panic!("one message") };
    assert_eq!(send.query("access_token"), Some(format!("{TOKEN}2")));
}

#[tokio::test]
async fn each_refresh_uses_the_refresh_token_that_the_last_one_brought() {
    let world = World::authorised().await;
    let mut standing = Vec::new();
    for _ in 0..3 {
        world.send_as(PLATFORM_APP).await.unwrap();
        standing.push(world.refresh_token().await.unwrap());
        world.fake.retire_tokens();
    }

    // Tokens of the platform and of the account take turns: 1 and 2, 3 and 4, 5 and 6.
    assert_eq!(standing, [2, 4, 6].map(|n| format!("{REFRESH}{n}")));
    let requests = world.server.received(AUTHORIZER_TOKEN);
    let used: Vec<_> = requests.iter().map(|r| body(r)["authorizer_refresh_token"].clone()).collect();
    // Twice where the platform's token, retired as well, was refused first.
    assert_eq!(used, [0, 2, 2, 4, 4].map(|n| format!("{REFRESH}{n}")));
}

#[tokio::test]
async fn the_new_refresh_token_stands_when_the_first_call_is_made() {
    let world = World::authorised().await;
    world.fake.next_reply(SEND, crate::support::Reply::Close);

    world.send_as(PLATFORM_APP).await.unwrap_err();

    assert_eq!(world.refresh_token().await, Some(format!("{REFRESH}2")));
}

#[tokio::test]
async fn a_refresh_that_brings_no_refresh_token_keeps_the_old() {
    let world = World::authorised().await;
    let answer = format!(r#"{{"authorizer_access_token":"{TOKEN}9","expires_in":7200}}"#);
    world.fake.next_reply(AUTHORIZER_TOKEN, json(&answer));

    world.send_as(PLATFORM_APP).await.unwrap();

    assert_eq!(world.refresh_token().await, Some(format!("{REFRESH}0")));
}

#[tokio::test]
async fn many_accounts_cost_one_platform_token() {
    let world = World::authorised().await;
    let mut calls = JoinSet::new();
    for _ in 0..100 {
        let wechat = world.wechat.clone();
        calls.spawn(async move { wechat.access_token(PLATFORM_APP, soon()).await });
        let wechat = world.wechat.clone();
        calls.spawn(async move { wechat.component_token(COMPONENT, soon()).await });
    }

    assert!(calls.join_all().await.iter().all(Result::is_ok));
    assert_eq!(world.server.received(COMPONENT_TOKEN).len(), 1);
    assert_eq!(world.server.received(AUTHORIZER_TOKEN).len(), 1);
}

#[tokio::test]
async fn an_account_that_has_not_authorised_the_platform_is_at_fault_and_wechat_is_not_asked() {
    let world = World::start().await;

    let error = world.send_as(PLATFORM_APP).await.unwrap_err();

    assert!(error.is_unauthorised());
    let Outcome::AppAtFault(failure) = error.into() else { panic!("the account has to act") };
    assert!(failure.message.contains("not authorised"), "{}", failure.message);
    assert!(world.server.received(COMPONENT_TOKEN).is_empty());
}

#[tokio::test]
async fn an_authorisation_that_is_over_is_the_apps_fault() {
    for errcode in [61003, 61023] {
        let world = World::authorised().await;
        let answer = format!(r#"{{"errcode":{errcode},"errmsg":"no rid: 1-2-3"}}"#);
        world.fake.next_reply(AUTHORIZER_TOKEN, json(&answer));

        let error = world.send_as(PLATFORM_APP).await.unwrap_err();

        assert!(error.is_unauthorised(), "{errcode}");
        assert_no_secret(&all_words(&error));
        let Outcome::AppAtFault(failure) = error.into() else { panic!("{errcode}") };
        assert_eq!(failure.errcode, Some(errcode));
    }
}

#[tokio::test]
async fn a_ticket_that_is_over_is_waited_for_until_the_next_push() {
    for errcode in [61005, 61006] {
        let world = World::authorised().await;
        world.fake.next_reply(COMPONENT_TOKEN, json(&format!(r#"{{"errcode":{errcode},"errmsg":"no"}}"#)));

        let error = world.send_as(PLATFORM_APP).await.unwrap_err();

        assert!(!error.is_unauthorised());
        assert_no_secret(&all_words(&error));
        assert_eq!(again(&error.into()), ("wechat", Duration::from_mins(10), false));
    }
}

#[tokio::test]
async fn a_platform_without_a_ticket_says_what_it_waits_for() {
    let world = World::start().await;
    world.store.authorise(WAITING_APP, Secret::new(format!("{REFRESH}0"))).await;

    let error = world.send_as(WAITING_APP).await.unwrap_err();

    assert!(!error.is_unauthorised());
    assert!(all_words(&error).contains("component_verify_ticket"), "{}", all_words(&error));
    let outcome = Outcome::from(error);
    assert!(matches!(&outcome, Outcome::Again { failure, .. } if failure.message.contains("pushes")));
    assert_eq!(again(&outcome), ("token", Duration::ZERO, false));
    let code = world.wechat.pre_auth_code(WAITING_COMPONENT, soon()).await.unwrap_err();
    assert!(all_words(&code).contains("component_verify_ticket"));
    assert!(world.server.received(COMPONENT_TOKEN).is_empty());
}

#[tokio::test]
async fn a_platform_token_refused_twice_is_tried_again_later() {
    let world = World::authorised().await;
    for _ in 0..2 {
        world.fake.next_reply(AUTHORIZER_TOKEN, json(r#"{"errcode":42001,"errmsg":"expired"}"#));
    }

    let error = world.send_as(PLATFORM_APP).await.unwrap_err();

    assert_eq!(again(&error.into()), ("wechat", Duration::ZERO, false));
    assert_eq!(world.server.received(COMPONENT_TOKEN).len(), 2);
}

#[tokio::test]
async fn wrong_credentials_of_the_platform_are_the_apps_fault() {
    for errcode in [40013, 40125, 61004, 61011] {
        let world = World::authorised().await;
        world.fake.next_reply(COMPONENT_TOKEN, json(&format!(r#"{{"errcode":{errcode},"errmsg":"no"}}"#)));

        let error = world.send_as(PLATFORM_APP).await.unwrap_err();

        assert_no_secret(&all_words(&error));
        assert!(matches!(Outcome::from(error), Outcome::AppAtFault(_)), "{errcode}");
    }
}

#[tokio::test]
async fn an_account_is_led_to_the_page_with_a_code() {
    let world = World::start().await;
    world.fake.next_reply(PRE_AUTH_CODE, json(r#"{"pre_auth_code":"pre@@@1","expires_in":1800}"#));

    let code = world.wechat.pre_auth_code(COMPONENT, soon()).await.unwrap();
    let page = "https://gw.example/back?a=1";
    let url = world.wechat.authorization_page_url(COMPONENT, &code, page, AccountKind::Official);

    assert_eq!(
        url.as_str(),
        format!(
            "{}cgi-bin/componentloginpage?component_appid={COMPONENT}&pre_auth_code=pre%40%40%401\
             &redirect_uri=https%3A%2F%2Fgw.example%2Fback%3Fa%3D1&auth_type=1",
            world.server.base()
        )
    );
    let [request] = &world.server.received(PRE_AUTH_CODE)[..] else { panic!("one request is sent") };
    assert_eq!(body(request), value!({ "component_appid": COMPONENT }));
}

#[tokio::test]
async fn the_code_of_an_authorisation_is_redeemed() {
    let world = World::start().await;
    let answer = value!({ "authorization_info": {
        "authorizer_appid": PLATFORM_APP, "authorizer_access_token": "CANARY-A", "expires_in": 7200,
        "authorizer_refresh_token": "CANARY-R",
        "func_info": [{ "funcscope_category": { "id": 1 } }, { "funcscope_category": { "id": "8" } }, {}],
    } });
    world.fake.next_reply(QUERY_AUTH, json(&answer.to_string()));

    let authorisation = world.wechat.query_auth(COMPONENT, "queryauthcode@@@1", soon()).await.unwrap();

    assert_eq!(authorisation.app_id, PLATFORM_APP);
    assert_eq!(authorisation.refresh_token.expose(), "CANARY-R");
    assert_eq!(authorisation.functions, [1, 8]);
    assert_no_secret(&format!("{authorisation:?}"));
    let [request] = &world.server.received(QUERY_AUTH)[..] else { panic!("one request is sent") };
    assert_eq!(request.query("component_access_token"), Some(format!("{TOKEN}1")));
    assert_eq!(
        body(request),
        value!({ "component_appid": COMPONENT, "authorization_code": "queryauthcode@@@1" })
    );
}

#[tokio::test]
async fn a_code_that_is_over_and_an_answer_without_an_account_authorise_nothing() {
    let world = World::start().await;
    world.fake.next_reply(QUERY_AUTH, json(r#"{"errcode":61010,"errmsg":"code is expired"}"#));
    world.fake.next_reply(QUERY_AUTH, json(r#"{"authorization_info":{"authorizer_appid":"wx1"}}"#));

    let over = world.wechat.query_auth(COMPONENT, "C", soon()).await.unwrap_err();
    let empty = world.wechat.query_auth(COMPONENT, "C", soon()).await.unwrap_err();

    assert!(matches!(over, WeChatError::Refused(refusal) if refusal.errcode == 61010));
    assert!(matches!(empty, WeChatError::Call(CallError::Unreadable)));
}

fn listed(accounts: &[(&str, &str)]) -> String {
    let account = |(app_id, refresh_token): &(&str, &str)| value!({ "authorizer_appid": app_id, "refresh_token": refresh_token, "auth_time": 1 });
    value!({ "total_count": 3, "list": accounts.iter().map(account).collect::<Vec<_>>() }).to_string()
}

#[tokio::test]
async fn the_refresh_token_of_an_account_is_found_on_a_later_page_of_the_list() {
    let world = World::start().await;
    world.fake.next_reply(AUTHORIZER_LIST, json(&listed(&[("wx1", "CANARY-1"), ("wx2", "CANARY-2")])));
    world.fake.next_reply(AUTHORIZER_LIST, json(&listed(&[(PLATFORM_APP, "CANARY-3")])));

    let found = world.wechat.listed_refresh_token(COMPONENT, PLATFORM_APP, soon()).await.unwrap();

    assert_eq!(found.unwrap().expose(), "CANARY-3");
    let requests = world.server.received(AUTHORIZER_LIST);
    assert_eq!(requests[0].query("component_access_token"), Some(format!("{TOKEN}1")));
    let asked: Vec<_> = requests.iter().map(body).collect();
    let page = |offset: u8| value!({ "component_appid": COMPONENT, "offset": offset, "count": 500 });
    assert_eq!(asked, [page(0), page(2)]);
}

#[tokio::test]
async fn an_account_that_is_not_listed_is_looked_for_no_longer_than_the_list_or_forty_pages() {
    let world = World::start().await;
    world.fake.next_reply(AUTHORIZER_LIST, json(&listed(&[("wx1", "CANARY-1")])));
    world.fake.next_reply(AUTHORIZER_LIST, json(&listed(&[])));
    assert!(world.wechat.listed_refresh_token(COMPONENT, PLATFORM_APP, soon()).await.unwrap().is_none());
    assert_eq!(world.server.received(AUTHORIZER_LIST).len(), 2);

    let endless = World::start().await;
    for _ in 0..50 {
        endless.fake.next_reply(AUTHORIZER_LIST, json(&listed(&[("wx1", "CANARY-1")])));
    }
    assert!(endless.wechat.listed_refresh_token(COMPONENT, PLATFORM_APP, soon()).await.unwrap().is_none());
    assert_eq!(endless.server.received(AUTHORIZER_LIST).len(), 40);
}

#[tokio::test]
async fn an_answer_without_a_list_tells_nothing_of_an_account() {
    let world = World::start().await;
    let error = world.wechat.listed_refresh_token(COMPONENT, PLATFORM_APP, soon()).await.unwrap_err();
    assert!(matches!(error, WeChatError::Call(CallError::Unreadable)));
}
