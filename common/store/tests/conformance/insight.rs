use std::time::Duration;

use wxgate_job::{Failure, JobId, JobState, Kind};
use wxgate_store::clock::now_ms;
use wxgate_store::model::callback::CallbackState;
use wxgate_store::model::insight::{Backlog, Count, Series, Tally};
use wxgate_store::model::work::Settlement;
use wxgate_token::{NewToken, RefreshTerms, TokenKey, Turn};

use crate::behind::Behind;
use crate::callbacks::end;
use crate::fixture::{Place, TestStore, accept, claim_one, enlist, job, order, settlement};

crate::scenarios!(
    failures_are_grouped_by_cause_the_newest_first,
    what_was_counted_adds_up,
    tallies_are_forgotten_after_two_days,
    what_is_to_be_done_is_told_by_lane,
    callbacks_to_be_done_are_told,
    an_idle_store_has_nothing_to_do,
    tokens_are_told_without_their_values,
);
crate::scenarios_at_a_place!(counts_end_where_they_would_get_dear, how_long_the_longest_due_has_been_is_told,);

const fn exactly(number: u64) -> Count {
    Count { number, capped: false }
}

async fn fail(store: &TestStore, client: &str, seed: u8, errcode: Option<i64>) -> JobId {
    let id = accept(store, job(client, seed)).await;
    let worker = enlist(store).await;
    let claimed = claim_one(store, worker, id).await;
    let failure = Failure { code: "wechat".to_owned(), errcode, message: format!("job {id}") };
    let failed = Settlement { failure: Some(failure), ..settlement(&claimed, JobState::Failed) };
    store.settle(worker, &[failed]).await.unwrap();
    id
}

async fn failures_are_grouped_by_cause_the_newest_first(store: TestStore) {
    fail(&store, "c", 1, Some(43004)).await;
    fail(&store, "d", 2, None).await;
    let unsubscribed = fail(&store, "d", 3, Some(43004)).await;
    let silent = fail(&store, "c", 4, None).await;
    let blacklisted = fail(&store, "c", 5, Some(40003)).await;
    accept(&store, job("c", 6)).await;

    let groups = store.failures(10).await.unwrap();
    let told: Vec<_> = groups
        .iter()
        .map(|group| (group.errcode, group.jobs, group.newest, group.message.as_str()))
        .collect();
    let sentence = |id: JobId| format!("job {id}");
    assert_eq!(
        told,
        [
            (Some(40003), exactly(1), blacklisted, sentence(blacklisted).as_str()),
            (None, exactly(2), silent, &sentence(silent)),
            (Some(43004), exactly(2), unsubscribed, &sentence(unsubscribed)),
        ]
    );
    let first = &groups[0];
    assert_eq!((first.code.as_str(), first.app_id.as_str()), ("wechat", "wx1"));
    assert_eq!((first.kind.as_str(), first.newest_at / 60_000), ("async_send_tpl", now_ms() / 60_000));
    assert_eq!(store.failures(1).await.unwrap(), groups[..1]);
}

fn tally(minute: i64, series: Series, kind: &'static str, count: u64) -> Tally {
    Tally { minute, series, kind: Kind::named(kind), count }
}

async fn what_was_counted_adds_up(store: TestStore) {
    let first = [
        tally(7, Series::Succeeded, "b", 3),
        tally(7, Series::Failed, "a", 1),
        tally(6, Series::Failed, "a", 9),
    ];
    store.tally(&first).await.unwrap();
    store.tally(&[tally(7, Series::Succeeded, "b", 4), tally(8, Series::Succeeded, "a", 1)]).await.unwrap();
    store.tally(&[]).await.unwrap();
    let counted = store.tallies(7).await.unwrap();
    let expected = [
        tally(7, Series::Failed, "a", 1),
        tally(7, Series::Succeeded, "b", 7),
        tally(8, Series::Succeeded, "a", 1),
    ];
    assert_eq!(counted, expected);
}

async fn tallies_are_forgotten_after_two_days(store: TestStore) {
    let minute = now_ms() / 60_000;
    let kept = tally(minute - 2 * 24 * 60 + 5, Series::Accepted, "a", 1);
    store.tally(&[tally(minute - 2 * 24 * 60 - 1, Series::Accepted, "a", 1), kept.clone()]).await.unwrap();
    assert_eq!(store.forget_tallies(10).await.unwrap(), 1);
    assert_eq!(store.tallies(0).await.unwrap(), [kept]);
}

async fn what_is_to_be_done_is_told_by_lane(store: TestStore) {
    for seed in 1..4 {
        accept(&store, job("c", seed)).await;
    }
    let mut later = job("c", 4);
    later.send_at = Some(now_ms() + 3_600_000);
    accept(&store, later).await;
    let (runs, waits) = (accept(&store, job("d", 5)).await, accept(&store, job("d", 6)).await);
    let worker = enlist(&store).await;
    claim_one(&store, worker, runs).await;
    let claimed = claim_one(&store, worker, waits).await;
    let wait = Settlement { due_in: Duration::from_hours(1), ..settlement(&claimed, JobState::Waiting) };
    store.settle(worker, &[wait]).await.unwrap();

    let backlog = store.backlog().await.unwrap();
    let [c, d] = &backlog.lanes[..] else { panic!("{backlog:?}") };
    assert_eq!(
        (c.lane.client.as_str(), c.due, c.later, c.waiting),
        ("c", exactly(3), exactly(1), exactly(0))
    );
    assert!(c.longest_due_ms.is_some_and(|ms| (0..60_000).contains(&ms)));
    assert_eq!(
        (d.lane.client.as_str(), d.due, d.later, d.waiting),
        ("d", exactly(0), exactly(0), exactly(1))
    );
    assert_eq!(d.longest_due_ms, None);
    assert_eq!((backlog.due(), backlog.later(), backlog.waiting()), (exactly(3), exactly(1), exactly(1)));
    assert_eq!((backlog.running, backlog.longest_due_ms()), (exactly(1), c.longest_due_ms));
}

async fn how_long_the_longest_due_has_been_is_told(store: TestStore, place: Place) {
    accept(&store, job("c", 1)).await;
    Behind::at(&place).await.pass("jobs", "due_at", Duration::from_mins(10)).await;
    accept(&store, job("d", 2)).await;
    let longest = store.backlog().await.unwrap().longest_due_ms();
    assert!(longest.is_some_and(|ms| (600_000..660_000).contains(&ms)), "{longest:?}");
}

async fn callbacks_to_be_done_are_told(store: TestStore) {
    let worker = enlist(&store).await;
    for seed in 1..3 {
        let id = accept(&store, job("c", seed)).await;
        let claimed = claim_one(&store, worker, id).await;
        let done = Settlement { callback: Some(order(false)), ..settlement(&claimed, JobState::Succeeded) };
        store.settle(worker, &[done]).await.unwrap();
    }
    let backlog = store.backlog().await.unwrap();
    assert_eq!((backlog.callbacks, backlog.exhausted), (exactly(2), exactly(0)));
    assert!(backlog.callbacks_longest_due_ms.is_some_and(|ms| (0..60_000).contains(&ms)));

    let shares = [(order(false).endpoint, 1)];
    let claimed = store.claim_callbacks(worker, &shares).await.unwrap();
    store.settle_callbacks(worker, &[end(claimed[0].claim, CallbackState::Exhausted)]).await.unwrap();
    let backlog = store.backlog().await.unwrap();
    assert_eq!((backlog.callbacks, backlog.exhausted), (exactly(1), exactly(1)));
}

async fn an_idle_store_has_nothing_to_do(store: TestStore) {
    assert_eq!(store.backlog().await.unwrap(), Backlog::default());
}

async fn counts_end_where_they_would_get_dear(store: TestStore, place: Place) {
    let mut behind = Behind::at(&place).await;
    behind.crowd(1000, 20_001).await;
    behind.set("jobs", "state = 'queued'").await;
    let backlog = store.backlog().await.unwrap();
    assert_eq!(backlog.due(), Count { number: 20_000, capped: true });

    behind.set("jobs", "state = 'failed', error_code = 'expired'").await;
    let groups = store.failures(10).await.unwrap();
    assert_eq!((groups.len(), groups[0].jobs), (1, Count { number: 1000, capped: true }));
    assert_eq!(groups[0].newest.get(), 21_000);
}

async fn tokens_are_told_without_their_values(store: TestStore) {
    let terms =
        RefreshTerms { hold: Duration::from_secs(10), min_age: Duration::from_mins(1), daily_limit: 9 };
    let key = TokenKey::access("wx1");
    let Turn::Yours(ticket) = store.begin_refresh(&key, 0, &terms).await.unwrap() else { panic!("not ours") };
    let [begun] = &store.tokens().await.unwrap()[..] else { panic!("not one token") };
    assert_eq!((begun.app_id.as_str(), begun.kind.as_str(), begun.held), ("wx1", "access", false));

    let token = NewToken {
        value: wxgate_secret::Secret::new("a token"),
        renew_after: Duration::from_secs(7000),
        valid_for: Duration::from_hours(2),
        refresh_token: None,
    };
    store.finish_refresh(&ticket, &token).await.unwrap();
    let [stored] = &store.tokens().await.unwrap()[..] else { panic!("not one token") };
    assert_eq!((stored.held, stored.refreshes_today), (true, 1));
    assert_eq!(stored.renew_at - stored.stored_at, 7_000_000);
    assert_eq!(stored.valid_until - stored.stored_at, 7_200_000);
    assert!(!format!("{stored:?}").contains("a token"));
}
