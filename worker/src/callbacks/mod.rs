//! Telling callers how their jobs ended.
//!
//! A callback arises with its job's settlement and is posted at once by the same worker if its
//! endpoint has a free slot; else, and after a failure, it is found in the store when it is due.
//! [`endpoints`] shares out the slots, [`compose`] writes and signs, [`verdict`] judges the answer.

pub mod compose;
mod due;
pub mod endpoints;
mod post;
pub mod verdict;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::task::TaskTracker;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};
use wxgate_egress::GuardedClient;
use wxgate_store::model::callback::{CallbackId, ClaimedCallback};
use wxgate_store::model::work::WorkerId;
use wxgate_store::{DirectoryWatch, Store};

use self::endpoints::Endpoints;
use crate::lease::Lease;
use crate::metrics::Metrics;
use crate::settler::Settler;

/// Posts callbacks. Cheap to clone.
#[derive(Clone)]
pub struct Callbacks {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn Store>,
    client: GuardedClient,
    directory: DirectoryWatch,
    lease: Lease,
    settler: Settler,
    metrics: Arc<Metrics>,
    endpoints: Endpoints,
    in_hand: Mutex<HashSet<CallbackId>>,
    tasks: TaskTracker,
}

impl std::fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Callbacks").field("endpoints", &self.inner.endpoints).finish_non_exhaustive()
    }
}

impl Callbacks {
    /// `slots` posts may be under way at once.
    #[must_use]
    pub(crate) fn new(
        store: Arc<dyn Store>,
        client: GuardedClient,
        directory: DirectoryWatch,
        lease: Lease,
        settler: Settler,
        metrics: Arc<Metrics>,
        slots: usize,
    ) -> Self {
        let endpoints = Endpoints::new(slots);
        let (in_hand, tasks) = (Mutex::default(), TaskTracker::new());
        Self {
            inner: Arc::new(Inner {
                store,
                client,
                directory,
                lease,
                settler,
                metrics,
                endpoints,
                in_hand,
                tasks,
            }),
        }
    }

    /// Takes a slot of this endpoint, if one is free. It is given back by [`Self::post`] or
    /// [`Self::let_go`].
    #[must_use]
    pub fn take_slot(&self, endpoint: &str) -> bool {
        self.inner.endpoints.take(endpoint, 1) == 1
    }

    /// Notes that this callback is about to be claimed, so that it is not released as lost.
    pub fn take_in_hand(&self, id: CallbackId) {
        self.in_hand().insert(id);
    }

    /// Undoes [`Self::take_slot`] and [`Self::take_in_hand`].
    pub fn let_go(&self, id: CallbackId, endpoint: &str) {
        self.in_hand().remove(&id);
        self.inner.endpoints.give_back(endpoint);
    }

    /// Posts a claimed callback, for which a slot is held, and settles it.
    pub fn post(&self, worker: WorkerId, callback: ClaimedCallback) {
        let this = self.clone();
        let span = tracing::debug_span!(
            parent: None,
            "callback",
            otel.kind = "client",
            job = callback.claim.id.job.get(),
            attempt = i64::from(callback.attempt),
            status = Empty,
            outcome = Empty
        );
        // The attempt that gave rise to it ends before it.
        wxgate_trace::continues(&span, &Span::current());
        let posting = async move {
            let (id, posted) = (callback.claim.id, post::post(&this.inner, &callback).await);
            this.inner.endpoints.end_post(&callback.endpoint, posted.answered);
            post::settle(&this.inner, worker, &callback, posted).await;
            this.in_hand().remove(&id);
            this.inner.endpoints.written_down();
        };
        self.inner.tasks.spawn(posting.instrument(span));
    }

    /// Posts what is due, until cancelled.
    pub async fn run(&self) {
        due::run(self).await;
    }

    /// Waits until nothing is under way.
    pub async fn idle(&self) {
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }

    fn in_hand(&self) -> std::sync::MutexGuard<'_, HashSet<CallbackId>> {
        self.inner.in_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
