//! What goes wrong between here and WeChat, and whether the message may have gone out.

use std::time::Duration;

use crate::support::{APP, BODY, Reply, World, again, all_words, assert_no_secret, client, json};
use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::time::Instant;
use wxgate_job::Outcome;

const SEND: &str = "/cgi-bin/message/template/send";

fn whole(status: u16, content_type: &'static str, body: &str) -> Reply {
    Reply::Whole { status, content_type, body: body.into() }
}

/// Sends one message that fares so, and tells how its failure counts. No secret may show in it.
async fn fares(reply: Reply) -> (String, bool) {
    let world = World::start().await;
    world.send().await.unwrap(); // so that the token is there
    world.fake.next_send_reply(reply);
    let error = world.send_within(Duration::from_millis(500)).await.unwrap_err();
    assert_eq!(world.server.received(SEND).len(), 2, "it is written once, and not repeated");

    assert_no_secret(&all_words(&error));
    let outcome = Outcome::from(error);
    assert_no_secret(&format!("{outcome:?}"));
    let (code, _at_least, ambiguous) = again(&outcome);
    (code.to_owned(), ambiguous)
}

#[tokio::test]
async fn without_a_verdict_the_message_may_have_gone_out() {
    let long = format!("{{\"errmsg\":\"{}\"}}", "x".repeat(1 << 20));
    for (reply, code) in [
        (Reply::Half(r#"{"errcode":0,"errmsg":"ok","msgid":1}"#), "connection_lost"),
        (Reply::Close, "connection_lost"),
        (Reply::Hang, "timeout"),
        (whole(200, "text/html; charset=gbk", ""), "unreadable_answer"),
        (whole(200, "text/html", "<html>busy</html>"), "unreadable_answer"),
        (whole(200, "application/json", "[]"), "unreadable_answer"),
        (whole(200, "application/json", &long), "unreadable_answer"),
        (whole(500, "text/html", "oops"), "http_status"),
        (whole(502, "text/html", "<html>bad gateway</html>"), "http_status"),
        (whole(504, "application/json", r#"{"errcode":0}"#), "http_status"),
    ] {
        assert_eq!(fares(reply).await, (code.to_owned(), true));
    }
}

#[tokio::test]
async fn what_is_turned_away_on_the_way_has_not_gone_out() {
    for status in [429, 404, 403, 302] {
        let turned_away = fares(whole(status, "text/html", "no")).await;
        assert_eq!(turned_away, ("http_status".to_owned(), false), "{status}");
    }
}

#[tokio::test]
async fn what_finds_no_connection_has_not_gone_out() {
    let world = World::start().await;
    world.send().await.unwrap();
    // The token comes from the store; nobody listens where the message should go.
    let freed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let wechat = client(&format!("http://{freed}").parse().unwrap(), world.store.clone());

    let body = Bytes::from_static(BODY.as_bytes());
    let deadline = Instant::now() + Duration::from_secs(20);
    let error = wechat.send_template(APP, body, deadline).await.unwrap_err();

    assert_no_secret(&all_words(&error));
    assert_eq!(again(&error.into()), ("unreachable", Duration::ZERO, false));
}

#[tokio::test]
async fn control_characters_and_broken_utf_8_in_an_answer_are_read_over() {
    let world = World::start().await;
    let body = b"{\"errcode\":0,\"errmsg\":\"o\x01k \xe5\xbc\",\"msgid\":7}".to_vec();
    world.fake.next_send_reply(Reply::Whole { status: 200, content_type: "text/plain", body });

    let sent = world.send().await.unwrap();

    assert_eq!((sent.msgid.as_deref(), sent.errmsg.as_str()), (Some("7"), "ok \u{fffd}"));
}

#[tokio::test]
async fn an_answer_in_many_pieces_is_read_whole() {
    let world = World::start().await;
    let padding = "x".repeat(1_000_000);
    let answer = format!(r#"{{"padding":"{padding}","errcode":0,"errmsg":"ok","msgid":8}}"#);
    world.fake.next_send_reply(json(&answer));

    assert_eq!(world.send().await.unwrap().msgid.as_deref(), Some("8"));
}
