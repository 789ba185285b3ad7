//! Jobs that begin the moment they are stored: the intake of the same process has them claimed for this worker in
//! the commit that accepts them. That spares a commit, a doorbell and a claim.
//!
//! Only where nothing waits: what has been waiting comes first, and then everything queues.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{OwnedRwLockReadGuard, RwLock};
use tokio_util::sync::CancellationToken;
use wxgate_job::Lane;
use wxgate_store::intake::{Reserved, Starter};
use wxgate_store::model::work::{ClaimedJob, WorkerId};

use crate::dispatch::DispatchParts;
use crate::slots::Slot;

/// What the dispatcher and the intake's reservations know of each other. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct AtOnce {
    /// Some lane has due jobs in the store, or may have.
    something_waits: Arc<AtomicBool>,
    /// A job may be claimed of which this process does not know.
    in_doubt: Arc<AtomicBool>,
    /// Held for reading from before a job is stored until it is in this process' hands.
    landing: Arc<RwLock<()>>,
}

impl Default for AtOnce {
    fn default() -> Self {
        // Nobody has looked yet.
        Self { something_waits: Arc::new(true.into()), in_doubt: Arc::default(), landing: Arc::default() }
    }
}

impl AtOnce {
    /// Tells the intake whether anything waits.
    pub(crate) fn something_waits(&self, waits: bool) {
        self.something_waits.store(waits, Ordering::Relaxed);
    }

    /// Whether there may be claimed jobs that this process does not know of, since it was last asked.
    pub(crate) fn was_in_doubt(&self) -> bool {
        self.in_doubt.swap(false, Ordering::Relaxed)
    }

    /// Waits until all jobs that are being stored for this worker now are in its hands.
    pub(crate) async fn landed(&self) {
        drop(self.landing.write().await);
    }
}

/// The intake's way to this worker.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) parts: DispatchParts,
    pub(crate) drain: CancellationToken,
}

/// Room for one job.
#[derive(Debug)]
struct Room {
    parts: DispatchParts,
    worker: WorkerId,
    slot: Slot,
    landing: OwnedRwLockReadGuard<()>,
}

impl Starter for Front {
    fn reserve(&self, lane: &Lane) -> Option<Box<dyn Reserved>> {
        let at_once = &self.parts.at_once;
        // Taken first: who waits until all have landed has told before that there are to be no more.
        let landing = Arc::clone(&at_once.landing).try_read_owned().ok()?;
        let may_begin = !at_once.something_waits.load(Ordering::Relaxed)
            && !self.drain.is_cancelled()
            && self.parts.gates.is_open(lane);
        let held = self.parts.lease.live().filter(|_| may_begin)?;
        let slot = self.parts.take_slots(&lane.app, 1).pop()?;
        Some(Box::new(Room { parts: self.parts.clone(), worker: held.worker, slot, landing }))
    }
}

impl Reserved for Room {
    fn worker(&self) -> WorkerId {
        self.worker
    }

    fn begin(self: Box<Self>, job: ClaimedJob) {
        let Self { parts, worker, slot, landing } = *self;
        parts.spawn(worker, job, slot, false);
        drop(landing);
    }

    fn in_doubt(self: Box<Self>) {
        self.parts.at_once.in_doubt.store(true, Ordering::Relaxed);
    }
}
