//! The queue without a broker: a bounded channel inside one process. Goes with the embedded store.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use wxgate_job::Doorbell;

use crate::listener::{Delivery, ListenerStatus};
use crate::stats::{Count, Counters};
use crate::{Bell, BellStats, Listener};

/// A bell and its listener. Up to `capacity` doorbells (at least one) wait between them. The
/// listener ends when `stop` is cancelled.
#[must_use]
pub fn pair(capacity: usize, stop: &CancellationToken) -> (EmbeddedBell, Listener) {
    let (sender, deliveries) = mpsc::channel(capacity.max(1));
    let status = ListenerStatus::default();
    status.set_connected(true);
    let bell = EmbeddedBell { sender, counters: Arc::default() };
    let listener = Listener::new(deliveries, status, stop.child_token(), TaskTracker::new());
    (bell, listener)
}

/// Rings within the process. Clones ring the same listener.
#[derive(Clone, Debug)]
pub struct EmbeddedBell {
    sender: mpsc::Sender<Delivery>,
    counters: Arc<Counters>,
}

#[async_trait]
impl Bell for EmbeddedBell {
    fn ring(&self, doorbell: Doorbell) {
        let ids = doorbell.ids.len();
        self.counters.add(Count::Rung, ids);
        match self.sender.try_send(Delivery::embedded(doorbell)) {
            Ok(()) => self.counters.add(Count::Confirmed, 1),
            Err(_full_or_closed) => self.counters.add(Count::Dropped, ids),
        }
    }

    fn is_connected(&self) -> bool {
        !self.sender.is_closed()
    }

    fn stats(&self) -> BellStats {
        self.counters.snapshot()
    }

    /// Holds nothing back, so there is nothing to flush.
    async fn close(&self) {}
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use wxgate_job::{JobId, Kind, Lane};

    fn lane() -> Lane {
        Lane { client: "shop".into(), app: "wx1".into(), kind: Kind::named("async_send_tpl") }
    }

    fn ids(count: i64) -> Vec<JobId> {
        (1..=count).map(|id| JobId::new(id).unwrap()).collect()
    }

    #[tokio::test]
    async fn a_ring_is_heard_in_doorbells_of_at_most_64_ids() {
        let (bell, mut listener) = pair(8, &CancellationToken::new());
        bell.ring_all(&lane(), &ids(65));
        let first = listener.next().await.unwrap();
        let second = listener.next().await.unwrap();
        assert_eq!(first.doorbell.ids, ids(64));
        assert_eq!(second.doorbell.ids, ids(65)[64..]);
        first.ack();
        second.ack();
    }

    #[tokio::test]
    async fn what_finds_no_room_is_dropped_and_counted_by_id() {
        let (bell, _listener) = pair(1, &CancellationToken::new());
        bell.ring_all(&lane(), &ids(70));
        let stats = bell.stats();
        assert_eq!((stats.rung, stats.confirmed, stats.dropped), (70, 1, 6));
    }

    #[tokio::test]
    async fn a_stopped_listener_ends_and_later_rings_are_dropped() {
        let stop = CancellationToken::new();
        let (bell, mut listener) = pair(8, &stop);
        bell.ring_all(&lane(), &ids(3));
        stop.cancel();
        assert!(listener.next().await.is_none());
        assert!(!bell.is_connected());
        bell.ring_all(&lane(), &ids(2));
        assert_eq!(bell.stats().dropped, 2);
        listener.close().await;
    }
}
