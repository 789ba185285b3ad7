//! Receipts of template messages.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;
use wxgate_job::{Awaited, JobId, JobState};
use wxgate_secret::Secret;
use wxgate_store::Store as _;
use wxgate_store::model::operate::App;
use wxgate_store::model::work::Settlement;

use crate::push::{AES_KEY, TOKEN, TestPush};
use crate::request::{MESSAGE, Request};
use crate::support::{TestGateway, app, now_s};

const USER: &str = "oSandboxUser01";

/// An app that expects receipts, and its client.
async fn gateway() -> TestGateway {
    TestGateway::start_with(|directory| {
        let expecting = App { event_token: Some(Secret::new(TOKEN)), ..app("wx1") };
        directory.apps.insert("wx1".to_owned(), Arc::new(expecting));
    })
    .await
}

fn receipt(user: &str, msgid: i64, status: &str, created_at: i64) -> TestPush {
    let xml = format!(
        "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[{user}]]></FromUserName>\
         <CreateTime>{created_at}</CreateTime><MsgType><![CDATA[event]]></MsgType>\
         <Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event><MsgID>{msgid}</MsgID>\
         <Status><![CDATA[{status}]]></Status></xml>"
    );
    TestPush::to("event/wx1", xml)
}

/// A send that WeChat took under this id.
async fn sent(gateway: &TestGateway, msgid: i64) -> JobId {
    let id = gateway.accepted(&Request::send().with("tpl_data", MESSAGE).with("n", msgid)).await;
    let result = format!(r#"{{"errcode":0,"errmsg":"ok","msgid":"{msgid}","delivery":null}}"#);
    gateway.settle(id, |end| Settlement { result: Some(result), msgid: Some(msgid), ..end }).await;
    id
}

async fn delivery(gateway: &TestGateway, id: JobId) -> Value {
    let result = gateway.job(id).await.view.result.unwrap();
    serde_json::from_str::<Value>(&result).unwrap()["delivery"].clone()
}

#[tokio::test]
async fn each_receipt_is_joined_to_its_send() {
    let gateway = gateway().await;
    for (msgid, status, told) in [
        (3_662_956_322_040_938_501, "success", "success"),
        (3_662_956_322_040_938_502, "failed:user block", "user_blocked"),
        (3_662_956_322_040_938_503, "failed: system failed", "system_failed"),
        (3_662_956_322_040_938_504, "made up", "unknown"),
    ] {
        let id = sent(&gateway, msgid).await;
        gateway.takes(&receipt(USER, msgid, status, 1000)).await;
        assert_eq!(delivery(&gateway, id).await, told);
    }
}

#[tokio::test]
async fn a_receipt_that_is_posted_again_reaches_no_other_send() {
    let gateway = gateway().await;
    let first = sent(&gateway, 1).await;
    gateway.takes(&receipt(USER, 0, "success", 1000)).await;
    assert_eq!(delivery(&gateway, first).await, "success");

    let second = sent(&gateway, 2).await;
    gateway.takes(&receipt(USER, 0, "success", 1000)).await;
    assert_eq!(delivery(&gateway, second).await, Value::Null);
    gateway.takes(&receipt(USER, 0, "success", 1001)).await;
    assert_eq!(delivery(&gateway, second).await, "success");
}

#[tokio::test]
async fn a_receipt_that_overtakes_its_answer_is_joined_when_the_answer_is_there() {
    let gateway = gateway().await;
    gateway.takes(&receipt(USER, 7, "failed:user block", 1000)).await;
    let id = sent(&gateway, 7).await;
    // A receipt that came too early is looked at again after a second.
    while gateway.store.wake(10).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(delivery(&gateway, id).await, "user_blocked");
}

#[tokio::test]
async fn a_receipt_that_a_send_waits_for_rings_for_it() {
    let gateway = gateway().await;
    let id = gateway.accepted(&Request::send()).await;
    let waiting = |end| Settlement {
        state: JobState::Waiting,
        due_in: Duration::from_hours(1),
        result: Some(r#"{"errcode":0,"errmsg":"ok","msgid":"7","delivery":null}"#.to_owned()),
        msgid: Some(7),
        awaited: Some(Awaited("receipt:wx1:7".to_owned())),
        ..end
    };
    gateway.settle(id, waiting).await;
    let rung = gateway.rung().len();
    gateway.takes(&receipt(USER, 7, "success", 1000)).await;
    assert_eq!(gateway.rung()[rung..], [id]);
}

#[tokio::test]
async fn a_receipt_that_cannot_be_stored_is_not_taken() {
    let gateway = gateway().await;
    gateway.store.close().await;
    gateway.rejects(&receipt(USER, 7, "success", 1000), 500).await;
}

/// The push with one bit of one byte turned, each time another one: every byte of its query, every third of its body.
fn changed(push: &TestPush) -> impl Iterator<Item = Vec<u8>> {
    let whole = push.post();
    let query = whole.iter().position(|byte| *byte == b'?').unwrap() + 1;
    let line = whole.iter().position(|byte| *byte == b'\r').unwrap() - " HTTP/1.1".len();
    let body = whole.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
    (query..line).chain((body..whole.len()).step_by(3)).map(move |at| {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 7);
        changed
    })
}

/// The parts of an encrypted push that are signed or are the signature, the latter in whichever case.
fn signed_parts(push: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(push);
    let part = |from: &str, to: [char; 3]| {
        let rest = text.split_once(from).map_or("", |(_, rest)| rest);
        rest.split(to).next().unwrap_or_default().to_owned()
    };
    let query = ["timestamp=", "nonce="].map(|name| part(name, ['&', ' ', '#']));
    let signature = part("msg_signature=", ['&', ' ', '#']).to_ascii_lowercase();
    [&query[..], &[signature, part("<![CDATA[", [']', '<', '>'])]].concat()
}

#[tokio::test]
async fn no_changed_byte_of_an_encrypted_push_says_anything_else() {
    let gateway = TestGateway::start_with(|directory| {
        let (event_token, aes_key) = (Some(Secret::new(TOKEN)), Some(Secret::new(AES_KEY)));
        let safe = App { event_token, aes_key, safe_push_only: true, ..app("wx1") };
        directory.apps.insert("wx1".to_owned(), Arc::new(safe));
    })
    .await;
    let [told, other] = [sent(&gateway, 501).await, sent(&gateway, 502).await];
    let push = receipt(USER, 501, "success", now_s()).sealed_for("wx1");

    let changed: Vec<Vec<u8>> = changed(&push).collect();
    // Many at once: a connection whose request cannot be read lingers for a second.
    for batch in changed.chunks(64) {
        let replies = join_all(batch.iter().map(|changed| gateway.send(changed)));
        let replies = tokio::time::timeout(Duration::from_mins(1), replies).await.expect("all are answered");
        for (changed, reply) in batch.iter().zip(replies) {
            assert!(matches!(reply.status, 200 | 400 | 403), "{}: {reply:?}", changed.escape_ascii());
            // Nothing else is read.
            let same = signed_parts(changed) == signed_parts(&push.post());
            assert!(reply.status != 200 || same, "taken: {}", changed.escape_ascii());
        }
    }
    let deliveries = [delivery(&gateway, told).await, delivery(&gateway, other).await];
    assert!(
        ["success".into(), Value::Null].contains(&deliveries[0]) && deliveries[1].is_null(),
        "{deliveries:?}"
    );
    gateway.takes(&push).await;
    assert_eq!(delivery(&gateway, told).await, "success");
}
