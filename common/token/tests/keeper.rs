//! The keeper's rules, on a clock that stands still unless a test turns it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use support::{NoToken, TestKeeper, World, key, secs, ticket};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::{Instant, advance, timeout};
use wxgate_token::{KeeperError, Limits, RefreshTerms, Token, TokenStore, Turn};

/// Lets `n` callers say at one moment that the token of this generation was refused.
fn all_refuse(keepers: &[Arc<TestKeeper>], n: usize, generation: i64) -> JoinSet<Token> {
    let barrier = Arc::new(Barrier::new(n));
    let mut callers = JoinSet::new();
    for keeper in keepers.iter().cycle().take(n) {
        let (keeper, barrier) = (Arc::clone(keeper), Arc::clone(&barrier));
        callers.spawn(async move {
            barrier.wait().await;
            keeper.refused(&key(), generation).await.unwrap()
        });
    }
    callers
}

#[tokio::test(start_paused = true)]
async fn a_token_is_fetched_once_and_then_read_from_memory() {
    let world = World::new();
    let keeper = world.keeper();
    assert!(keeper.peek(&key()).is_none());

    assert_eq!(keeper.token(&key()).await.unwrap().expose(), "T1");
    let store_calls = world.store.calls.load(SeqCst);
    advance(secs(6999)).await;

    assert_eq!(keeper.peek(&key()).unwrap().expose(), "T1");
    assert_eq!(keeper.token(&key()).await.unwrap().expose(), "T1");
    assert_eq!(world.source.fetches(), 1);
    assert_eq!(world.store.calls.load(SeqCst), store_calls);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_starts_uses_the_stored_token() {
    let world = World::new();
    world.keeper().token(&key()).await.unwrap();

    assert_eq!(world.keeper().token(&key()).await.unwrap().expose(), "T1");
    assert_eq!(world.source.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_simultaneous_refusals_cost_one_fetch() {
    let world = World::new();
    let keeper = world.keeper();
    let old = keeper.token(&key()).await.unwrap();
    advance(secs(60)).await;

    world.source.shut();
    let callers = all_refuse(&[keeper], 1000, old.generation());
    world.source.begun(2).await;
    world.source.let_through(1000);

    let tokens = callers.join_all().await;
    assert!(tokens.iter().all(|token| token.expose() == "T2"));
    assert_eq!((tokens.len(), world.source.fetches()), (1000, 2));
    assert_eq!(world.source.refused(), [None, Some("T1".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn refusals_in_two_processes_cost_one_fetch() {
    let world = World::new();
    let processes = [world.keeper(), world.keeper()];
    let old = processes[0].token(&key()).await.unwrap();
    assert_eq!(processes[1].token(&key()).await.unwrap().generation(), old.generation());
    advance(secs(60)).await;

    world.source.shut();
    let callers = all_refuse(&processes, 1000, old.generation());
    world.source.begun(2).await;
    world.source.let_through(1000);

    let tokens = callers.join_all().await;
    assert!(tokens.iter().all(|token| token.expose() == "T2"));
    assert_eq!(world.source.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_an_older_token_gets_the_current_at_once() {
    let world = World::new();
    let (here, there) = (world.keeper(), world.keeper());
    let old = here.token(&key()).await.unwrap();
    there.token(&key()).await.unwrap();
    advance(secs(60)).await;
    let new = here.refused(&key(), old.generation()).await.unwrap();

    world.source.shut();
    assert_eq!(here.refused(&key(), old.generation()).await.unwrap().expose(), "T2");
    let told = there.refused(&key(), old.generation()).await.unwrap();
    assert_eq!((told.expose(), told.generation()), ("T2", new.generation()));
    assert_eq!(world.source.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_fetch_in_a_dead_process_is_taken_over_when_its_hold_lapses() {
    let world = World::new();
    let limits = Limits::default();
    let terms = RefreshTerms { hold: limits.hold, min_age: limits.min_age, daily_limit: limits.daily };
    let dead = world.store.begin_refresh(&key(), 0, &terms).await.unwrap();
    assert!(matches!(dead, Turn::Yours(_)));

    let begun = Instant::now();
    assert_eq!(world.keeper().token(&key()).await.unwrap().expose(), "T1");
    assert!(begun.elapsed() >= limits.hold && begun.elapsed() < limits.hold + secs(1));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_another_process_waits_no_longer_than_its_patience() {
    let world = World::new();
    let terms = RefreshTerms { hold: secs(3600), min_age: secs(60), daily_limit: 9 };
    world.store.begin_refresh(&key(), 0, &terms).await.unwrap();

    let begun = Instant::now();
    let answer = world.keeper().token(&key()).await;
    assert!(matches!(answer, Err(KeeperError::HeldElsewhere)));
    assert!(begun.elapsed() < Limits::default().patience + secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_slow_fetch_does_not_replace_the_newer_token_of_another_process() {
    let world = World::new();
    let slow = world.keeper_with(Limits { hold: secs(1), ..Limits::default() });
    world.source.shut();
    let late = tokio::spawn(async move { slow.token(&key()).await });
    world.source.begun(1).await;
    advance(secs(2)).await;

    world.another_process_stores("NEWER").await;
    world.source.let_through(1);

    assert_eq!(late.await.unwrap().unwrap().expose(), "NEWER");
    assert_eq!(world.keeper().token(&key()).await.unwrap().expose(), "NEWER");
}

#[tokio::test(start_paused = true)]
async fn a_fresh_token_that_is_refused_is_not_refreshed_for_a_minute() {
    let world = World::new();
    let keeper = world.keeper();
    let young = keeper.token(&key()).await.unwrap();
    advance(secs(20)).await;

    let refused = keeper.refused(&key(), young.generation()).await;
    assert!(matches!(refused, Err(KeeperError::TooSoon { wait }) if wait == secs(40)));
    let store_calls = world.store.calls.load(SeqCst);
    advance(secs(10)).await;
    let asked = keeper.token(&key()).await;
    assert!(matches!(asked, Err(KeeperError::TooSoon { wait }) if wait == secs(30)));
    assert_eq!((world.source.fetches(), world.store.calls.load(SeqCst)), (1, store_calls));

    advance(secs(30)).await;
    assert_eq!(keeper.token(&key()).await.unwrap().expose(), "T2");
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_is_doubted_serves_on_while_it_is_renewed_once() {
    let world = World::new();
    let keeper = world.keeper();
    let doubted = keeper.token(&ticket()).await.unwrap();
    advance(secs(600)).await;

    world.source.shut();
    for _ in 0..1000 {
        keeper.doubt(&ticket(), doubted.generation());
        assert_eq!(keeper.token(&ticket()).await.unwrap().expose(), "T1");
    }
    world.source.begun(2).await;
    world.source.let_through(1);

    tokio::time::sleep(secs(1)).await;
    keeper.doubt(&ticket(), doubted.generation());
    assert_eq!(keeper.token(&ticket()).await.unwrap().expose(), "T2");
    assert_eq!((world.source.fetches(), world.source.refused()), (2, vec![None, None]));
}

#[tokio::test(start_paused = true)]
async fn doubts_about_a_young_ticket_wait_until_it_is_ten_minutes_old() {
    let world = World::new();
    let keeper = world.keeper();
    let begun = Instant::now();
    let doubted = keeper.token(&ticket()).await.unwrap();

    while begun.elapsed() < secs(599) {
        keeper.doubt(&ticket(), doubted.generation());
        assert_eq!(keeper.token(&ticket()).await.unwrap().expose(), "T1");
        tokio::time::sleep(secs(1)).await;
    }
    assert_eq!(world.source.fetches(), 1);

    tokio::time::sleep(secs(2)).await;
    keeper.token(&ticket()).await.unwrap();
    tokio::time::sleep(secs(1)).await;
    assert_eq!(keeper.token(&ticket()).await.unwrap().expose(), "T2");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_that_comes_along_stands_before_the_token_is_used() {
    let world = World::new();
    world.source.bring_refresh_tokens();

    world.keeper().token(&key()).await.unwrap();

    assert_eq!(world.store.refresh_token(&key().app).await.as_deref(), Some("R1"));
}

#[tokio::test(start_paused = true)]
async fn the_refreshes_of_a_day_are_bounded() {
    let world = World::new();
    let keeper = world.keeper_with(Limits { daily: 3, ..Limits::default() });
    for _ in 0..3 {
        let token = keeper.token(&key()).await.unwrap();
        advance(secs(61)).await;
        let _ = keeper.refused(&key(), token.generation()).await;
    }

    assert!(matches!(keeper.token(&key()).await, Err(KeeperError::DailyLimit)));
    assert_eq!(world.source.fetches(), 3);
    advance(secs(86_400)).await;
    assert_eq!(keeper.token(&key()).await.unwrap().expose(), "T4");
}

#[tokio::test(start_paused = true)]
async fn a_failing_fetch_is_repeated_after_1_2_4_and_then_every_60_seconds() {
    let world = World::new();
    let keeper = world.keeper();
    world.source.fail(usize::from(u8::MAX));

    let mut fetched_at = Vec::new();
    let begun = Instant::now();
    while begun.elapsed() < secs(190) {
        let before = world.source.fetches();
        let answer = keeper.token(&key()).await;
        assert!(matches!(answer, Err(KeeperError::Source(e)) if *e == NoToken("busy")));
        if world.source.fetches() > before {
            fetched_at.push(begun.elapsed().as_secs());
        }
        advance(secs(1)).await;
    }

    assert_eq!(fetched_at, [0, 1, 3, 7, 15, 31, 63, 123, 183]);
}

#[tokio::test(start_paused = true)]
async fn all_who_wait_for_a_failing_fetch_get_its_error() {
    let world = World::new();
    let keeper = world.keeper();
    world.source.fail(1);
    world.source.shut();
    let mut callers = JoinSet::new();
    for _ in 0..1000 {
        let keeper = Arc::clone(&keeper);
        callers.spawn(async move { keeper.token(&key()).await });
    }
    world.source.begun(1).await;
    world.source.let_through(1000);

    let answers = callers.join_all().await;
    assert!(answers.iter().all(|answer| matches!(answer, Err(KeeperError::Source(_)))));
    assert_eq!(world.source.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_operators_correction_ends_the_pause() {
    let world = World::new();
    let keeper = world.keeper();
    world.source.fail(1);
    assert!(keeper.token(&key()).await.is_err());
    assert!(keeper.token(&key()).await.is_err());

    keeper.forget_failures(&key());
    assert_eq!(keeper.token(&key()).await.unwrap().expose(), "T2");
}

#[tokio::test(start_paused = true)]
async fn while_one_renewal_runs_all_go_on_with_the_old_token() {
    let world = World::new();
    let keeper = world.keeper();
    keeper.token(&key()).await.unwrap();
    advance(secs(7000)).await;

    world.source.shut();
    for _ in 0..1000 {
        assert_eq!(keeper.token(&key()).await.unwrap().expose(), "T1");
    }
    world.source.begun(2).await;
    assert_eq!(keeper.token(&key()).await.unwrap().expose(), "T1");
    world.source.let_through(1);

    tokio::time::sleep(secs(1)).await; // the clock stands still until every task has run
    assert_eq!(keeper.token(&key()).await.unwrap().expose(), "T2");
    assert_eq!(world.source.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_by_another_process_is_found_in_the_store() {
    let world = World::new();
    let (here, there) = (world.keeper(), world.keeper());
    here.token(&key()).await.unwrap();
    there.token(&key()).await.unwrap();
    for keeper in [&here, &there] {
        tokio::time::sleep(secs(3500)).await;
        assert_eq!(keeper.token(&key()).await.unwrap().expose(), "T1");
    }

    tokio::time::sleep(secs(1)).await;
    assert_eq!(here.token(&key()).await.unwrap().expose(), "T1");
    tokio::time::sleep(secs(1)).await;
    assert_eq!(here.token(&key()).await.unwrap().expose(), "T2");
    assert_eq!(there.token(&key()).await.unwrap().expose(), "T2");
    assert_eq!(world.source.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn when_renewal_fails_the_old_token_serves_until_it_ends() {
    let world = World::new();
    let keeper = world.keeper();
    let begun = Instant::now();
    keeper.token(&key()).await.unwrap();
    world.source.fail(usize::from(u8::MAX));

    for at in [7000, 7100, 7199] {
        tokio::time::sleep_until(begun + secs(at)).await;
        assert_eq!(keeper.token(&key()).await.unwrap().expose(), "T1", "at {at} s");
    }
    tokio::time::sleep_until(begun + secs(7200)).await;
    assert!(matches!(keeper.token(&key()).await, Err(KeeperError::Source(_))));
}

#[tokio::test(start_paused = true)]
async fn a_failing_renewal_pauses_like_any_failing_fetch() {
    let world = World::new();
    let keeper = world.keeper();
    keeper.token(&key()).await.unwrap();
    advance(secs(7000)).await;
    world.source.fail(usize::from(u8::MAX));

    for _ in 0..150 {
        keeper.token(&key()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    // At 0, 1, 3 and 7 s; the next would be at 15 s.
    assert_eq!(world.source.fetches(), 1 + 4);
}

#[tokio::test(start_paused = true)]
async fn a_success_ends_the_row_of_failures() {
    let world = World::new();
    let keeper = world.keeper();
    world.source.fail(3);
    for pause in [1, 2, 4] {
        assert!(keeper.token(&key()).await.is_err());
        advance(secs(pause)).await;
    }
    let token = keeper.token(&key()).await.unwrap();
    advance(secs(60)).await;

    world.source.fail(1);
    assert!(keeper.refused(&key(), token.generation()).await.is_err());
    advance(secs(1)).await;
    assert!(keeper.token(&key()).await.is_ok(), "after the first failure of a row the pause is 1 s");
}

#[tokio::test(start_paused = true)]
async fn a_source_that_hangs_is_given_up() {
    let world = World::new();
    let keeper = world.keeper();
    world.source.shut();

    let begun = Instant::now();
    assert!(matches!(keeper.token(&key()).await, Err(KeeperError::SourceTimeout)));
    assert_eq!(begun.elapsed(), Limits::default().fetch);
    world.source.let_through(9);
    advance(secs(1)).await;
    assert_eq!(keeper.token(&key()).await.unwrap().expose(), "T2");
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_does_not_lose_the_token() {
    let world = World::new();
    let keeper = world.keeper();
    world.source.shut();
    assert!(timeout(secs(1), keeper.token(&key())).await.is_err());

    world.source.let_through(1);
    assert_eq!(keeper.token(&key()).await.unwrap().expose(), "T1");
    assert_eq!(world.source.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_the_store_nothing_is_fetched() {
    let world = World::new();
    let keeper = world.keeper();
    world.store.set_away(true);
    assert!(matches!(keeper.token(&key()).await, Err(KeeperError::Store(_))));
    let calls = world.store.calls.load(SeqCst);
    for _ in 0..1000 {
        assert!(keeper.token(&key()).await.is_err());
    }
    assert_eq!((world.source.fetches(), world.store.calls.load(SeqCst)), (0, calls));

    world.store.set_away(false);
    advance(secs(1)).await;
    assert_eq!(keeper.token(&key()).await.unwrap().expose(), "T1");
}

#[tokio::test(start_paused = true)]
async fn a_fetched_token_is_stored_when_the_store_comes_back() {
    let world = World::new();
    let keeper = world.keeper();
    world.source.shut();
    let caller = tokio::spawn(async move { keeper.token(&key()).await });
    world.source.begun(1).await;
    world.store.set_away(true);
    world.source.let_through(1);
    tokio::time::sleep(secs(5)).await;

    world.store.set_away(false);
    assert_eq!(caller.await.unwrap().unwrap().expose(), "T1");
    assert_eq!(world.keeper().token(&key()).await.unwrap().expose(), "T1");
    assert_eq!(world.source.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_apps_outage_is_not_anothers() {
    let world = World::new();
    let keeper = world.keeper();
    world.source.fail(1);
    assert!(keeper.token(&key()).await.is_err());

    let other = wxgate_token::TokenKey::access("wx0000000000000002");
    assert!(keeper.token(&other).await.is_ok());
}
