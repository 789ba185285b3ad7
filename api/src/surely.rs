//! Telling the store something that must not be lost because the store is away for a moment.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use wxgate_store::StoreError;

/// After the first failure; doubled each time, up to [`LAST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// A store that restarts is away for seconds.
const LAST_PAUSE: Duration = Duration::from_secs(1);

/// Calls the store again as long as it is away and time is left. For verbs alone that may be called
/// again when their outcome is unknown.
pub(crate) async fn surely<T, F>(within: Duration, verb: impl Fn() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let give_up = Instant::now() + within;
    let mut pause = FIRST_PAUSE;
    loop {
        match verb().await {
            Err(StoreError::Unavailable(_) | StoreError::OutcomeUnknown(_))
                if Instant::now() + pause < give_up =>
            {
                sleep(pause).await;
            }
            end => return end,
        }
        pause = (pause * 2).min(LAST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::cell::Cell;

    use super::*;

    /// Fails so often, then says how often it was called.
    async fn failing(times: u32, error: fn() -> StoreError) -> Result<u32, StoreError> {
        let calls = Cell::new(0);
        let verb = || {
            calls.set(calls.get() + 1);
            let end = if calls.get() > times { Ok(calls.get()) } else { Err(error()) };
            async { end }
        };
        surely(Duration::from_secs(5), verb).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_comes_back_in_time_is_told() {
        let away = || StoreError::Unavailable(sqlx::Error::PoolTimedOut);
        let broken = || StoreError::OutcomeUnknown(sqlx::Error::WorkerCrashed);
        assert_eq!(failing(3, away).await.unwrap(), 4);
        assert_eq!(failing(3, broken).await.unwrap(), 4);
        assert!(failing(1000, away).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_refused_for_good_is_not_repeated() {
        let refused = || StoreError::Refused(sqlx::Error::RowNotFound);
        assert!(failing(1, refused).await.is_err());
    }
}
