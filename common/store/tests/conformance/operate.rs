use std::time::Duration;

use wxgate_job::JobState;
use wxgate_store::model::intake::NewJob;
use wxgate_store::model::operate::JobFilter;

use crate::fixture::{TestStore, accept, claim_one, enlist, ids_of, job, settlement, view};

crate::scenarios!(
    jobs_are_listed_newest_first_by_page,
    pruning_takes_final_jobs_alone,
    pruning_takes_no_more_than_a_bounded_batch,
    only_failed_or_waiting_jobs_are_tried_again,
    a_job_that_has_changed_since_it_was_looked_at_is_not_tried_again,
    young_replay_keys_are_remembered,
);

/// Prunes until there is nothing left that may be: an age of zero begins with the next millisecond.
pub async fn prune_all(store: &TestStore) {
    while store.prune(Duration::ZERO, 100).await.unwrap() == 0 {}
}

async fn jobs_are_listed_newest_first_by_page(store: TestStore) {
    let mut ids = Vec::new();
    for seed in 0..5 {
        ids.push(accept(&store, job(if seed == 2 { "other" } else { "c" }, seed)).await);
    }
    let filter = JobFilter { client: Some("c".to_owned()), limit: 2, ..JobFilter::default() };
    let page = store.list_jobs(&filter).await.unwrap();
    assert_eq!(ids_of(&page), [ids[4], ids[3]]);
    let next = JobFilter { before: page.next(2), ..filter };
    assert_eq!(ids_of(&store.list_jobs(&next).await.unwrap()), [ids[1], ids[0]]);
    let one = JobFilter {
        subject: Some("openid-2".to_owned()),
        state: Some(JobState::Queued),
        limit: 9,
        ..JobFilter::default()
    };
    assert_eq!(ids_of(&store.list_jobs(&one).await.unwrap()), [ids[2]]);
}

async fn pruning_takes_final_jobs_alone(store: TestStore) {
    let worker = enlist(&store).await;
    let (done, open) = (accept(&store, job("c", 1)).await, accept(&store, job("c", 2)).await);
    let claimed = claim_one(&store, worker, done).await;
    store.settle(worker, &[settlement(&claimed, JobState::Succeeded)]).await.unwrap();
    assert_eq!(store.prune(Duration::from_hours(1), 100).await.unwrap(), 0);
    prune_all(&store).await;
    let left: Vec<_> = store.views(&[done, open]).await.unwrap().iter().map(|view| view.id).collect();
    assert_eq!(left, [open]);
}

async fn pruning_takes_no_more_than_a_bounded_batch(store: TestStore) {
    let worker = enlist(&store).await;
    let mut ids = Vec::new();
    for seed in 0..7 {
        let id = accept(&store, NewJob { callback_url: Some(String::new()), ..job("c", seed) }).await;
        let claimed = claim_one(&store, worker, id).await;
        store.settle(worker, &[settlement(&claimed, JobState::Succeeded)]).await.unwrap();
        ids.push(id);
    }
    let mut taken = Vec::new();
    while taken.iter().sum::<u64>() < 7 {
        taken.push(store.prune(Duration::ZERO, 3).await.unwrap());
        let left = store.views(&ids).await.unwrap();
        assert_eq!(left.len() as u64, 7 - taken.iter().sum::<u64>(), "what is told is what is gone");
    }
    assert!(taken.iter().all(|&batch| batch <= 3), "{taken:?}");
}

async fn only_failed_or_waiting_jobs_are_tried_again(store: TestStore) {
    let worker = enlist(&store).await;
    let id = accept(&store, job("c", 1)).await;
    assert!(!store.retry_job(id, None).await.unwrap());
    let claimed = claim_one(&store, worker, id).await;
    store.settle(worker, &[settlement(&claimed, JobState::Failed)]).await.unwrap();
    assert!(store.retry_job(id, None).await.unwrap());
    assert_eq!(claim_one(&store, worker, id).await.attempt, 1);
}

async fn a_job_that_has_changed_since_it_was_looked_at_is_not_tried_again(store: TestStore) {
    let worker = enlist(&store).await;
    let id = accept(&store, job("c", 1)).await;
    let fail = async || {
        let claimed = claim_one(&store, worker, id).await;
        store.settle(worker, &[settlement(&claimed, JobState::Failed)]).await.unwrap();
        view(&store, id).await.updated_at
    };
    let seen = fail().await;
    // The clock ticks in milliseconds.
    let seen_later = loop {
        store.retry_job(id, None).await.unwrap();
        let later = fail().await;
        if later > seen {
            break later;
        }
    };
    assert!(!store.retry_job(id, Some(seen)).await.unwrap());
    assert_eq!(view(&store, id).await.state, JobState::Failed);
    assert!(store.retry_job(id, Some(seen_later)).await.unwrap());
    assert!(!store.retry_job(id, Some(seen_later)).await.unwrap(), "it is queued");
}

async fn young_replay_keys_are_remembered(store: TestStore) {
    accept(&store, job("c", 1)).await;
    assert_eq!(store.forget_replays(100).await.unwrap(), 0);
}
