use std::time::Duration;

use wxgate_store::model::intake::{Acceptance, ReplayKey};
use wxgate_store::model::once::{Once, Turn};

use crate::behind::Behind;
use crate::fixture::{HOLD, Place, TestStore, accept, job};

crate::scenarios!(
    a_repeat_is_told_the_first_answer,
    of_many_at_once_one_has_the_turn,
    an_authcode_of_another_request_is_refused,
    an_authcode_of_a_job_is_refused,
    an_authcode_with_an_answer_becomes_no_job,
    a_released_turn_is_given_again,
    a_lapsed_turn_is_told,
    a_lapse_is_told_for_ever,
    a_turn_can_be_let_lapse_at_once,
    an_answer_that_was_kept_can_be_kept_again,
    whoever_lost_its_turn_changes_nothing,
    one_authcode_of_two_clients_is_done_twice,
);
crate::scenarios_at_a_place!(an_answer_is_forgotten_after_fifteen_minutes);

/// A hold that is over at once.
const LAPSED: Duration = Duration::ZERO;

fn key(client: &str, seed: u8) -> ReplayKey {
    ReplayKey { client: client.to_owned(), authcode: vec![seed; 16] }
}

async fn begin(store: &TestStore, hold: Duration) -> Once {
    store.begin_once(&key("c", 1), [1; 16], hold).await.unwrap()
}

async fn turn(store: &TestStore, hold: Duration) -> Turn {
    match begin(store, hold).await {
        Once::Yours(turn) => turn,
        other => panic!("the turn should be given, not {other:?}"),
    }
}

async fn a_repeat_is_told_the_first_answer(store: TestStore) {
    let turn = turn(&store, HOLD).await;
    assert_eq!(begin(&store, HOLD).await, Once::Busy);

    assert!(store.answer_once(&turn, r#"{"errcode":0,"字":"值"}"#).await.unwrap());
    assert_eq!(begin(&store, HOLD).await, Once::Answered(r#"{"errcode":0,"字":"值"}"#.to_owned()));
}

async fn of_many_at_once_one_has_the_turn(store: TestStore) {
    let tries: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { begin(&store, HOLD).await })
        })
        .collect();
    let mut told = Vec::new();
    for one in tries {
        told.push(one.await.unwrap());
    }
    assert_eq!(told.iter().filter(|once| matches!(once, Once::Yours(_))).count(), 1);
    assert_eq!(told.iter().filter(|once| matches!(once, Once::Busy)).count(), 7);
}

async fn an_authcode_of_another_request_is_refused(store: TestStore) {
    let turn = turn(&store, HOLD).await;
    let other = async || store.begin_once(&key("c", 1), [2; 16], HOLD).await.unwrap();
    assert_eq!(other().await, Once::AuthcodeTaken);

    assert!(store.answer_once(&turn, "done").await.unwrap());
    assert_eq!(other().await, Once::AuthcodeTaken);
}

async fn an_authcode_of_a_job_is_refused(store: TestStore) {
    accept(&store, job("c", 1)).await;
    assert_eq!(begin(&store, HOLD).await, Once::AuthcodeTaken);
}

async fn an_authcode_with_an_answer_becomes_no_job(store: TestStore) {
    let turn = turn(&store, HOLD).await;
    store.answer_once(&turn, "done").await.unwrap();
    assert_eq!(store.accept(&[job("c", 1)]).await.unwrap(), [Acceptance::AuthcodeTaken]);
}

async fn a_released_turn_is_given_again(store: TestStore) {
    let first = turn(&store, HOLD).await;
    store.release_once(&first).await.unwrap();

    let second = turn(&store, HOLD).await;
    assert!(second.number > first.number);
}

async fn a_lapsed_turn_is_told(store: TestStore) {
    let lost = turn(&store, LAPSED).await;
    let Once::AfterLapse(next) = begin(&store, HOLD).await else { panic!("a turn had lapsed") };
    assert!(next.number > lost.number);
}

async fn a_lapse_is_told_for_ever(store: TestStore) {
    let _lost = turn(&store, LAPSED).await;
    let Once::AfterLapse(next) = begin(&store, HOLD).await else { panic!("a turn had lapsed") };
    store.release_once(&next).await.unwrap();
    assert!(matches!(begin(&store, HOLD).await, Once::AfterLapse(_)));
}

async fn a_turn_can_be_let_lapse_at_once(store: TestStore) {
    let first = turn(&store, HOLD).await;
    store.lapse_once(&first).await.unwrap();
    let Once::AfterLapse(second) = begin(&store, HOLD).await else { panic!("a turn had lapsed") };
    store.lapse_once(&first).await.unwrap();
    assert_eq!(begin(&store, HOLD).await, Once::Busy, "whoever lost its turn changes nothing");

    store.answer_once(&second, "done").await.unwrap();
    store.lapse_once(&second).await.unwrap();
    assert_eq!(begin(&store, HOLD).await, Once::Answered("done".to_owned()));
}

async fn an_answer_that_was_kept_can_be_kept_again(store: TestStore) {
    let turn = turn(&store, HOLD).await;
    assert!(store.answer_once(&turn, "done").await.unwrap());
    assert!(store.answer_once(&turn, "done").await.unwrap());
    assert!(!store.answer_once(&turn, "otherwise").await.unwrap());
    store.release_once(&turn).await.unwrap();
    assert_eq!(begin(&store, HOLD).await, Once::Answered("done".to_owned()));
}

async fn whoever_lost_its_turn_changes_nothing(store: TestStore) {
    let lost = turn(&store, LAPSED).await;
    let Once::AfterLapse(next) = begin(&store, HOLD).await else { panic!("a turn had lapsed") };
    assert!(!store.answer_once(&lost, "late").await.unwrap());
    store.release_once(&lost).await.unwrap();
    assert_eq!(begin(&store, HOLD).await, Once::Busy);

    assert!(store.answer_once(&next, "done").await.unwrap());
    assert_eq!(begin(&store, HOLD).await, Once::Answered("done".to_owned()));
}

async fn one_authcode_of_two_clients_is_done_twice(store: TestStore) {
    for client in ["a", "b"] {
        let once = store.begin_once(&key(client, 1), [1; 16], HOLD).await.unwrap();
        assert!(matches!(once, Once::Yours(_)), "{client}: {once:?}");
    }
}

async fn an_answer_is_forgotten_after_fifteen_minutes(store: TestStore, place: Place) {
    let mut behind = Behind::at(&place).await;
    let turn = turn(&store, HOLD).await;
    store.answer_once(&turn, "done").await.unwrap();
    behind.pass("replays", "created_at", Duration::from_mins(14)).await;
    assert_eq!(store.forget_replays(10).await.unwrap(), 0);
    assert_eq!(begin(&store, HOLD).await, Once::Answered("done".to_owned()));

    behind.pass("replays", "created_at", Duration::from_mins(2)).await;
    assert_eq!(store.forget_replays(10).await.unwrap(), 1);
    assert!(matches!(begin(&store, HOLD).await, Once::Yours(_)));
}
