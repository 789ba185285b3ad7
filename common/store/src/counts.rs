//! Counting for charts: in memory, added to the store's tallies every few seconds. Nothing waits for it,
//! and what a killed process had counted in its last seconds is missing from a chart.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::MissedTickBehavior;
use wxgate_job::Kind;

use crate::clock::now_ms;
use crate::model::insight::{Series, Tally};
use crate::store::Store;

/// How often what was counted is added.
const FLUSH_EVERY: Duration = Duration::from_secs(5);

/// What one process has counted. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Counts(Arc<Mutex<Counted>>);

type Counted = HashMap<(Series, Kind), u64>;

impl Counts {
    /// Counts one.
    pub fn add(&self, series: Series, kind: &Kind) {
        *self.counted().entry((series, kind.clone())).or_default() += 1;
    }

    /// Adds what was counted to the store. What it cannot take now is kept for the next time; of what it
    /// may have taken nothing is kept.
    pub async fn flush(&self, store: &dyn Store) {
        let counted = std::mem::take(&mut *self.counted());
        if counted.is_empty() {
            return;
        }
        let minute = now_ms() / 60_000;
        let tally = |((series, kind), count): (&(Series, Kind), &u64)| Tally {
            minute,
            series: *series,
            kind: kind.clone(),
            count: *count,
        };
        let tallies: Vec<Tally> = counted.iter().map(tally).collect();
        let Err(error) = store.tally(&tallies).await else { return };
        tracing::debug!(error = &error as &dyn std::error::Error, "counts.not_added");
        if !error.is_unknown() {
            let mut now = self.counted();
            for (key, count) in counted {
                *now.entry(key).or_default() += count;
            }
        }
    }

    /// Adds what was counted every few seconds, until cancelled.
    pub async fn run(self, store: Arc<dyn Store>) {
        let mut ticks = tokio::time::interval(FLUSH_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.flush(store.as_ref()).await;
        }
    }

    fn counted(&self) -> std::sync::MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use wxgate_secret::Keyring;

    use super::*;
    use crate::sqlite::{SqliteStore, migrate};

    #[tokio::test]
    async fn what_the_store_cannot_take_now_is_added_later() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("wxgate.db");
        let keys = Keyring::parse(&Keyring::generate_key()).expect("a key");
        migrate(&path, &keys).await.expect("a fresh schema");
        let store = SqliteStore::open(&path, keys.clone()).await.expect("a store");
        store.close().await;

        let counts = Counts::default();
        let kind = Kind::named("async_send_tpl");
        counts.add(Series::Accepted, &kind);
        counts.flush(&store).await;
        counts.add(Series::Accepted, &kind);
        counts.add(Series::Failed, &kind);
        let store = SqliteStore::open(&path, keys).await.expect("a store");
        counts.flush(&store).await;
        counts.flush(&store).await;

        let told = store.tallies(0).await.expect("tallies");
        let told: Vec<_> = told.iter().map(|tally| (tally.series, tally.count)).collect();
        assert_eq!(told, [(Series::Accepted, 2), (Series::Failed, 1)]);
        store.close().await;
    }
}
