//! This process' lease: proof to other workers that its jobs are in good hands.
//!
//! The store's clock decides when a lease ends; here its end is reckoned from the moment before
//! the renewal was asked for, on this machine's monotonic clock, less a margin. So whatever this
//! process believes, it stops before others may take over.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use wxgate_job::schedule::Reconnect;
use wxgate_store::model::work::WorkerId;
use wxgate_store::{Store, StoreError};

/// How long a lease lasts. A killed worker's jobs run again after this and one look for lapsed
/// leases, which is well within 15 s.
const HOLD: Duration = Duration::from_secs(10);

/// How often it is renewed: two renewals may fail before it ends.
const RENEW_EVERY: Duration = Duration::from_secs(3);

/// Taken off the end as we see it, for the difference in speed of two machines' clocks and for the
/// time between deciding to write and writing.
const MARGIN: Duration = Duration::from_secs(1);

/// With less left than this nothing is begun: the request would be cut off under way.
const ENOUGH: Duration = Duration::from_secs(2);

/// A lease as it stands.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// Under which claims are made and settled.
    pub worker: WorkerId,
    /// Nothing is written after this moment.
    pub until: Instant,
}

impl Held {
    /// Whether it still holds.
    #[must_use]
    pub fn is_live(&self) -> bool {
        Instant::now() < self.until
    }
}

/// The lease of this process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Lease {
    held: watch::Receiver<Held>,
}

impl Lease {
    /// Enlists and keeps the lease renewed until `stop`; a lease that lapsed is replaced by a new
    /// one, under which nothing is held yet.
    ///
    /// # Errors
    /// When the first enlisting fails.
    pub async fn start(
        store: Arc<dyn Store>,
        name: String,
        stop: CancellationToken,
    ) -> Result<Self, StoreError> {
        let (sender, held) = watch::channel(enlist(store.as_ref(), &name).await?);
        tokio::spawn(async move {
            stop.run_until_cancelled(keep(store, name, sender)).await;
        });
        Ok(Self { held })
    }

    /// The lease as it stands; it may have ended.
    #[must_use]
    pub fn now(&self) -> Held {
        *self.held.borrow()
    }

    /// The lease, if enough is left of it to begin something.
    #[must_use]
    pub fn live(&self) -> Option<Held> {
        Some(self.now()).filter(|held| Instant::now() + ENOUGH < held.until)
    }

    /// Whether what was claimed as this worker cannot have been taken over.
    #[must_use]
    pub fn still_holds(&self, worker: WorkerId) -> bool {
        let held = self.now();
        held.worker == worker && held.is_live()
    }

    /// Waits until what was claimed as this worker may have been taken over.
    pub async fn lost(&self, worker: WorkerId) {
        let mut held = self.held.clone();
        loop {
            let now = *held.borrow_and_update();
            if now.worker != worker || !now.is_live() {
                return;
            }
            // Without anybody to renew it any more, its end alone counts.
            let renewed = async {
                if held.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                () = renewed => {}
                () = tokio::time::sleep_until(now.until) => {}
            }
        }
    }
}

async fn enlist(store: &dyn Store, name: &str) -> Result<Held, StoreError> {
    let asked_at = Instant::now();
    let worker = store.enlist(name, HOLD).await?;
    Ok(Held { worker, until: asked_at + HOLD - MARGIN })
}

async fn keep(store: Arc<dyn Store>, name: String, sender: watch::Sender<Held>) {
    let mut pauses = Reconnect::default();
    loop {
        let worker = sender.borrow().worker;
        let asked_at = Instant::now();
        let pause = match store.renew(worker, HOLD).await {
            Ok(true) => {
                pauses.reset();
                sender.send_modify(|held| held.until = asked_at + HOLD - MARGIN);
                RENEW_EVERY
            }
            Ok(false) => {
                tracing::warn!(worker = worker.0, "lease.lost");
                replace(store.as_ref(), &name, &sender).await;
                pauses.next_pause()
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "lease.renewal_failed");
                pauses.next_pause()
            }
        };
        tokio::time::sleep(pause).await;
    }
}

async fn replace(store: &dyn Store, name: &str, sender: &watch::Sender<Held>) {
    match enlist(store, name).await {
        Ok(held) => drop(sender.send_replace(held)),
        Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "lease.enlisting_failed"),
    }
}
