//! Receipts: what WeChat tells later of a template message.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wxgate_sandbox::{APP_ID, AppChange, PushOrder, ReceiptStatus, Receipts};
use wxgate_tests::{Gateway, Pairing};

use super::with_pushes;
use crate::support::{reached, until};

crate::on_both_pairings!(
    whatever_way_a_receipt_comes_its_send_has_it,
    a_send_that_waits_for_its_receipt_ends_as_that_says,
);

/// From now on WeChat tells so.
pub(super) fn receipts(gateway: &Gateway, receipts: Receipts) {
    let change = AppChange { receipts: Some(receipts), ..AppChange::default() };
    gateway.wechat.change_app(APP_ID, change).unwrap();
}

/// The job's status once it is known what became of its message.
pub(super) async fn delivered(gateway: &Gateway, id: i64) -> Value {
    let began = Instant::now();
    loop {
        let status = gateway.caller.status(id).await;
        if status["result"]["delivery"].is_string() {
            return status;
        }
        assert!(began.elapsed() < Duration::from_secs(15), "no receipt was joined: {status}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn whatever_way_a_receipt_comes_its_send_has_it(pairing: Pairing) {
    let gateway = with_pushes(pairing).await;
    let usual = Receipts::default();
    let by_openid = json!("openid");
    for (openid, way, delivery, matched_by) in [
        ("oSandboxUser01", usual, "success", &Value::Null),
        ("oSandboxUser02", Receipts { times: 3, ..usual }, "success", &Value::Null),
        (
            "oSandboxUser03",
            Receipts { status: ReceiptStatus::UserBlocked, ..usual },
            "user_blocked",
            &Value::Null,
        ),
        (
            "oSandboxUser04",
            Receipts { status: ReceiptStatus::SystemFailed, ..usual },
            "system_failed",
            &Value::Null,
        ),
        ("oSandboxUser05", Receipts { before_answer: true, delay_ms: 0, ..usual }, "success", &Value::Null),
        ("oSandboxUser06", Receipts { zero_msgid: true, ..usual }, "success", &by_openid),
    ] {
        receipts(&gateway, way);
        let id = gateway.caller.message(openid, &[]).await;
        let status = delivered(&gateway, id).await;
        let result = &status["result"];
        assert_eq!((&result["delivery"], &result["delivery_matched_by"]), (&json!(delivery), matched_by));
        assert_eq!(status["state"], "succeeded", "WeChat took it, and nobody wanted to wait: {status}");
    }
    gateway.end().await;
}

/// A send that waits for its receipt, which does not come by itself: its job and message.
pub(super) async fn waiting(gateway: &Gateway, openid: &str) -> (i64, u64) {
    receipts(gateway, Receipts { times: 0, ..Receipts::default() });
    let more = [("receipt", "1"), ("callback_url", &gateway.callback_url())];
    let id = gateway.caller.message(openid, &more).await;
    until(&gateway.wechat, "the message", |wechat| !reached(wechat, openid).is_empty()).await;
    assert_eq!(gateway.caller.changed(id, "running").await["state"], "waiting");
    (id, reached(&gateway.wechat, openid)[0].msgid)
}

/// What WeChat pushes of a message.
pub(super) fn receipt(openid: &str, msgid: u64, status: &str) -> PushOrder {
    let fields = json!({ "MsgID": msgid, "Status": status });
    PushOrder {
        from: Some(openid.to_owned()),
        event: Some("TEMPLATESENDJOBFINISH".to_owned()),
        fields: fields.as_object().unwrap().clone(),
        ..PushOrder::default()
    }
}

async fn a_send_that_waits_for_its_receipt_ends_as_that_says(pairing: Pairing) {
    let gateway = with_pushes(pairing).await;
    let ends = [
        ("oSandboxUser01", "success", "succeeded", Value::Null),
        ("oSandboxUser02", "failed:user block", "failed", json!("user_blocked")),
        ("oSandboxUser03", "failed: system failed", "failed", json!("system_failed")),
    ];
    for (number, (openid, told, state, reason)) in ends.into_iter().enumerate() {
        let (id, msgid) = waiting(&gateway, openid).await;
        assert_eq!(gateway.receiver.posts().len(), number, "no callback before the end");

        gateway.wechat.push(&receipt(openid, msgid, told)).unwrap();

        let status = gateway.caller.finished(id).await;
        assert_eq!((&status["state"], &status["error"]["code"]), (&json!(state), &reason), "{status}");
        let post = gateway.receiver.wait_for(number + 1).await.remove(number);
        assert_eq!((post.field("state"), post.field("msgid")), (state.to_owned(), msgid.to_string()));
        assert_eq!(reached(&gateway.wechat, openid).len(), 1, "never sent again");
    }
    gateway.end().await;
}
