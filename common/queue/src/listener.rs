//! The worker's side: doorbells as they arrive, whichever queue they come from.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use lapin::Acker;
use lapin::options::BasicAckOptions;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;
use tracing::debug;
use wxgate_job::Doorbell;

/// A doorbell received. Ack it once the claims of its jobs are committed.
///
/// Dropped without an ack it stays with the broker, takes up one place of the prefetch, and is
/// delivered again after this connection has ended. That is meant for a worker that dies. One that
/// merely cannot claim at the moment (no database) acks as well: the store still knows the jobs.
#[derive(Debug)]
#[must_use = "an unacked delivery takes up a place of the prefetch"]
pub struct Delivery {
    /// Which jobs can run.
    pub doorbell: Doorbell,
    receipt: Option<Receipt>,
}

/// What a broker's delivery needs on its way back.
#[derive(Debug)]
pub(crate) struct Receipt {
    pub(crate) acker: Acker,
    /// Keeps the connection open, for a while, when the listener stops before the ack.
    pub(crate) outstanding: TaskTrackerToken,
}

impl Delivery {
    pub(crate) fn embedded(doorbell: Doorbell) -> Self {
        Self { doorbell, receipt: None }
    }

    pub(crate) fn received(doorbell: Doorbell, receipt: Receipt) -> Self {
        Self { doorbell, receipt: Some(receipt) }
    }

    /// Tells the broker that the doorbell has done its work. Returns at once: an ack that is lost
    /// with its connection means a second delivery, which is harmless. To be called within a tokio
    /// runtime.
    pub fn ack(self) {
        if let Some(receipt) = self.receipt {
            // Waiting until it is written could take as long as it takes to notice that a broker
            // has fallen silent. The listener's end waits for it, within its bound.
            let outstanding = receipt.outstanding.task_tracker().clone();
            outstanding.spawn(send_ack(receipt.acker));
        }
    }
}

async fn send_ack(acker: Acker) {
    match acker.ack(BasicAckOptions::default()).await {
        Ok(true) => {}
        Ok(false) => debug!("an ack came too late, its connection is gone"),
        Err(error) => debug!(%error, "an ack was not sent, the doorbell will come again"),
    }
}

/// Doorbells in the order of arrival. Dropping it ends its connection, so that whatever is neither
/// acked nor still held goes to other workers.
#[derive(Debug)]
pub struct Listener {
    deliveries: mpsc::Receiver<Delivery>,
    status: ListenerStatus,
    stop: CancellationToken,
    background: TaskTracker,
    _stop_on_drop: DropGuard,
}

impl Listener {
    pub(crate) fn new(
        deliveries: mpsc::Receiver<Delivery>,
        status: ListenerStatus,
        stop: CancellationToken,
        background: TaskTracker,
    ) -> Self {
        Self { deliveries, status, background, _stop_on_drop: stop.clone().drop_guard(), stop }
    }

    /// The next doorbell; `None` from the moment the listener is told to stop. Cancelling this
    /// future loses nothing.
    pub async fn next(&mut self) -> Option<Delivery> {
        let next = self.stop.run_until_cancelled(self.deliveries.recv()).await;
        if next.is_none() {
            self.let_go();
        }
        next.flatten()
    }

    /// A handle that outlives the loop which owns the listener, for readiness and metrics.
    #[must_use]
    pub fn status(&self) -> ListenerStatus {
        self.status.clone()
    }

    /// Stops, lets deliveries that are still held be acked for a few seconds, and disconnects.
    pub async fn close(mut self) {
        self.stop.cancel();
        self.let_go();
        self.background.close();
        self.background.wait().await;
    }

    fn let_go(&mut self) {
        self.deliveries.close();
        while self.deliveries.try_recv().is_ok() {}
    }
}

/// How a [`Listener`] is doing.
#[derive(Clone, Debug, Default)]
pub struct ListenerStatus(Arc<Status>);

#[derive(Debug, Default)]
struct Status {
    connected: AtomicBool,
    unreadable: AtomicU64,
}

impl ListenerStatus {
    /// Whether a doorbell rung at this moment would be heard.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.0.connected.load(Ordering::Relaxed)
    }

    /// Messages that nobody can read, sent to the dead letters since start.
    #[must_use]
    pub fn unreadable(&self) -> u64 {
        self.0.unreadable.load(Ordering::Relaxed)
    }

    pub(crate) fn set_connected(&self, connected: bool) {
        self.0.connected.store(connected, Ordering::Relaxed);
    }

    pub(crate) fn count_unreadable(&self) {
        self.0.unreadable.fetch_add(1, Ordering::Relaxed);
    }
}
