use std::time::Duration;

use wxgate_job::{Awaited, Doorbell, JobId, JobState, Kind};
use wxgate_store::model::intake::NewJob;
use wxgate_store::model::operate::JobFilter;
use wxgate_store::model::status::Cancellation;
use wxgate_store::model::work::{ClaimedJob, Settlement, WorkerId};

use crate::fixture::{TestStore, accept, claim_one, enlist, job, lane, settlement, view};

crate::scenarios!(
    a_waiting_job_is_due_when_its_news_comes,
    a_waiting_job_is_due_when_its_wait_ends,
    a_wait_may_last_longer_than_the_job_was_to_live,
    news_for_nobody_is_told_so,
    news_that_comes_during_a_look_makes_the_next_one_due_at_once,
    news_for_something_else_is_no_reason_to_look_again,
    news_is_kept_until_it_was_seen_through,
    news_reaches_a_job_between_two_attempts,
    what_the_upstream_has_taken_cannot_be_cancelled,
    a_failed_job_begins_anew_and_a_waiting_one_goes_on,
    what_needs_wechat_no_more_is_claimed_behind_its_gate,
    jobs_are_listed_by_kind,
);

const RESULT: &str = r#"{"step":1}"#;

fn task(name: &str) -> Awaited {
    Awaited(format!("upyun:{name}"))
}

fn wait(claimed: &ClaimedJob, at_most: Duration) -> Settlement {
    Settlement {
        due_in: at_most,
        result: Some(RESULT.to_owned()),
        awaited: Some(task("1")),
        ..settlement(claimed, JobState::Waiting)
    }
}

/// A job that waits for up to an hour for `upyun:1`.
async fn waiting(store: &TestStore, worker: WorkerId) -> JobId {
    let id = accept(store, job("c", 1)).await;
    let claimed = claim_one(store, worker, id).await;
    store.settle(worker, &[wait(&claimed, Duration::from_hours(1))]).await.unwrap();
    id
}

async fn a_waiting_job_is_due_when_its_news_comes(store: TestStore) {
    let worker = enlist(&store).await;
    let id = waiting(&store, worker).await;
    assert!(store.claim(worker, &[id]).await.unwrap().is_empty());
    assert!(store.due_lanes().await.unwrap().is_empty());

    let doorbell = store.report(&task("1"), "news").await.unwrap();
    assert_eq!(doorbell, Some(Doorbell { lane: lane("c"), ids: vec![id] }));
    assert_eq!(view(&store, id).await.state, JobState::Waiting);
    assert_eq!(store.due_lanes().await.unwrap()[0].lane, lane("c"));

    let claimed = claim_one(&store, worker, id).await;
    assert_eq!((claimed.result.as_deref(), claimed.report.as_deref()), (Some(RESULT), Some("news")));
    assert_eq!(claimed.attempt, 2);
}

async fn a_waiting_job_is_due_when_its_wait_ends(store: TestStore) {
    let worker = enlist(&store).await;
    let id = accept(&store, job("c", 1)).await;
    let claimed = claim_one(&store, worker, id).await;
    store.settle(worker, &[wait(&claimed, Duration::ZERO)]).await.unwrap();
    let claimed = store.claim_due(worker, &[(lane("c"), 5)]).await.unwrap();
    assert_eq!(claimed.iter().map(|it| it.claim.job).collect::<Vec<_>>(), [id]);
    assert_eq!((claimed[0].result.as_deref(), claimed[0].report.as_deref()), (Some(RESULT), None));
}

async fn a_wait_may_last_longer_than_the_job_was_to_live(store: TestStore) {
    let worker = enlist(&store).await;
    let now = view(&store, accept(&store, job("c", 9)).await).await.created_at;
    let id = accept(&store, NewJob { expire_at: Some(now + 60_000), ..job("c", 1) }).await;
    let claimed = claim_one(&store, worker, id).await;
    store.settle(worker, &[wait(&claimed, Duration::from_hours(24))]).await.unwrap();
    store.report(&task("1"), "news").await.unwrap();
    let claimed = claim_one(&store, worker, id).await;
    assert!(claimed.deadline_at >= now + 24 * 3_600_000 && !claimed.expires);
    // A shorter wait does not bring the end nearer.
    store.settle(worker, &[wait(&claimed, Duration::ZERO)]).await.unwrap();
    assert_eq!(claim_one(&store, worker, id).await.deadline_at, claimed.deadline_at);
}

async fn news_for_nobody_is_told_so(store: TestStore) {
    let worker = enlist(&store).await;
    let id = waiting(&store, worker).await;
    assert_eq!(store.report(&task("2"), "news").await.unwrap(), None);
    store.report(&task("1"), "news").await.unwrap();
    let claimed = claim_one(&store, worker, id).await;
    store.settle(worker, &[settlement(&claimed, JobState::Succeeded)]).await.unwrap();
    assert_eq!(store.report(&task("1"), "news").await.unwrap(), None);
}

async fn news_that_comes_during_a_look_makes_the_next_one_due_at_once(store: TestStore) {
    let worker = enlist(&store).await;
    let id = waiting(&store, worker).await;
    store.report(&task("1"), "old").await.unwrap();
    let claimed = claim_one(&store, worker, id).await;
    assert!(store.report(&task("1"), "new").await.unwrap().is_some());
    assert_eq!(view(&store, id).await.state, JobState::Running);
    store.settle(worker, &[wait(&claimed, Duration::from_hours(1))]).await.unwrap();

    let claimed = claim_one(&store, worker, id).await;
    assert_eq!(claimed.report.as_deref(), Some("new"));
    // It waits on although it knows the news: there is no second reason to look.
    store.settle(worker, &[wait(&claimed, Duration::from_hours(1))]).await.unwrap();
    assert!(store.claim(worker, &[id]).await.unwrap().is_empty());
    store.retry_job(id, None).await.unwrap();
    assert_eq!(claim_one(&store, worker, id).await.report, None);
}

async fn news_for_something_else_is_no_reason_to_look_again(store: TestStore) {
    let worker = enlist(&store).await;
    let id = waiting(&store, worker).await;
    store.report(&task("1"), "old").await.unwrap();
    let claimed = claim_one(&store, worker, id).await;
    store.report(&task("1"), "of the former task").await.unwrap();
    let next = Settlement { awaited: Some(task("2")), ..wait(&claimed, Duration::from_hours(1)) };
    store.settle(worker, &[next]).await.unwrap();
    assert!(store.claim(worker, &[id]).await.unwrap().is_empty());
    assert_eq!(store.report(&task("1"), "late").await.unwrap(), None);
    assert!(store.report(&task("2"), "news").await.unwrap().is_some());
}

async fn news_is_kept_until_it_was_seen_through(store: TestStore) {
    let lapsed = store.enlist("test", Duration::ZERO).await.unwrap();
    let id = waiting(&store, lapsed).await;
    store.report(&task("1"), "news").await.unwrap();
    let lost = claim_one(&store, lapsed, id).await;
    while store.rescue().await.unwrap().jobs == 0 {}

    let worker = enlist(&store).await;
    let interrupted = claim_one(&store, worker, id).await;
    assert_eq!(interrupted.report, lost.report);
    let released = Settlement {
        counts: false,
        result: interrupted.result.clone(),
        ..settlement(&interrupted, JobState::Queued)
    };
    store.settle(worker, &[released]).await.unwrap();
    let claimed = claim_one(&store, worker, id).await;
    assert_eq!((claimed.report.as_deref(), claimed.result.as_deref()), (Some("news"), Some(RESULT)));
}

async fn news_reaches_a_job_between_two_attempts(store: TestStore) {
    let worker = enlist(&store).await;
    let id = waiting(&store, worker).await;
    store.retry_job(id, None).await.unwrap();
    let claimed = claim_one(&store, worker, id).await;
    let again = Settlement { due_in: Duration::from_hours(1), ..settlement(&claimed, JobState::Queued) };
    store.settle(worker, &[again]).await.unwrap();
    assert!(store.report(&task("1"), "news").await.unwrap().is_some());
    assert_eq!(claim_one(&store, worker, id).await.report.as_deref(), Some("news"));
}

async fn what_the_upstream_has_taken_cannot_be_cancelled(store: TestStore) {
    let worker = enlist(&store).await;
    let id = waiting(&store, worker).await;
    assert!(matches!(store.cancel(Some("c"), id).await.unwrap(), Cancellation::TooLate(_)));
    store.retry_job(id, None).await.unwrap();
    assert_eq!(view(&store, id).await.state, JobState::Queued);
    assert!(matches!(store.cancel(Some("c"), id).await.unwrap(), Cancellation::TooLate(_)));
}

async fn a_failed_job_begins_anew_and_a_waiting_one_goes_on(store: TestStore) {
    let worker = enlist(&store).await;
    let id = waiting(&store, worker).await;
    store.report(&task("1"), "news").await.unwrap();
    assert!(store.retry_job(id, None).await.unwrap());
    let claimed = claim_one(&store, worker, id).await;
    assert_eq!((claimed.result.as_deref(), claimed.report.as_deref()), (Some(RESULT), Some("news")));

    let failed = Settlement { result: claimed.result.clone(), ..settlement(&claimed, JobState::Failed) };
    store.settle(worker, &[failed]).await.unwrap();
    assert_eq!(view(&store, id).await.result.as_deref(), Some(RESULT));
    assert!(store.retry_job(id, None).await.unwrap());
    assert_eq!(store.report(&task("1"), "late").await.unwrap(), None);
    let claimed = claim_one(&store, worker, id).await;
    assert_eq!((claimed.attempt, claimed.result, claimed.report), (1, None, None));
}

async fn what_needs_wechat_no_more_is_claimed_behind_its_gate(store: TestStore) {
    let worker = enlist(&store).await;
    let id = waiting(&store, worker).await;
    accept(&store, job("c", 2)).await;
    assert!(store.claim_overdue(worker, &lane("c"), 10).await.unwrap().is_empty());
    store.report(&task("1"), "news").await.unwrap();
    let claimed = store.claim_overdue(worker, &lane("c"), 10).await.unwrap();
    assert_eq!(claimed.iter().map(|it| it.claim.job).collect::<Vec<_>>(), [id]);
}

async fn jobs_are_listed_by_kind(store: TestStore) {
    accept(&store, job("c", 1)).await;
    let kind = Kind::named("download_media");
    let mut media = job("c", 2);
    media.lane.kind = kind.clone();
    let id = accept(&store, media).await;
    let filter = JobFilter { kind: Some(kind), limit: 9, ..JobFilter::default() };
    let listed = store.list_jobs(&filter).await.unwrap();
    assert_eq!(listed.jobs.iter().map(|view| view.id).collect::<Vec<_>>(), [id]);
}
