use std::time::Duration;

use wxgate_job::{Failure, JobId, JobState};
use wxgate_store::clock::now_ms;
use wxgate_store::model::operate::{Cause, JobFilter};

use crate::behind::Behind;
use crate::fixture::{Place, TestStore, accept, claim_one, enlist, ids_of, job, lane, settlement};

crate::scenarios!(
    jobs_are_found_in_each_state,
    failed_jobs_are_found_by_their_cause,
    nothing_is_found_in_an_empty_store
);
crate::scenarios_at_a_place!(
    jobs_are_found_by_when_they_were_accepted,
    a_search_is_bounded_and_says_where_to_go_on,
    rare_jobs_are_found_at_once_however_old,
);

/// Jobs that one page looks at.
const LOOKED_AT: u32 = 50_000;

async fn found(store: &TestStore, filter: JobFilter) -> Vec<JobId> {
    let page = store.list_jobs(&JobFilter { limit: 10, ..filter }).await.unwrap();
    assert_eq!(page.searched_to, None);
    ids_of(&page)
}

async fn in_state(store: &TestStore, state: JobState) -> Vec<JobId> {
    found(store, JobFilter { state: Some(state), ..JobFilter::default() }).await
}

/// Claims the job and ends the attempt so.
async fn end(store: &TestStore, id: JobId, state: JobState) {
    let worker = enlist(store).await;
    let claimed = claim_one(store, worker, id).await;
    store.settle(worker, &[settlement(&claimed, state)]).await.unwrap();
}

async fn fail(store: &TestStore, seed: u8, failure: Failure) -> JobId {
    let id = accept(store, job("c", seed)).await;
    let worker = enlist(store).await;
    let claimed = claim_one(store, worker, id).await;
    let settlement = wxgate_store::model::work::Settlement {
        failure: Some(failure),
        ..settlement(&claimed, JobState::Failed)
    };
    store.settle(worker, &[settlement]).await.unwrap();
    id
}

async fn jobs_are_found_in_each_state(store: TestStore) {
    let mut ids = Vec::new();
    for seed in 0..6 {
        ids.push(accept(&store, job("c", seed)).await);
    }
    let worker = enlist(&store).await;
    claim_one(&store, worker, ids[1]).await;
    for (id, state) in [(2, JobState::Waiting), (3, JobState::Succeeded), (4, JobState::Failed)] {
        end(&store, ids[id], state).await;
    }
    store.cancel(None, ids[5]).await.unwrap();

    for (id, state) in JobState::ALL.into_iter().enumerate() {
        assert_eq!(in_state(&store, state).await, [ids[id]], "{state}");
    }
    let before = JobFilter { before: Some(ids[2]), ..JobFilter::default() };
    assert_eq!(found(&store, before).await, [ids[1], ids[0]]);
}

async fn failed_jobs_are_found_by_their_cause(store: TestStore) {
    let wechat = |errcode| Failure { code: "wechat".to_owned(), errcode, message: "no".to_owned() };
    let blacklisted = fail(&store, 1, wechat(Some(40003))).await;
    let silent = fail(&store, 2, wechat(None)).await;
    let too_late = fail(&store, 3, Failure::new("expired", "too late")).await;
    let again = fail(&store, 4, wechat(Some(40003))).await;

    let of = |code: &str, errcode| JobFilter {
        state: Some(JobState::Failed),
        cause: Some(Cause { code: code.to_owned(), errcode }),
        ..JobFilter::default()
    };
    let narrow = |filter| JobFilter { app: Some(lane("c").app), kind: Some(lane("c").kind), ..filter };
    assert_eq!(found(&store, of("wechat", Some(40003))).await, [again, blacklisted]);
    assert_eq!(found(&store, narrow(of("wechat", Some(40003)))).await, [again, blacklisted]);
    assert_eq!(found(&store, narrow(of("wechat", None))).await, [silent]);
    assert_eq!(found(&store, narrow(of("expired", None))).await, [too_late]);
    assert_eq!(found(&store, narrow(of("expired", Some(40003)))).await, []);
    assert_eq!(found(&store, JobFilter { state: None, ..of("expired", None) }).await, [too_late]);
}

async fn nothing_is_found_in_an_empty_store(store: TestStore) {
    assert_eq!(found(&store, JobFilter { created_from: Some(0), ..JobFilter::default() }).await, []);
    assert_eq!(in_state(&store, JobState::Queued).await, []);
}

async fn jobs_are_found_by_when_they_were_accepted(store: TestStore, place: Place) {
    let mut behind = Behind::at(&place).await;
    let mut ids = Vec::new();
    for seed in 0..5 {
        behind.pass("jobs", "created_at", Duration::from_hours(1)).await;
        ids.push(accept(&store, job("c", seed)).await);
    }
    // The youngest was accepted just now, the eldest four hours ago.
    let ago = |minutes: i64| Some(now_ms() - minutes * 60_000);
    let between =
        |created_from, created_until| JobFilter { created_from, created_until, ..JobFilter::default() };
    assert_eq!(found(&store, between(ago(90), None)).await, [ids[4], ids[3]]);
    assert_eq!(found(&store, between(None, ago(150))).await, [ids[1], ids[0]]);
    assert_eq!(found(&store, between(ago(210), ago(30))).await, [ids[3], ids[2], ids[1]]);
    assert_eq!(found(&store, between(ago(30), ago(90))).await, []);
    let older = JobFilter { before: Some(ids[3]), ..between(ago(210), None) };
    assert_eq!(found(&store, older).await, [ids[2], ids[1]]);
}

async fn a_search_is_bounded_and_says_where_to_go_on(store: TestStore, place: Place) {
    let (old, other) = (accept(&store, job("c", 1)).await, accept(&store, job("other", 2)).await);
    let mut behind = Behind::at(&place).await;
    behind.crowd(1000, LOOKED_AT).await;
    let filter = JobFilter { client: Some("c".to_owned()), limit: 10, ..JobFilter::default() };

    let page = store.list_jobs(&filter).await.unwrap();
    assert_eq!(ids_of(&page), []);
    assert_eq!(page.searched_to.map(JobId::get), Some(other.get() + 1));
    assert_eq!(page.next(10), page.searched_to);
    assert_eq!(found(&store, JobFilter { before: page.next(10), ..filter.clone() }).await, [old]);

    let full = JobFilter { client: Some("crowd".to_owned()), limit: 2, ..filter };
    let page = store.list_jobs(&full).await.unwrap();
    assert_eq!((page.jobs.len(), page.searched_to), (2, None));
    assert_eq!(page.next(2), page.jobs.last().map(|job| job.id));
}

async fn rare_jobs_are_found_at_once_however_old(store: TestStore, place: Place) {
    let mut ids = Vec::new();
    for seed in 0..5 {
        ids.push(accept(&store, job("c", seed)).await);
    }
    let worker = enlist(&store).await;
    claim_one(&store, worker, ids[1]).await;
    end(&store, ids[2], JobState::Waiting).await;
    end(&store, ids[3], JobState::Failed).await;
    store.cancel(None, ids[4]).await.unwrap();
    Behind::at(&place).await.crowd(1000, 2 * LOOKED_AT).await;

    let rare =
        [JobState::Queued, JobState::Running, JobState::Waiting, JobState::Failed, JobState::Cancelled];
    for (id, state) in rare.into_iter().enumerate() {
        assert_eq!(in_state(&store, state).await, [ids[id]], "{state}");
    }
    let about = JobFilter { subject: Some("openid-0".to_owned()), ..JobFilter::default() };
    assert_eq!(found(&store, about).await, [ids[0]]);
}
