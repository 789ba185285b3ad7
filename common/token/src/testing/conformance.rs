//! The rules of [`TokenStore`] as checks, one function each, to be run against every
//! implementation. None waits: a hold or an age of zero stands for time that has passed, one of
//! an hour for time that has not. Each takes a key of its own, so one store serves all.

#![expect(clippy::missing_panics_doc, clippy::expect_used, reason = "a check tells its finding by panicking")]

use std::time::Duration;

use wxgate_secret::Secret;

use crate::key::TokenKey;
use crate::store::{NewToken, RefreshTerms, StoredToken, Ticket, TokenStore, Turn};

const HOUR: Duration = Duration::from_hours(1);
pub(super) const EASY: RefreshTerms =
    RefreshTerms { hold: HOUR, min_age: Duration::ZERO, daily_limit: u32::MAX };
pub(super) const LAPSED: RefreshTerms = RefreshTerms { hold: Duration::ZERO, ..EASY };

/// Every rule, one after the other.
pub async fn all(store: &dyn TokenStore) {
    an_unknown_key_has_no_token(store).await;
    what_was_finished_is_loaded(store).await;
    one_of_two_gets_the_turn(store).await;
    the_newer_token_is_handed_to_whoever_saw_an_older(store).await;
    a_token_that_ended_is_not_handed_out_as_newer(store).await;
    a_lapsed_hold_is_taken_over(store).await;
    an_older_token_never_replaces_a_newer(store).await;
    a_late_token_is_kept_while_no_newer_stands(store).await;
    finishing_again_is_harmless(store).await;
    a_young_token_is_not_refreshed(store).await;
    the_day_is_bounded(store).await;
    an_abandoned_refresh_frees_the_lock_and_the_day(store).await;
    abandoning_a_lost_turn_changes_nothing(store).await;
    keys_do_not_share(store).await;
}

/// [`TokenStore::load`] of what never was.
pub async fn an_unknown_key_has_no_token(store: &dyn TokenStore) {
    assert!(load(store, &key("unknown")).await.is_none());
}

/// The token comes back whole, with its generation and its times.
pub async fn what_was_finished_is_loaded(store: &dyn TokenStore) {
    let key = key("loaded");
    let ticket = turn(store, &key, 0, EASY).await;
    let turn = ticket.turn();
    assert!(turn > 0);
    finish(store, &ticket, "T1").await.expect("nothing newer stands");

    let stored = load(store, &key).await.expect("it was stored");
    assert_eq!((stored.value.expose(), stored.generation), ("T1", turn));
    assert!(stored.age < HOUR);
    assert!(stored.renew_in <= HOUR && stored.renew_in > HOUR / 2, "{:?}", stored.renew_in);
    assert!(stored.valid_for <= 2 * HOUR && stored.valid_for > HOUR, "{:?}", stored.valid_for);
}

/// Rule 2 of [`TokenStore::begin_refresh`].
pub async fn one_of_two_gets_the_turn(store: &dyn TokenStore) {
    let key = key("one-of-two");
    let _held = turn(store, &key, 0, EASY).await;
    assert!(matches!(begin(store, &key, 0, EASY).await, Turn::Busy));
}

/// Rule 1, also while a refresh is under way.
pub async fn the_newer_token_is_handed_to_whoever_saw_an_older(store: &dyn TokenStore) {
    let key = key("newer");
    let first = put(store, &key, "T1").await;
    let _held = turn(store, &key, first, EASY).await;

    let Turn::Newer(stored) = begin(store, &key, 0, EASY).await else {
        panic!("the token stored should be handed out")
    };
    assert_eq!((stored.value.expose(), stored.generation), ("T1", first));
}

/// Rule 1: a token past its end is of no use to anybody.
pub async fn a_token_that_ended_is_not_handed_out_as_newer(store: &dyn TokenStore) {
    let key = key("ended");
    let ticket = turn(store, &key, 0, EASY).await;
    let ended = NewToken { valid_for: Duration::ZERO, ..token("T1") };
    store.finish_refresh(&ticket, &ended).await.expect("the store answers");

    turn(store, &key, 0, EASY).await;
}

/// A dead process does not hold the lock for ever, and turns go up.
pub async fn a_lapsed_hold_is_taken_over(store: &dyn TokenStore) {
    let key = key("lapsed");
    let dead = turn(store, &key, 0, LAPSED).await;
    let next = turn(store, &key, 0, EASY).await;
    assert!(next.turn() > dead.turn());
}

/// [`TokenStore::finish_refresh`] after another finished a later turn.
pub async fn an_older_token_never_replaces_a_newer(store: &dyn TokenStore) {
    let key = key("older");
    let slow = turn(store, &key, 0, LAPSED).await;
    let quick = turn(store, &key, 0, EASY).await;
    finish(store, &quick, "NEW").await.expect("nothing newer stands");

    assert!(finish(store, &slow, "OLD").await.is_none());
    let stored = load(store, &key).await.expect("it was stored");
    assert_eq!((stored.value.expose(), stored.generation), ("NEW", quick.turn()));
}

/// A lapsed hold alone does not void a token; the later turn goes on and wins.
pub async fn a_late_token_is_kept_while_no_newer_stands(store: &dyn TokenStore) {
    let key = key("late");
    let late = turn(store, &key, 0, LAPSED).await;
    let next = turn(store, &key, 0, EASY).await;

    finish(store, &late, "LATE").await.expect("nothing newer stands");
    assert!(matches!(begin(store, &key, late.turn(), EASY).await, Turn::Busy));
    let stored = finish(store, &next, "NEXT").await.expect("nothing newer stands");
    assert_eq!((stored.value.expose(), stored.generation), ("NEXT", next.turn()));
}

/// The answer to a finish may get lost: the repeat finds the token stored.
pub async fn finishing_again_is_harmless(store: &dyn TokenStore) {
    let key = key("again");
    let ticket = turn(store, &key, 0, EASY).await;
    finish(store, &ticket, "T1").await.expect("nothing newer stands");

    let stored = finish(store, &ticket, "T1").await.expect("it is this turn's own");
    assert_eq!((stored.value.expose(), stored.generation), ("T1", ticket.turn()));
}

/// Rule 3.
pub async fn a_young_token_is_not_refreshed(store: &dyn TokenStore) {
    let key = key("young");
    let generation = put(store, &key, "T1").await;

    let terms = RefreshTerms { min_age: HOUR, ..EASY };
    let Turn::TooSoon { wait } = begin(store, &key, generation, terms).await else {
        panic!("the token is a moment old")
    };
    assert!(wait <= HOUR && wait > HOUR / 2, "{wait:?}");
}

/// Rule 4: refreshes whose process died count as well.
pub async fn the_day_is_bounded(store: &dyn TokenStore) {
    let key = key("day");
    let generation = put(store, &key, "T1").await;
    let _dead = turn(store, &key, generation, LAPSED).await;

    let at = |daily_limit| RefreshTerms { daily_limit, ..LAPSED };
    assert!(matches!(begin(store, &key, generation, at(2)).await, Turn::DailyLimit));
    assert!(matches!(begin(store, &key, generation, at(3)).await, Turn::Yours(_)));
}

/// [`TokenStore::abandon_refresh`].
pub async fn an_abandoned_refresh_frees_the_lock_and_the_day(store: &dyn TokenStore) {
    let key = key("abandoned");
    let terms = RefreshTerms { daily_limit: 1, ..EASY };
    let failed = turn(store, &key, 0, terms).await;
    store.abandon_refresh(&failed).await.expect("the store answers");

    turn(store, &key, 0, terms).await;
}

/// A ticket that lapsed and was taken over must not free the other's hold, nor the day.
pub async fn abandoning_a_lost_turn_changes_nothing(store: &dyn TokenStore) {
    let key = key("lost");
    let lost = turn(store, &key, 0, LAPSED).await;
    let held = turn(store, &key, 0, EASY).await;
    store.abandon_refresh(&lost).await.expect("the store answers");
    assert!(matches!(begin(store, &key, 0, EASY).await, Turn::Busy));

    store.abandon_refresh(&held).await.expect("the store answers");
    let terms = RefreshTerms { daily_limit: 1, ..EASY };
    assert!(matches!(begin(store, &key, 0, terms).await, Turn::DailyLimit));
}

/// One app's refresh does not hold up another's.
pub async fn keys_do_not_share(store: &dyn TokenStore) {
    let _held = turn(store, &key("app-a"), 0, EASY).await;
    put(store, &key("app-b"), "T1").await;
    assert!(load(store, &key("app-a")).await.is_none());
}

fn key(name: &str) -> TokenKey {
    TokenKey::access(format!("conformance-{name}"))
}

pub(super) fn token(value: &str) -> NewToken {
    NewToken { value: Secret::new(value), renew_after: HOUR, valid_for: 2 * HOUR, refresh_token: None }
}

pub(super) async fn load(store: &dyn TokenStore, key: &TokenKey) -> Option<StoredToken> {
    store.load(key).await.expect("the store answers")
}

async fn begin(store: &dyn TokenStore, key: &TokenKey, seen: i64, terms: RefreshTerms) -> Turn {
    store.begin_refresh(key, seen, &terms).await.expect("the store answers")
}

pub(super) async fn turn(store: &dyn TokenStore, key: &TokenKey, seen: i64, terms: RefreshTerms) -> Ticket {
    match begin(store, key, seen, terms).await {
        Turn::Yours(ticket) => ticket,
        other => panic!("{}: the turn should be given, not {other:?}", key.app),
    }
}

async fn finish(store: &dyn TokenStore, ticket: &Ticket, value: &str) -> Option<StoredToken> {
    store.finish_refresh(ticket, &token(value)).await.expect("the store answers")
}

async fn put(store: &dyn TokenStore, key: &TokenKey, value: &str) -> i64 {
    let ticket = turn(store, key, 0, EASY).await;
    finish(store, &ticket, value).await.expect("nothing newer stands").generation
}
