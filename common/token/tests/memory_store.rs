//! The store in memory keeps the rules that it stands in for.

use std::time::Duration;

use wxgate_secret::Secret;
use wxgate_token::testing::{MemoryTokenStore, conformance, refresh_tokens};
use wxgate_token::{NewToken, RefreshTerms, TokenKey, TokenStore, Turn};

#[tokio::test(start_paused = true)]
async fn the_store_in_memory_keeps_every_rule() {
    conformance::all(&MemoryTokenStore::default()).await;
}

#[tokio::test(start_paused = true)]
async fn the_store_in_memory_keeps_the_rules_of_refresh_tokens() {
    let store = MemoryTokenStore::default();
    refresh_tokens::all(&store, &store).await;
}

#[tokio::test(start_paused = true)]
async fn a_new_day_brings_new_refreshes() {
    let store = MemoryTokenStore::default();
    let key = TokenKey::access("wx1");
    let terms = RefreshTerms { hold: Duration::ZERO, min_age: Duration::ZERO, daily_limit: 1 };
    let begin = || async { store.begin_refresh(&key, 0, &terms).await };
    assert!(matches!(begin().await, Ok(Turn::Yours(_))));
    assert!(matches!(begin().await, Ok(Turn::DailyLimit)));

    tokio::time::advance(Duration::from_hours(24)).await;
    assert!(matches!(begin().await, Ok(Turn::Yours(_))));
}

#[tokio::test(start_paused = true)]
async fn a_debug_print_of_the_store_shows_no_token() {
    let store = MemoryTokenStore::default();
    let key = TokenKey::access("wx1");
    let terms = RefreshTerms { hold: Duration::ZERO, min_age: Duration::ZERO, daily_limit: 1 };
    if let Ok(Turn::Yours(ticket)) = store.begin_refresh(&key, 0, &terms).await {
        let hour = Duration::from_hours(1);
        let token = NewToken {
            value: Secret::new("CANARY"),
            renew_after: hour,
            valid_for: hour,
            refresh_token: Some(Secret::new("CANARY")),
        };
        assert!(store.finish_refresh(&ticket, &token).await.is_ok_and(|kept| kept.is_some()));
    }
    let printed = format!("{store:?}");
    assert!(printed.contains("wx1") && !printed.contains("CANARY"), "{printed}");
}
