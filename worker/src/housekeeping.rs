//! What every worker sees to now and then; doing it twice does no harm.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::MissedTickBehavior;
use wxgate_store::{Store, StoreError};

use crate::metrics::Metrics;

/// How often lapsed leases are looked for. With a lease of 10 s a killed worker's jobs run again
/// within 12 s.
const RESCUE_EVERY: Duration = Duration::from_secs(2);

/// How often jobs are looked for that what they await has happened to: as long as a follower lives on
/// after its leader at most.
const WAKE_EVERY: Duration = Duration::from_secs(1);

/// Jobs woken in one go. The worker's own slots bound how many of them run.
const WOKEN: u32 = 500;

/// How often old rows are looked for.
const FORGET_EVERY: Duration = Duration::from_secs(10);

/// Rows deleted in one go: some ten milliseconds, so that nobody waits long behind it.
const CHUNK: u32 = 5000;

/// The same of jobs, which have more indexes and take their callbacks along.
const JOBS: u32 = 1000;

/// Queues again what lapsed workers held. Runs until cancelled.
pub(crate) async fn rescue(store: Arc<dyn Store>, metrics: Arc<Metrics>) {
    let mut ticks = tokio::time::interval(RESCUE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match store.rescue().await {
            Ok(rescued) if rescued.jobs + rescued.callbacks > 0 => {
                metrics.rescued(rescued.jobs + rescued.callbacks);
                tracing::warn!(jobs = rescued.jobs, callbacks = rescued.callbacks, "rescue.done");
            }
            Ok(_) => {}
            Err(error) => tracing::debug!(error = &error as &dyn std::error::Error, "rescue.failed"),
        }
    }
}

/// Wakes jobs whose wait has come to an end without their being told. Runs until cancelled.
pub async fn wake(store: Arc<dyn Store>) {
    let mut ticks = tokio::time::interval(WAKE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        all(WOKEN, || store.wake(WOKEN)).await;
    }
}

/// Deletes what is remembered for a while only, and final jobs older than `retention`. Runs until
/// cancelled.
pub async fn forget(store: Arc<dyn Store>, retention: Duration) {
    let mut ticks = tokio::time::interval(FORGET_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        all(CHUNK, || store.forget_replays(CHUNK)).await;
        all(CHUNK, || store.forget_receipts(CHUNK)).await;
        all(CHUNK, || store.forget_springboards(CHUNK)).await;
        all(CHUNK, || store.forget_pushes(CHUNK)).await;
        all(CHUNK, || store.forget_tallies(CHUNK)).await;
        all(JOBS, || store.prune(retention, JOBS)).await;
    }
}

/// Works off rows, `chunk` at a time, until a chunk is not full.
async fn all<F: Future<Output = Result<u64, StoreError>>>(chunk: u32, work: impl Fn() -> F) {
    loop {
        match work().await {
            Ok(done) if done >= u64::from(chunk) => tokio::task::yield_now().await,
            Ok(_) => return,
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "housekeeping.failed");
                return;
            }
        }
    }
}
