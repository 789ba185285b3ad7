//! The ringing side, as intake, relay and workers see it.

use async_trait::async_trait;
use wxgate_job::{Doorbell, JobId, Lane};

use crate::BellStats;

/// Tells workers which jobs can run. One bell per process, shared by all its tasks.
#[async_trait]
pub trait Bell: Send + Sync {
    /// Hands the doorbell over and returns at once. What cannot be taken is dropped and counted in
    /// [`BellStats::dropped`]: its jobs are found in the store.
    fn ring(&self, doorbell: Doorbell);

    /// Whether a ring would reach the queue at this moment.
    fn is_connected(&self) -> bool;

    /// What became of the rings so far.
    fn stats(&self) -> BellStats;

    /// Flushes what is held, for a few seconds at most, and ends. Later rings are dropped.
    async fn close(&self);

    /// Rings for any number of jobs of one lane, in doorbells of at most [`Doorbell::MAX_IDS`].
    fn ring_all(&self, lane: &Lane, ids: &[JobId]) {
        for part in ids.chunks(Doorbell::MAX_IDS) {
            self.ring(Doorbell { lane: lane.clone(), ids: part.to_vec() });
        }
    }
}
