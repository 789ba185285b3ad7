//! Fetching tokens: the two kinds, and what becomes of failures.

use std::time::Duration;

use crate::support::{APP, Reply, SECRET, STABLE_APP, TOKEN, World, again, all_words, assert_no_secret};
use serde_json::{Value, json};
use wxgate_job::Outcome;
use wxgate_token::{KeeperError, TokenKey};
use wxgate_wechat::CredentialError;

fn stable_key() -> TokenKey {
    TokenKey::access(STABLE_APP)
}

fn token_reply(number: usize) -> Reply {
    crate::support::json(&format!(r#"{{"access_token":"{TOKEN}{number}","expires_in":"7200"}}"#))
}

/// Whether each request for a stable token was told to replace it.
fn forced(world: &World) -> Vec<bool> {
    let requests = world.server.received("/cgi-bin/stable_token");
    let bodies = requests.iter().map(|r| serde_json::from_slice::<Value>(&r.body).unwrap());
    bodies.map(|body| body["force_refresh"].as_bool().unwrap()).collect()
}

#[tokio::test]
async fn a_normal_token_is_fetched_by_get() {
    let world = World::start().await;
    let token = world.wechat.tokens().token(&TokenKey::access(APP)).await.unwrap();

    assert_eq!(token.expose(), format!("{TOKEN}1"));
    let [request] = &world.server.received("/cgi-bin/token")[..] else { panic!("one fetch") };
    assert_eq!(request.method, "GET");
    assert_eq!(request.query("grant_type").as_deref(), Some("client_credential"));
    assert_eq!(request.query("appid").as_deref(), Some(APP));
    assert_eq!(request.query("secret").as_deref(), Some(SECRET));
}

#[tokio::test]
async fn a_stable_token_is_fetched_by_post_and_not_replaced() {
    let world = World::start().await;
    world.wechat.tokens().token(&stable_key()).await.unwrap();

    let [request] = &world.server.received("/cgi-bin/stable_token")[..] else { panic!("one fetch") };
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!((request.method.as_str(), request.url.query()), ("POST", None));
    assert_eq!(
        body,
        json!({ "grant_type": "client_credential", "appid": STABLE_APP, "secret": SECRET,
                "force_refresh": false })
    );
}

#[tokio::test]
async fn a_refused_stable_token_that_somebody_replaced_is_only_asked_for() {
    let world = World::start().await;
    let old = world.wechat.tokens().token(&stable_key()).await.unwrap();

    let new = world.wechat.tokens().refused(&stable_key(), old.generation()).await.unwrap();

    assert_eq!(new.expose(), format!("{TOKEN}2"));
    assert_eq!(forced(&world), [false, false]);
}

#[tokio::test]
async fn a_refused_stable_token_that_wechat_still_hands_out_is_replaced() {
    let world = World::start().await;
    let old = world.wechat.tokens().token(&stable_key()).await.unwrap();
    world.fake.next_token_reply(token_reply(1));

    let new = world.wechat.tokens().refused(&stable_key(), old.generation()).await.unwrap();

    assert_eq!(new.expose(), format!("{TOKEN}2"));
    assert_eq!(forced(&world), [false, false, true]);
}

#[tokio::test]
async fn a_replaced_stable_token_must_be_another_one() {
    let world = World::start().await;
    let old = world.wechat.tokens().token(&stable_key()).await.unwrap();
    world.fake.next_token_reply(token_reply(1));
    world.fake.next_token_reply(token_reply(1));

    let new = world.wechat.tokens().refused(&stable_key(), old.generation()).await;

    let Err(KeeperError::Source(error)) = new else { panic!("{new:?}") };
    assert!(matches!(*error, CredentialError::RefusedTokenAgain));
    assert_eq!(forced(&world), [false, false, true]);
}

#[tokio::test]
async fn a_stable_token_is_not_replaced_twice_within_thirty_seconds() {
    let world = World::start().await;
    let first = world.wechat.tokens().token(&stable_key()).await.unwrap();
    world.fake.next_token_reply(token_reply(1));
    let second = world.wechat.tokens().refused(&stable_key(), first.generation()).await.unwrap();
    world.fake.next_token_reply(token_reply(2));

    let third = world.wechat.tokens().refused(&stable_key(), second.generation()).await;

    let Err(KeeperError::Source(error)) = third else { panic!("{third:?}") };
    assert!(matches!(*error, CredentialError::RefusedTokenAgain));
    assert_eq!(forced(&world), [false, false, true, false]);
}

/// What becomes of a message whose token cannot be fetched.
async fn without_token(reply: Reply) -> Outcome {
    let world = World::start().await;
    world.fake.next_token_reply(reply);
    let error = world.send().await.unwrap_err();
    assert_no_secret(&all_words(&error));
    assert!(world.server.received("/cgi-bin/message/template/send").is_empty());
    let outcome = Outcome::from(error);
    assert_no_secret(&format!("{outcome:?}"));
    outcome
}

#[tokio::test]
async fn wrong_credentials_are_the_apps_fault() {
    for errcode in [40001, 40013, 40125, 40164, 40243, 50007, 89503] {
        let answer = format!(r#"{{"errcode":{errcode},"errmsg":"no rid: 1-2-3"}}"#);
        let outcome = without_token(crate::support::json(&answer)).await;

        let Outcome::AppAtFault(failure) = outcome else { panic!("{errcode}: {outcome:?}") };
        assert_eq!(failure.errcode, Some(errcode));
        assert!(failure.message.contains("no rid: 1-2-3"), "{}", failure.message);
    }
}

#[tokio::test]
async fn the_quota_of_tokens_is_a_quota() {
    let answer = crate::support::json(r#"{"errcode":45009,"errmsg":"reach max api daily quota limit"}"#);
    assert!(matches!(without_token(answer).await, Outcome::Quota(_)));
}

#[tokio::test]
async fn a_fetch_that_fails_leaves_no_doubt_about_the_message() {
    let html = Reply::Whole { status: 200, content_type: "text/html; charset=gbk", body: vec![] };
    let gone = Reply::Whole { status: 502, content_type: "text/html", body: vec![] };
    for (reply, code) in [
        (Reply::Close, "connection_lost"),
        (Reply::Half(r#"{"access_token":"CANARY","expires_in":7200}"#), "connection_lost"),
        (html, "unreadable_answer"),
        (gone, "http_status"),
        (crate::support::json(r#"{"errcode":-1,"errmsg":"system error"}"#), "wechat"),
        (crate::support::json(r#"{"expires_in":7200}"#), "token"),
    ] {
        assert_eq!(again(&without_token(reply).await), (code, Duration::ZERO, false));
    }
}

#[tokio::test]
async fn a_busy_minute_is_waited_out() {
    let answer = crate::support::json(r#"{"errcode":45011,"errmsg":"api minute-quota reach limit"}"#);
    let outcome = without_token(answer).await;
    assert_eq!(again(&outcome), ("wechat", Duration::from_mins(1), false));
}
