//! Jobs that are stored for a worker, to be begun at once: a store claims them in the same commit, or leaves it to a
//! claim.

use wxgate_job::{JobId, JobState};
use wxgate_store::model::intake::{Acceptance, NewJob};
use wxgate_store::model::work::{ClaimedJob, Settled, WorkerId};

use crate::fixture::{Place, TestStore, accept, claim_one, enlist, job, settlement, view};

crate::scenarios!(
    a_job_that_is_claimed_at_once_is_like_one_claimed_later,
    a_repeat_is_not_claimed_with_what_is_new,
    what_is_claimed_for_a_worker_that_is_gone_is_queued_again,
);

crate::scenarios_at_a_place!(ids_of_another_process_are_never_used_again);

fn job_for(worker: WorkerId, seed: u8) -> NewJob {
    NewJob { worker: Some(worker), ..job("c", seed) }
}

async fn accept_claimed(store: &TestStore, job: NewJob) -> ClaimedJob {
    let worker = job.worker.unwrap();
    match store.accept(std::slice::from_ref(&job)).await.unwrap()[..] {
        [Acceptance::Claimed(id, first)] => ClaimedJob::first(id, job, first),
        [Acceptance::New(id)] => claim_one(store, worker, id).await,
        ref other => panic!("{other:?}"),
    }
}

async fn a_job_that_is_claimed_at_once_is_like_one_claimed_later(store: TestStore) {
    let worker = enlist(&store).await;
    let first = accept_claimed(&store, job_for(worker, 1)).await;
    let running = view(&store, first.claim.job).await;
    assert_eq!((running.state, running.attempts), (JobState::Running, 1));
    assert!(store.claim(worker, &[first.claim.job]).await.unwrap().is_empty(), "it is in somebody's hands");

    let again = settlement(&first, JobState::Queued);
    assert_eq!(store.settle(worker, &[again]).await.unwrap(), [Settled::Done]);
    let second = claim_one(&store, worker, first.claim.job).await;
    assert_eq!(second.attempt, 2);
    let as_the_first = ClaimedJob {
        claim: first.claim,
        attempt: first.attempt,
        claimed_at: first.claimed_at,
        ..second.clone()
    };
    assert_eq!(format!("{as_the_first:?}"), format!("{first:?}"));

    let stale = settlement(&first, JobState::Succeeded);
    assert_eq!(store.settle(worker, &[stale]).await.unwrap(), [Settled::TakenOver]);
    store.settle(worker, &[settlement(&second, JobState::Succeeded)]).await.unwrap();
    assert_eq!(view(&store, first.claim.job).await.state, JobState::Succeeded);
}

async fn a_repeat_is_not_claimed_with_what_is_new(store: TestStore) {
    let worker = enlist(&store).await;
    let known = accept(&store, job("c", 1)).await;
    let answers = store.accept(&[job_for(worker, 1), job_for(worker, 2), job_for(worker, 2)]).await.unwrap();
    let [
        Acceptance::Repeated(old),
        Acceptance::Claimed(new, _) | Acceptance::New(new),
        Acceptance::Repeated(again),
    ] = answers[..]
    else {
        panic!("{answers:?}")
    };
    assert_eq!((old, again), (known, new));
    assert_eq!(view(&store, known).await.state, JobState::Queued);
}

async fn what_is_claimed_for_a_worker_that_is_gone_is_queued_again(store: TestStore) {
    let worker = enlist(&store).await;
    store.resign(worker).await.unwrap();
    store.accept(&[job_for(worker, 1)]).await.unwrap();
    store.rescue().await.unwrap();
    let id = store.latest("c", &job("c", 1).lane.kind, "openid-1").await.unwrap().unwrap().id;
    assert_eq!(view(&store, id).await.state, JobState::Queued);
}

async fn ids_of_another_process_are_never_used_again(store: TestStore, place: Place) {
    let first = accept(&store, job("c", 1)).await;
    let other = place.open(crate::fixture::KEY).await.unwrap();
    let second = accept(&other, job("c", 2)).await;
    let third = accept(&store, job("c", 3)).await;
    let fourth = accept(&other, job("c", 4)).await;
    let ids: std::collections::BTreeSet<JobId> = [first, second, third, fourth].into();
    assert_eq!(ids.len(), 4);
    assert!(second > first, "another process begins above what was there");
}
