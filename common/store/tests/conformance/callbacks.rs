use std::time::Duration;

use wxgate_job::{JobId, JobState};
use wxgate_store::model::callback::{CallbackClaim, CallbackId, CallbackSettlement, CallbackState};
use wxgate_store::model::intake::NewJob;
use wxgate_store::model::status::Cancellation;
use wxgate_store::model::work::{Settled, Settlement, WorkerId};

use crate::fixture::{TestStore, accept, claim_one, enlist, job, order, settlement, view};

crate::scenarios!(
    a_callback_claimed_with_its_settlement_is_nobody_elses,
    a_queued_callback_tells_of_its_job,
    a_callback_that_failed_is_due_after_its_pause,
    a_lapsed_workers_callbacks_are_queued_again,
    an_exhausted_callback_can_be_replayed,
    a_page_of_exhausted_callbacks_may_end_amid_a_job,
    a_job_that_is_tried_again_tells_of_each_end,
    a_claim_whose_answer_was_lost_is_released,
    cancelling_tells_the_caller_once,
    a_job_with_an_attempt_of_unknown_effect_cannot_be_cancelled,
);

async fn finished(store: &TestStore, worker: WorkerId, seed: u8, claimed: bool) -> JobId {
    let id = accept(store, job("c", seed)).await;
    let job = claim_one(store, worker, id).await;
    let end = Settlement { callback: Some(order(claimed)), ..settlement(&job, JobState::Failed) };
    assert_eq!(store.settle(worker, &[end]).await.unwrap(), [Settled::Done]);
    id
}

fn shares() -> Vec<(String, u32)> {
    vec![("https://other.example".to_owned(), 5), (order(true).endpoint, 5)]
}

pub fn end(claim: CallbackClaim, state: CallbackState) -> CallbackSettlement {
    CallbackSettlement {
        claim,
        state,
        due_in: Duration::from_hours(1),
        counts: true,
        status: Some(500),
        attempt: None,
    }
}

async fn a_callback_claimed_with_its_settlement_is_nobody_elses(store: TestStore) {
    let worker = enlist(&store).await;
    let id = finished(&store, worker, 1, true).await;
    assert!(store.due_endpoints().await.unwrap().is_empty());
    assert!(store.claim_callbacks(worker, &shares()).await.unwrap().is_empty());

    let claim = CallbackClaim { id: CallbackId { job: id, seq: 1 }, number: 1 };
    let delivered = CallbackSettlement { status: Some(204), ..end(claim, CallbackState::Delivered) };
    assert_eq!(store.settle_callbacks(worker, &[delivered]).await.unwrap(), [Settled::Done]);
    let callback = view(&store, id).await.callback.unwrap();
    assert_eq!(
        (callback.state, callback.attempts, callback.last_status),
        (CallbackState::Delivered, 1, Some(204))
    );
}

async fn a_queued_callback_tells_of_its_job(store: TestStore) {
    let worker = enlist(&store).await;
    let id = finished(&store, worker, 1, false).await;
    assert_eq!(store.due_endpoints().await.unwrap()[0].endpoint, order(false).endpoint);
    let claimed = store.claim_callbacks(worker, &shares()).await.unwrap();
    let [callback] = &claimed[..] else { panic!("{claimed:?}") };
    assert_eq!((callback.report.job, callback.report.state, callback.attempt), (id, JobState::Failed, 1));
    assert_eq!(callback.report.failure.as_ref().unwrap().code, "wechat");
    assert_eq!((callback.url.as_str(), callback.report.client.as_str()), ("https://shop.example/hook", "c"));
    assert!(store.claim_callbacks(worker, &shares()).await.unwrap().is_empty());
}

async fn a_callback_that_failed_is_due_after_its_pause(store: TestStore) {
    let worker = enlist(&store).await;
    let id = finished(&store, worker, 1, false).await;
    let claim = store.claim_callbacks(worker, &shares()).await.unwrap()[0].claim;
    store.settle_callbacks(worker, &[end(claim, CallbackState::Queued)]).await.unwrap();
    assert!(store.due_endpoints().await.unwrap().is_empty());
    assert_eq!(view(&store, id).await.callback.unwrap().last_status, Some(500));
    let stale = end(claim, CallbackState::Delivered);
    assert_eq!(store.settle_callbacks(worker, &[stale]).await.unwrap(), [Settled::TakenOver]);
}

async fn a_lapsed_workers_callbacks_are_queued_again(store: TestStore) {
    let lapsed = store.enlist("test", Duration::from_secs(10)).await.unwrap();
    finished(&store, lapsed, 1, true).await;
    store.renew(lapsed, Duration::ZERO).await.unwrap();
    while store.rescue().await.unwrap().callbacks == 0 {}
    let claimed = store.claim_callbacks(enlist(&store).await, &shares()).await.unwrap();
    assert_eq!((claimed.len(), claimed[0].attempt), (1, 2));
}

async fn an_exhausted_callback_can_be_replayed(store: TestStore) {
    let worker = enlist(&store).await;
    let id = finished(&store, worker, 1, false).await;
    let claim = store.claim_callbacks(worker, &shares()).await.unwrap()[0].claim;
    assert!(!store.replay_callback(claim.id).await.unwrap(), "it is not over yet");
    store.settle_callbacks(worker, &[end(claim, CallbackState::Exhausted)]).await.unwrap();
    let exhausted = store.exhausted_callbacks(None, 10).await.unwrap();
    assert_eq!(exhausted.iter().map(|it| it.job).collect::<Vec<_>>(), [id]);
    assert!(store.exhausted_callbacks(Some(claim.id), 10).await.unwrap().is_empty());

    assert!(store.replay_callback(claim.id).await.unwrap());
    assert_eq!(store.claim_callbacks(worker, &shares()).await.unwrap()[0].attempt, 1);
}

async fn a_page_of_exhausted_callbacks_may_end_amid_a_job(store: TestStore) {
    let worker = enlist(&store).await;
    let (older, twice) = (finished(&store, worker, 1, false).await, finished(&store, worker, 2, false).await);
    store.retry_job(twice, None).await.unwrap();
    let job = claim_one(&store, worker, twice).await;
    let again = Settlement { callback: Some(order(false)), ..settlement(&job, JobState::Succeeded) };
    store.settle(worker, &[again]).await.unwrap();
    let claimed = store.claim_callbacks(worker, &shares()).await.unwrap();
    let ends: Vec<_> = claimed.iter().map(|it| end(it.claim, CallbackState::Exhausted)).collect();
    store.settle_callbacks(worker, &ends).await.unwrap();

    let (mut listed, mut before) = (Vec::new(), None);
    while let [callback] = &store.exhausted_callbacks(before, 1).await.unwrap()[..] {
        before = Some(CallbackId { job: callback.job, seq: callback.seq });
        listed.extend(before);
    }
    let of = |job, seq| CallbackId { job, seq };
    assert_eq!(listed, [of(twice, 2), of(twice, 1), of(older, 1)]);
}

async fn a_job_that_is_tried_again_tells_of_each_end(store: TestStore) {
    let worker = enlist(&store).await;
    let id = finished(&store, worker, 1, false).await;
    assert!(store.retry_job(id, None).await.unwrap());
    let job = claim_one(&store, worker, id).await;
    let again = Settlement { callback: Some(order(false)), ..settlement(&job, JobState::Succeeded) };
    store.settle(worker, &[again]).await.unwrap();
    let seqs: Vec<i32> = store.job(id).await.unwrap().unwrap().callbacks.iter().map(|it| it.seq).collect();
    assert_eq!(seqs, [1, 2]);
}

async fn a_claim_whose_answer_was_lost_is_released(store: TestStore) {
    let worker = enlist(&store).await;
    let (one, two) = (finished(&store, worker, 1, false).await, finished(&store, worker, 2, false).await);
    assert_eq!(store.claim_callbacks(worker, &shares()).await.unwrap().len(), 2);
    let mut claims = store.held_callbacks(worker).await.unwrap();
    assert!(claims.iter().any(|claim| claim.id.job == one));
    claims.retain(|claim| claim.id.job == two);
    assert_eq!(store.release_callbacks(worker, &claims).await.unwrap(), 1);
    let again = store.claim_callbacks(worker, &shares()).await.unwrap();
    assert_eq!((again.len(), again[0].report.job, again[0].attempt), (1, two, 1));
    assert_eq!(
        store.release_callbacks(worker, &claims).await.unwrap(),
        0,
        "late, it is somebody else's claim"
    );
}

async fn cancelling_tells_the_caller_once(store: TestStore) {
    let new = NewJob { callback_url: Some("https://shop.example/hook".to_owned()), ..job("c", 1) };
    let id = accept(&store, new).await;
    assert!(matches!(store.cancel(Some("stranger"), id).await.unwrap(), Cancellation::NotFound));
    assert_eq!(view(&store, id).await.state, JobState::Queued);
    for _ in 0..2 {
        let Cancellation::Cancelled(view) = store.cancel(Some("c"), id).await.unwrap() else { panic!() };
        assert_eq!(view.state, JobState::Cancelled);
    }
    assert_eq!(store.claim_callbacks(enlist(&store).await, &shares()).await.unwrap().len(), 1);
}

async fn a_job_with_an_attempt_of_unknown_effect_cannot_be_cancelled(store: TestStore) {
    let worker = enlist(&store).await;
    let id = accept(&store, job("c", 1)).await;
    let claimed = claim_one(&store, worker, id).await;
    assert!(matches!(store.cancel(Some("c"), id).await.unwrap(), Cancellation::TooLate(_)));
    let doubtful = Settlement { ambiguous_since: Some(1), ..settlement(&claimed, JobState::Queued) };
    store.settle(worker, &[doubtful]).await.unwrap();
    assert!(matches!(store.cancel(Some("c"), id).await.unwrap(), Cancellation::TooLate(_)));
}
