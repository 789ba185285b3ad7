//! Rings over RabbitMQ: [`RabbitBell::ring`] only notes the ids, one task publishes them
//! (`publisher`).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use wxgate_job::Doorbell;

use super::broker::Broker;
use super::publisher::Publisher;
use crate::pending::Pending;
use crate::stats::{Count, Counters};
use crate::{Bell, BellStats};

/// Ids held while the broker is away or slow: half a second (the pace at which workers look into
/// the store) of the fastest intake thinkable here, 20,000 a second.
const HELD_IDS: usize = 10_000;

/// The bell of one process. Dropping it ends its task as well, after a flush.
pub struct RabbitBell {
    shared: Arc<Shared>,
    stop: CancellationToken,
    background: TaskTracker,
}

/// What the bell and its publisher share.
pub(super) struct Shared {
    pub(super) pending: Mutex<Pending>,
    pub(super) rung: Notify,
    pub(super) connected: AtomicBool,
    pub(super) counters: Counters,
}

impl RabbitBell {
    /// Begins to connect and returns at once; the broker may be away. To be called within a tokio
    /// runtime.
    #[must_use]
    pub fn start(broker: Broker) -> Self {
        let bell = Self {
            shared: Arc::new(Shared {
                pending: Mutex::new(Pending::new(HELD_IDS)),
                rung: Notify::new(),
                connected: AtomicBool::new(false),
                counters: Counters::default(),
            }),
            stop: CancellationToken::new(),
            background: TaskTracker::new(),
        };
        let publisher = Publisher::new(Arc::clone(&bell.shared), bell.stop.clone());
        bell.background.spawn(publisher.run(broker));
        bell
    }
}

#[async_trait]
impl Bell for RabbitBell {
    fn ring(&self, doorbell: Doorbell) {
        let counters = &self.shared.counters;
        counters.add(Count::Rung, doorbell.ids.len());
        let dropped = self.shared.pending.lock().push(doorbell, Instant::now());
        counters.add(Count::Dropped, dropped);
        self.shared.rung.notify_one();
    }

    fn is_connected(&self) -> bool {
        self.shared.connected.load(Ordering::Relaxed)
    }

    fn stats(&self) -> BellStats {
        self.shared.counters.snapshot()
    }

    async fn close(&self) {
        self.stop.cancel();
        self.background.close();
        self.background.wait().await;
    }
}

impl Drop for RabbitBell {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
