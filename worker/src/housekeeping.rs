//! What every worker sees to now and then; doing it twice does no harm.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::MissedTickBehavior;
use wxgate_store::Store;

/// How often lapsed leases are looked for. With a lease of 10 s a killed worker's jobs run again
/// within 12 s.
const RESCUE_EVERY: Duration = Duration::from_secs(2);

/// How often old rows are looked for.
const FORGET_EVERY: Duration = Duration::from_secs(10);

/// Rows deleted in one go: some ten milliseconds, so that nobody waits long behind it.
const CHUNK: u32 = 5000;

/// Queues again what lapsed workers held. Runs until cancelled.
pub async fn rescue(store: Arc<dyn Store>) {
    let mut ticks = tokio::time::interval(RESCUE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match store.rescue().await {
            Ok(rescued) if rescued.jobs + rescued.callbacks > 0 => {
                tracing::warn!(jobs = rescued.jobs, callbacks = rescued.callbacks, "rescue.done");
            }
            Ok(_) => {}
            Err(error) => tracing::debug!(error = &error as &dyn std::error::Error, "rescue.failed"),
        }
    }
}

/// Deletes replay keys of more than fifteen minutes and final jobs older than `retention`. Runs until
/// cancelled.
pub async fn forget(store: Arc<dyn Store>, retention: Duration) {
    let mut ticks = tokio::time::interval(FORGET_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        while store.forget_replays(CHUNK).await.is_ok_and(is_full) {
            tokio::task::yield_now().await;
        }
        while store.prune(retention, CHUNK).await.is_ok_and(is_full) {
            tokio::task::yield_now().await;
        }
    }
}

fn is_full(deleted: u64) -> bool {
    deleted >= u64::from(CHUNK)
}
