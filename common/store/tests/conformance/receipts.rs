use std::time::Duration;

use wxgate_job::{Awaited, Doorbell, JobId, JobState};
use wxgate_store::model::intake::NewJob;
use wxgate_store::model::receipt::{Delivery, Receipt, Received};
use wxgate_store::model::work::{Settlement, WorkerId};

use crate::fixture::{TestStore, accept, claim_one, enlist, job, lane, settlement, view};

crate::scenarios!(
    a_receipt_is_joined_to_its_send,
    the_first_receipt_of_a_message_counts,
    a_receipt_wakes_the_send_that_waits_for_it,
    a_receipt_that_overtakes_the_answer_is_joined_later,
    a_receipt_that_comes_during_a_look_is_joined_after_it,
    a_late_receipt_says_what_nobody_had_said,
    a_receipt_is_joined_to_every_send_of_its_message,
    a_receipt_without_id_is_joined_to_the_only_send_to_its_user,
    a_receipt_without_id_is_not_joined_when_two_sends_lack_one,
    a_receipt_without_id_is_not_joined_while_another_send_is_unanswered,
    a_receipt_without_id_belongs_to_no_later_send,
    a_repeat_without_id_is_told_from_another_receipt_by_its_push,
    of_one_push_at_many_connections_one_receipt_counts,
    without_an_id_that_may_come_nothing_is_joined,
    young_receipts_are_remembered,
);

const MSGID: i64 = 3_662_956_322_040_938_501;

fn result(delivery: &str) -> String {
    format!(r#"{{"errcode":0,"errmsg":"ok","msgid":"{MSGID}","delivery":{delivery}}}"#)
}

/// What WeChat tells of the message to `openid-<seed>`.
fn receipt(seed: u8, msgid: i64, delivery: Delivery) -> Receipt {
    let openid = format!("openid-{seed}");
    let mut push = [seed; 16];
    push[..8].copy_from_slice(&msgid.to_be_bytes());
    Receipt { app: "wx1".to_owned(), openid, msgid, delivery, push }
}

/// The same by another push.
fn another(receipt: Receipt) -> Receipt {
    let mut push = receipt.push;
    push[15] ^= 0xff;
    Receipt { push, ..receipt }
}

fn taken(state: JobState, msgid: Option<i64>) -> impl Fn(Settlement) -> Settlement {
    move |settlement| Settlement {
        state,
        due_in: if state == JobState::Waiting { Duration::from_hours(24) } else { Duration::ZERO },
        result: Some(result("null")),
        msgid,
        awaited: (state == JobState::Waiting).then(|| Awaited(format!("receipt:wx1:{MSGID}"))),
        ..settlement
    }
}

/// A message to `openid-<seed>` that WeChat has taken.
async fn sent(store: &TestStore, worker: WorkerId, seed: u8, state: JobState, msgid: Option<i64>) -> JobId {
    let id = accept(store, job("c", seed)).await;
    answer(store, worker, id, state, msgid).await;
    id
}

async fn answer(store: &TestStore, worker: WorkerId, id: JobId, state: JobState, msgid: Option<i64>) {
    let claimed = claim_one(store, worker, id).await;
    store.settle(worker, &[taken(state, msgid)(settlement(&claimed, state))]).await.unwrap();
}

async fn result_of(store: &TestStore, id: JobId) -> String {
    view(store, id).await.result.unwrap()
}

/// Wakes what there is, until there is something: what is kept is looked at after a second.
async fn woken(store: &TestStore) -> u64 {
    loop {
        match store.wake(10).await.unwrap() {
            0 => tokio::task::yield_now().await,
            woken => return woken,
        }
    }
}

async fn a_receipt_is_joined_to_its_send(store: TestStore) {
    let worker = enlist(&store).await;
    let id = sent(&store, worker, 1, JobState::Succeeded, Some(MSGID)).await;
    let other = sent(&store, worker, 2, JobState::Succeeded, Some(MSGID + 1)).await;
    let foreign = Receipt { app: "wx2".to_owned(), ..receipt(1, MSGID, Delivery::SystemFailed) };
    assert_eq!(store.receive(&foreign).await.unwrap(), Received::Kept);
    assert_eq!(store.receive(&receipt(1, MSGID, Delivery::Success)).await.unwrap(), Received::Joined);
    assert_eq!(result_of(&store, id).await, result(r#""success""#));
    assert_eq!(result_of(&store, other).await, result("null"));
}

async fn the_first_receipt_of_a_message_counts(store: TestStore) {
    let worker = enlist(&store).await;
    let id = sent(&store, worker, 1, JobState::Succeeded, Some(MSGID)).await;
    assert_eq!(store.receive(&receipt(1, MSGID, Delivery::UserBlocked)).await.unwrap(), Received::Joined);
    for again in [Delivery::UserBlocked, Delivery::Success] {
        let again = receipt(1, MSGID, again);
        assert_eq!(store.receive(&again).await.unwrap(), Received::Repeated);
        assert_eq!(store.receive(&another(again)).await.unwrap(), Received::Repeated);
    }
    assert_eq!(result_of(&store, id).await, result(r#""user_blocked""#));
}

async fn a_receipt_wakes_the_send_that_waits_for_it(store: TestStore) {
    let worker = enlist(&store).await;
    let id = sent(&store, worker, 1, JobState::Waiting, Some(MSGID)).await;
    assert!(store.claim(worker, &[id]).await.unwrap().is_empty());
    let received = store.receive(&receipt(1, MSGID, Delivery::Success)).await.unwrap();
    assert_eq!(received, Received::Woke(Doorbell { lane: lane("c"), ids: vec![id] }));
    let claimed = claim_one(&store, worker, id).await;
    assert_eq!(claimed.report.as_deref(), Some("success"));
    assert_eq!(claimed.result, Some(result(r#""success""#)));
}

async fn a_receipt_that_overtakes_the_answer_is_joined_later(store: TestStore) {
    let worker = enlist(&store).await;
    let (done, waits) = (accept(&store, job("c", 1)).await, accept(&store, job("c", 2)).await);
    for (seed, msgid) in [(1, MSGID), (2, MSGID + 1)] {
        let early = receipt(seed, msgid, Delivery::Success);
        assert_eq!(store.receive(&early).await.unwrap(), Received::Kept);
        assert_eq!(store.receive(&early).await.unwrap(), Received::Repeated);
    }
    answer(&store, worker, done, JobState::Succeeded, Some(MSGID)).await;
    answer(&store, worker, waits, JobState::Waiting, Some(MSGID + 1)).await;
    let mut joined = 0;
    while joined < 2 {
        joined += woken(&store).await;
    }
    assert_eq!(result_of(&store, done).await, result(r#""success""#));
    assert_eq!(claim_one(&store, worker, waits).await.report.as_deref(), Some("success"));
    assert_eq!(store.wake(10).await.unwrap(), 0);
}

async fn a_receipt_that_comes_during_a_look_is_joined_after_it(store: TestStore) {
    let worker = enlist(&store).await;
    let id = sent(&store, worker, 1, JobState::Waiting, Some(MSGID)).await;
    store.retry_job(id, None).await.unwrap();
    let looking = claim_one(&store, worker, id).await;
    assert_eq!(store.receive(&receipt(1, MSGID, Delivery::Success)).await.unwrap(), Received::Kept);
    let nobody_said = Settlement {
        result: Some(result(r#""unknown""#)),
        msgid: Some(MSGID),
        ..settlement(&looking, JobState::Succeeded)
    };
    store.settle(worker, &[nobody_said]).await.unwrap();
    assert_eq!(woken(&store).await, 1);
    assert_eq!(result_of(&store, id).await, result(r#""success""#));
}

async fn a_late_receipt_says_what_nobody_had_said(store: TestStore) {
    let worker = enlist(&store).await;
    let id = sent(&store, worker, 1, JobState::Waiting, Some(MSGID)).await;
    store.retry_job(id, None).await.unwrap();
    let claimed = claim_one(&store, worker, id).await;
    let unknown = Settlement {
        result: Some(result(r#""unknown""#)),
        msgid: Some(MSGID),
        ..settlement(&claimed, JobState::Succeeded)
    };
    store.settle(worker, &[unknown]).await.unwrap();
    assert_eq!(store.receive(&receipt(1, MSGID, Delivery::SystemFailed)).await.unwrap(), Received::Joined);
    assert_eq!(result_of(&store, id).await, result(r#""system_failed""#));
    assert_eq!(view(&store, id).await.state, JobState::Succeeded);
}

async fn a_receipt_is_joined_to_every_send_of_its_message(store: TestStore) {
    let worker = enlist(&store).await;
    let done = sent(&store, worker, 1, JobState::Succeeded, Some(MSGID)).await;
    let waits = accept(&store, NewJob { subject: "openid-1".to_owned(), ..job("c", 2) }).await;
    answer(&store, worker, waits, JobState::Waiting, Some(MSGID)).await;
    let received = store.receive(&receipt(1, MSGID, Delivery::Success)).await.unwrap();
    assert_eq!(received, Received::Woke(Doorbell { lane: lane("c"), ids: vec![waits] }));
    for id in [done, waits] {
        assert_eq!(result_of(&store, id).await, result(r#""success""#));
    }
}

async fn a_receipt_without_id_is_joined_to_the_only_send_to_its_user(store: TestStore) {
    let worker = enlist(&store).await;
    let id = sent(&store, worker, 1, JobState::Succeeded, Some(MSGID)).await;
    let waits = sent(&store, worker, 2, JobState::Waiting, Some(0)).await;
    assert_eq!(store.receive(&receipt(1, 0, Delivery::Success)).await.unwrap(), Received::Joined);
    assert!(result_of(&store, id).await.ends_with(r#""delivery":"success","delivery_matched_by":"openid"}"#));
    assert!(matches!(
        store.receive(&receipt(2, 0, Delivery::UserBlocked)).await.unwrap(),
        Received::Woke(doorbell) if doorbell.ids == [waits]
    ));
    let claimed = claim_one(&store, worker, waits).await;
    assert!(claimed.result.unwrap().contains(r#""delivery":"user_blocked","delivery_matched_by""#));
}

async fn a_receipt_without_id_is_not_joined_when_two_sends_lack_one(store: TestStore) {
    let worker = enlist(&store).await;
    let first = sent(&store, worker, 1, JobState::Succeeded, Some(MSGID)).await;
    let second = accept(&store, NewJob { subject: "openid-1".to_owned(), ..job("c", 2) }).await;
    answer(&store, worker, second, JobState::Succeeded, Some(MSGID + 1)).await;
    assert_eq!(store.receive(&receipt(1, 0, Delivery::Success)).await.unwrap(), Received::Kept);
    // One of them gets its own: then the other is the only one left.
    assert_eq!(store.receive(&receipt(1, MSGID + 1, Delivery::Success)).await.unwrap(), Received::Joined);
    assert_eq!(woken(&store).await, 1);
    assert!(result_of(&store, first).await.contains("matched_by"));
}

async fn a_receipt_without_id_is_not_joined_while_another_send_is_unanswered(store: TestStore) {
    let worker = enlist(&store).await;
    let old = sent(&store, worker, 1, JobState::Succeeded, Some(MSGID)).await;
    let running = accept(&store, NewJob { subject: "openid-1".to_owned(), ..job("c", 2) }).await;
    let claimed = claim_one(&store, worker, running).await;
    assert_eq!(store.receive(&receipt(1, 0, Delivery::Success)).await.unwrap(), Received::Kept);
    store.settle(worker, &[settlement(&claimed, JobState::Failed)]).await.unwrap();
    assert_eq!(woken(&store).await, 1);
    assert!(result_of(&store, old).await.contains("matched_by"));
}

async fn a_receipt_without_id_belongs_to_no_later_send(store: TestStore) {
    let worker = enlist(&store).await;
    assert_eq!(store.receive(&receipt(1, 0, Delivery::Success)).await.unwrap(), Received::Kept);
    let kept_by = view(&store, accept(&store, job("c", 100)).await).await.created_at;
    let mut later = accept(&store, job("c", 1)).await;
    for seed in 101.. {
        if view(&store, later).await.created_at > kept_by {
            break;
        }
        later = accept(&store, NewJob { subject: "openid-1".to_owned(), ..job("c", seed) }).await;
    }
    answer(&store, worker, later, JobState::Succeeded, Some(MSGID)).await;
    // Kept after it, this one is looked at after it, too.
    let other = accept(&store, job("c", 2)).await;
    assert_eq!(store.receive(&receipt(2, 0, Delivery::Success)).await.unwrap(), Received::Kept);
    answer(&store, worker, other, JobState::Succeeded, Some(0)).await;
    assert_eq!(woken(&store).await, 1);
    assert!(result_of(&store, other).await.contains("matched_by"));
    assert_eq!(result_of(&store, later).await, result("null"));
}

async fn a_repeat_without_id_is_told_from_another_receipt_by_its_push(store: TestStore) {
    let worker = enlist(&store).await;
    let told = receipt(1, 0, Delivery::Success);
    sent(&store, worker, 1, JobState::Succeeded, Some(0)).await;
    assert_eq!(store.receive(&told).await.unwrap(), Received::Joined);
    let next = accept(&store, NewJob { subject: "openid-1".to_owned(), ..job("c", 2) }).await;
    answer(&store, worker, next, JobState::Succeeded, Some(0)).await;

    assert_eq!(store.receive(&told).await.unwrap(), Received::Repeated);
    assert_eq!(result_of(&store, next).await, result("null"));
    assert_eq!(store.receive(&another(told)).await.unwrap(), Received::Joined);
    assert!(result_of(&store, next).await.contains("matched_by"));
}

async fn of_one_push_at_many_connections_one_receipt_counts(store: TestStore) {
    let posts: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.receive(&receipt(1, 0, Delivery::Success)).await.unwrap() })
        })
        .collect();
    let mut kept = 0;
    for post in posts {
        kept += u32::from(post.await.unwrap() == Received::Kept);
    }
    assert_eq!(kept, 1);
}

async fn without_an_id_that_may_come_nothing_is_joined(store: TestStore) {
    let worker = enlist(&store).await;
    let id = sent(&store, worker, 1, JobState::Succeeded, None).await;
    for msgid in [MSGID, 0] {
        assert_eq!(store.receive(&receipt(1, msgid, Delivery::Success)).await.unwrap(), Received::Kept);
    }
    assert_eq!(result_of(&store, id).await, result("null"));
}

async fn young_receipts_are_remembered(store: TestStore) {
    let young = receipt(1, MSGID, Delivery::Success);
    store.receive(&young).await.unwrap();
    assert_eq!(store.forget_receipts(100).await.unwrap(), 0);
    assert_eq!(store.receive(&another(young)).await.unwrap(), Received::Repeated);
}
