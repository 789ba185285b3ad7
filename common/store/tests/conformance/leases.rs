use std::time::Duration;

use wxgate_job::JobState;
use wxgate_store::model::work::{Rescued, Settled};

use crate::fixture::{HOLD, TestStore, accept, claim_one, enlist, job, lane, settlement, view};

crate::scenarios!(
    a_lapsed_workers_jobs_are_queued_again_as_of_unknown_effect,
    what_a_lapsed_worker_held_goes_before_what_came_later,
    a_live_workers_jobs_stay_with_it,
    a_lapsed_lease_cannot_be_renewed,
    a_worker_that_was_taken_over_settles_nothing,
    a_resigning_worker_leaves_its_jobs_to_others,
);

async fn a_lapsed_workers_jobs_are_queued_again_as_of_unknown_effect(store: TestStore) {
    let id = accept(&store, job("c", 1)).await;
    let lapsed = store.enlist("test", Duration::ZERO).await.unwrap();
    let first = claim_one(&store, lapsed, id).await;
    while store.rescue().await.unwrap() == Rescued::default() {}
    assert_eq!(view(&store, id).await.state, JobState::Queued);

    let second = claim_one(&store, enlist(&store).await, id).await;
    assert_eq!(second.attempt, 2);
    assert_eq!(second.ambiguous_since, Some(first.claimed_at));
    assert_ne!(second.claim.number, first.claim.number);
    let history = store.job(id).await.unwrap().unwrap().attempts;
    assert_eq!(history[0].outcome, "lost");
}

async fn what_a_lapsed_worker_held_goes_before_what_came_later(store: TestStore) {
    let held = accept(&store, job("c", 1)).await;
    let lapsed = store.enlist("test", Duration::ZERO).await.unwrap();
    claim_one(&store, lapsed, held).await;
    accept(&store, job("c", 2)).await;
    while store.rescue().await.unwrap() == Rescued::default() {}

    let next = store.claim_due(enlist(&store).await, &[(lane("c"), 1)]).await.unwrap();
    assert_eq!(next.iter().map(|claimed| claimed.claim.job).collect::<Vec<_>>(), [held]);
}

async fn a_live_workers_jobs_stay_with_it(store: TestStore) {
    let id = accept(&store, job("c", 1)).await;
    claim_one(&store, enlist(&store).await, id).await;
    assert_eq!(store.rescue().await.unwrap(), Rescued::default());
    assert_eq!(view(&store, id).await.state, JobState::Running);
}

async fn a_lapsed_lease_cannot_be_renewed(store: TestStore) {
    let worker = store.enlist("test", Duration::ZERO).await.unwrap();
    assert!(store.renew(worker, Duration::ZERO).await.unwrap());
    while store.renew(worker, Duration::ZERO).await.unwrap() {
        store.rescue().await.unwrap();
    }
    assert!(!store.renew(worker, HOLD).await.unwrap());
}

async fn a_worker_that_was_taken_over_settles_nothing(store: TestStore) {
    let id = accept(&store, job("c", 1)).await;
    let lapsed = store.enlist("test", Duration::ZERO).await.unwrap();
    let stale = claim_one(&store, lapsed, id).await;
    while store.rescue().await.unwrap() == Rescued::default() {}
    let next = enlist(&store).await;
    let fresh = claim_one(&store, next, id).await;

    let stale_end = settlement(&stale, JobState::Failed);
    assert_eq!(store.settle(lapsed, &[stale_end]).await.unwrap(), [Settled::TakenOver]);
    assert_eq!(view(&store, id).await.state, JobState::Running);

    let end = settlement(&fresh, JobState::Succeeded);
    assert_eq!(store.settle(next, &[end]).await.unwrap(), [Settled::Done]);
}

async fn a_resigning_worker_leaves_its_jobs_to_others(store: TestStore) {
    let id = accept(&store, job("c", 1)).await;
    let worker = enlist(&store).await;
    claim_one(&store, worker, id).await;
    store.resign(worker).await.unwrap();
    assert_eq!(view(&store, id).await.state, JobState::Queued);
}
