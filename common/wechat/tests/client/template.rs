//! A template message and its token.

use std::sync::Arc;
use std::time::Duration;

use crate::support::{APP, BODY, Reply, TOKEN, World, again, json};
use bytes::Bytes;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::Instant;
use wxgate_job::Outcome;
use wxgate_wechat::{CallError, Class, WeChatError};

const SEND: &str = "/cgi-bin/message/template/send";

#[tokio::test]
async fn the_body_passes_through_byte_for_byte_and_a_msgid_of_19_digits_stays_exact() {
    let world = World::start().await;

    let sent = world.send().await.unwrap();

    assert_eq!(sent.msgid.as_deref(), Some("3662956322040938501"));
    assert!(!sent.duplicate);
    let [request] = &world.server.received(SEND)[..] else { panic!("one request is sent") };
    assert_eq!((request.method.as_str(), &request.body[..]), ("POST", BODY.as_bytes()));
    assert_eq!(request.query("access_token"), Some(format!("{TOKEN}1")));
    assert_eq!(request.content_type.as_deref(), Some("application/json; charset=utf-8"));
}

#[tokio::test]
async fn a_hundred_messages_cost_one_token() {
    let world = World::start().await;
    for _ in 0..100 {
        world.send().await.unwrap();
    }
    assert_eq!(world.fake.issued(), 1);
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_and_the_message_sent_once_more() {
    for errcode in ["40001", "\"40001\"", "40014", "42001", "41001"] {
        let world = World::start().await;
        let refusal = format!(r#"{{"errcode":{errcode},"errmsg":"rid: 65-0c-55"}}"#);
        world.fake.next_send_reply(json(&refusal));

        assert!(world.send().await.is_ok(), "{errcode}");
        assert_eq!(world.server.received(SEND).len(), 2, "{errcode}");
        assert_eq!(world.fake.issued(), 2, "{errcode}");
    }
}

#[tokio::test]
async fn a_second_refusal_of_the_token_ends_the_attempt() {
    let world = World::start().await;
    for _ in 0..2 {
        world.fake.next_send_reply(json(r#"{"errcode":42001,"errmsg":"access_token expired"}"#));
    }

    let error = world.send().await.unwrap_err();

    let WeChatError::Refused(refusal) = &error else { panic!("{error:?}") };
    assert_eq!((refusal.errcode, refusal.class()), (42001, Class::RefreshToken));
    assert_eq!(again(&error.into()), ("wechat", Duration::ZERO, false));
    assert_eq!(world.server.received(SEND).len(), 2);
}

#[tokio::test]
async fn a_token_that_dies_under_200_messages_costs_one_refresh() {
    let world = World::start().await;
    world.send().await.unwrap();
    world.fake.retire_tokens();
    let all_there = Arc::new(Barrier::new(200));
    let refusal = json(r#"{"errcode":40001,"errmsg":"invalid credential"}"#);
    world.fake.refuse_with(Reply::Together(all_there, Box::new(refusal)));

    let mut messages = JoinSet::new();
    for _ in 0..200 {
        let wechat = Arc::clone(&world.wechat);
        let deadline = Instant::now() + Duration::from_secs(20);
        let body = Bytes::from_static(BODY.as_bytes());
        messages.spawn(async move { wechat.send_template(APP, body, deadline).await });
    }

    assert!(messages.join_all().await.iter().all(Result::is_ok));
    assert_eq!(world.fake.issued(), 2);
    assert_eq!(world.server.received(SEND).len(), 1 + 200 + 200);
}

#[tokio::test]
async fn a_repeat_that_wechat_had_before_counts_as_sent() {
    for (answer, msgid) in [
        (
            r#"{"errcode":45065,"errmsg":"clientmsgid exist","msg_id":3662956322040938501}"#,
            Some("3662956322040938501"),
        ),
        (r#"{"errcode":44007,"errmsg":"repeated msg id"}"#, None),
    ] {
        let world = World::start().await;
        world.fake.next_send_reply(json(answer));

        let sent = world.send().await.unwrap();

        assert_eq!((sent.msgid.as_deref(), sent.duplicate), (msgid, true));
        let Outcome::Done(result) = sent.into() else { panic!("it is done: {answer}") };
        assert_eq!(result["errcode"], 0);
        assert_eq!(result["msgid"].as_str(), msgid);
    }
}

#[tokio::test]
async fn what_wechat_refuses_for_good_is_given_up_with_its_words_and_advice() {
    let world = World::start().await;
    let rid = "require subscribe rid: 6553f100-0c1d2e3f-55aa66bb";
    world.fake.next_send_reply(json(&format!(r#"{{"errcode":43004,"errmsg":"{rid}"}}"#)));

    let outcome = Outcome::from(world.send().await.unwrap_err());

    let Outcome::GiveUp(failure) = outcome else { panic!("{outcome:?}") };
    assert_eq!((failure.code.as_str(), failure.errcode), ("wechat", Some(43004)));
    assert!(failure.message.contains(rid), "{}", failure.message);
    assert!(failure.message.contains("does not follow"), "{}", failure.message);
}

#[tokio::test]
async fn past_its_deadline_nothing_is_sent_whether_a_token_is_there_or_not() {
    let world = World::start().await;
    for sent_before in [0, 1] {
        let error = world.send_within(Duration::ZERO).await.unwrap_err();

        assert!(matches!(error, WeChatError::Call(CallError::OutOfTime)));
        assert_eq!(Outcome::from(error), Outcome::Interrupted);
        assert_eq!(world.server.received(SEND).len(), sent_before);
        world.send().await.unwrap();
    }
}

#[tokio::test]
async fn a_token_that_does_not_come_in_time_leaves_no_doubt() {
    let world = World::start().await;
    world.fake.next_token_reply(Reply::Hang);

    let error = world.send_within(Duration::from_millis(100)).await.unwrap_err();

    assert!(matches!(error, WeChatError::TokenTimeout));
    assert_eq!(again(&error.into()), ("timeout", Duration::ZERO, false));
    assert!(world.server.received(SEND).is_empty());
}

#[tokio::test]
async fn an_unknown_app_is_at_fault() {
    let world = World::start().await;
    let deadline = Instant::now() + Duration::from_secs(20);

    let sent = world.wechat.send_template("wx-nobody", Bytes::from_static(b"{}"), deadline).await;

    assert!(matches!(Outcome::from(sent.unwrap_err()), Outcome::AppAtFault(_)));
}
