//! Pushes: which of them are taken, and what forgeries and repeats do, which is nothing.

use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use wxgate_sandbox::{APP_ID, Push, PushMode, PushOrder, Receipts};
use wxgate_tests::{Gateway, Pairing};

use super::receipts::{delivered, receipt, receipts, waiting};
use super::with_pushes;

crate::on_both_pairings!(
    a_push_is_taken_in_every_mode_that_the_app_allows,
    a_forged_push_ends_no_wait,
    a_push_that_is_posted_again_reaches_no_other_send,
);

const USER: &str = "oSandboxUser01";

/// Pushes this, and what came of it.
async fn pushed(gateway: &Gateway, order: &PushOrder) -> Push {
    let number = gateway.wechat.push(order).unwrap()[0];
    gateway.wechat.push_ended(number).await.unwrap()
}

/// What all attempts were answered with.
fn statuses(push: &Push) -> Vec<u16> {
    push.attempts.iter().map(|attempt| attempt.status.unwrap()).collect()
}

async fn a_push_is_taken_in_every_mode_that_the_app_allows(pairing: Pairing) {
    let gateway = with_pushes(pairing).await;
    assert!(gateway.wechat.check_push_url(APP_ID).await.unwrap().passed, "the echo");
    let in_mode =
        |mode| PushOrder { mode: Some(mode), event: Some("subscribe".to_owned()), ..PushOrder::default() };
    for mode in [PushMode::Plain, PushMode::Compatible, PushMode::Aes] {
        let push = pushed(&gateway, &in_mode(mode)).await;
        assert_eq!((statuses(&push), push.attempts[0].body.as_str()), (vec![200], "success"), "{push:?}");
    }
    let bomb = "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><xml><Event>&a;</Event></xml>";
    let bomb = PushOrder { xml: Some(bomb.to_owned()), ..in_mode(PushMode::Aes) };
    assert_eq!(statuses(&pushed(&gateway, &bomb).await), [400; 3]);

    gateway.run(&["app", "set", "--app-id", APP_ID, "--safe-push-only"]);
    while pushed(&gateway, &in_mode(PushMode::Plain)).await.was_taken() {}
    let plain = pushed(&gateway, &in_mode(PushMode::Plain)).await;
    assert_eq!(statuses(&plain), [403; 3], "asked three times, as WeChat does");
    assert!(pushed(&gateway, &in_mode(PushMode::Aes)).await.was_taken());
    gateway.end().await;
}

async fn a_forged_push_ends_no_wait(pairing: Pairing) {
    let gateway = with_pushes(pairing).await;
    let (id, msgid) = waiting(&gateway, USER).await;
    let genuine = receipt(USER, msgid, "failed:user block");
    for mode in [PushMode::Plain, PushMode::Aes] {
        let forged = PushOrder { wrong_signature: true, mode: Some(mode), ..genuine.clone() };
        assert_eq!(statuses(&pushed(&gateway, &forged).await), [403; 3]);
    }
    assert_eq!(gateway.caller.status(id).await["state"], "waiting");

    assert!(pushed(&gateway, &genuine).await.was_taken());
    assert_eq!(gateway.caller.finished(id).await["error"]["code"], "user_blocked");

    // Signed eleven minutes from now: what was recorded at one time is of no use at another.
    gateway.wechat.advance(Duration::from_mins(11)).unwrap();
    assert_eq!(statuses(&pushed(&gateway, &genuine).await), [403; 3]);
    gateway.end().await;
}

async fn a_push_that_is_posted_again_reaches_no_other_send(pairing: Pairing) {
    let gateway = with_pushes(pairing).await;
    receipts(&gateway, Receipts { times: 0, ..Receipts::default() });
    let first = gateway.caller.message(USER, &[]).await;
    gateway.caller.finished(first).await;
    let push = pushed(&gateway, &receipt(USER, 0, "success")).await;
    assert_eq!(delivered(&gateway, first).await["result"]["delivery"], "success");

    let second = gateway.caller.message(USER, &[]).await;
    let status = gateway.caller.finished(second).await;
    let again = Client::new().post(&push.url).body(push.body.clone()).send().await.unwrap();
    assert_eq!((again.status().as_u16(), again.text().await.unwrap().as_str()), (200, "success"));
    assert_eq!(gateway.caller.status(second).await["result"]["delivery"], Value::Null);

    let msgid = status["result"]["msgid"].as_str().unwrap().parse().unwrap();
    pushed(&gateway, &receipt(USER, msgid, "failed:user block")).await;
    assert_eq!(delivered(&gateway, second).await["result"]["delivery"], json!("user_blocked"));
    gateway.end().await;
}
