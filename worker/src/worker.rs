//! A worker of one process: the wiring, and its end.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use prometheus::Registry;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use wxgate_egress::GuardedClient;
use wxgate_queue::Listener;
use wxgate_store::intake::Starter;
use wxgate_store::{DirectoryWatch, Store};

use crate::at_once::{AtOnce, Front};
use crate::attempt::Runner;
use crate::callbacks::Callbacks;
use crate::dispatch::{DispatchParts, Dispatcher};
use crate::gates::Gates;
use crate::handler::Handlers;
use crate::housekeeping;
use crate::lease::Lease;
use crate::metrics::Metrics;
use crate::settler::Settler;
use crate::slots::Slots;

/// How long the last settlements may take after the grace is over.
const LAST_SETTLEMENTS: Duration = Duration::from_secs(2);

/// What a worker is made of.
pub struct Parts {
    /// Where jobs are.
    pub store: Arc<dyn Store>,
    /// Apps, clients and gates.
    pub directory: DirectoryWatch,
    /// What rings.
    pub listener: Listener,
    /// What does the jobs.
    pub handlers: Handlers,
    /// What posts callbacks.
    pub callback_client: GuardedClient,
    /// Attempts under way at once; and as many callbacks.
    pub concurrency: usize,
    /// How long final jobs are kept.
    pub retention: Duration,
    /// How this process is called in the list of workers.
    pub name: String,
    /// Where the worker's metrics are added. Serves one worker.
    pub metrics: Registry,
}

/// A running worker. Dropping it without [`Worker::stop`] leaves its jobs to be rescued.
pub struct Worker {
    store: Arc<dyn Store>,
    lease: Lease,
    slots: Slots,
    callbacks: Callbacks,
    /// Nothing new is begun.
    drain: CancellationToken,
    /// Everything ends.
    end: CancellationToken,
    metrics: Arc<Metrics>,
    dispatcher: TaskTracker,
    attempts: TaskTracker,
    front: Arc<Front>,
}

impl Worker {
    /// Enlists and begins to work.
    ///
    /// # Errors
    /// When the registry has these metrics already, or the store cannot be reached for the first lease.
    pub async fn start(parts: Parts) -> io::Result<Self> {
        let (drain, end) = (CancellationToken::new(), CancellationToken::new());
        let Parts {
            store,
            directory,
            listener,
            handlers,
            callback_client,
            concurrency,
            retention,
            name,
            metrics,
        } = parts;
        let metrics = Arc::new(Metrics::register(&metrics, handlers.kinds()).map_err(io::Error::other)?);
        let lease = Lease::start(Arc::clone(&store), name, end.clone()).await.map_err(io::Error::other)?;
        let settler = Settler::start(&store, &lease);
        let callbacks = Callbacks::new(
            Arc::clone(&store),
            callback_client,
            directory.clone(),
            lease.clone(),
            settler.clone(),
            Arc::clone(&metrics),
            concurrency,
        );
        let gates = Gates::new(Arc::clone(&store), directory.clone());
        let runner = Runner {
            handlers,
            lease: lease.clone(),
            directory: directory.clone(),
            gates: gates.clone(),
            settler,
            callbacks: callbacks.clone(),
            metrics: Arc::clone(&metrics),
        };
        let (slots, attempts, dispatcher) = (Slots::new(concurrency), TaskTracker::new(), TaskTracker::new());
        let parts = DispatchParts {
            store: Arc::clone(&store),
            directory,
            lease: lease.clone(),
            slots: slots.clone(),
            gates,
            runner,
            attempts: attempts.clone(),
            in_hand: crate::in_hand::InHand::default(),
            at_once: AtOnce::default(),
        };
        let front = Arc::new(Front { parts: parts.clone(), drain: drain.clone() });
        let dispatch = Dispatcher::new(parts);
        dispatcher.spawn(dispatch.run(listener, drain.clone()));
        spawn_until(&drain, {
            let callbacks = callbacks.clone();
            async move { callbacks.run().await }
        });
        spawn_until(&drain, housekeeping::rescue(Arc::clone(&store), Arc::clone(&metrics)));
        spawn_until(&drain, housekeeping::wake(Arc::clone(&store)));
        spawn_until(&drain, housekeeping::forget(Arc::clone(&store), retention));
        spawn_until(&end, metrics.counts.clone().run(Arc::clone(&store)));
        Ok(Self { store, lease, slots, callbacks, drain, end, metrics, dispatcher, attempts, front })
    }

    /// Begins jobs the moment they are stored, for an intake of the same process.
    #[must_use]
    pub fn starter(&self) -> Arc<dyn Starter> {
        Arc::<Front>::clone(&self.front)
    }

    /// Attempts under way.
    #[must_use]
    pub fn busy(&self) -> usize {
        self.slots.held()
    }

    /// Whether this process may work at the moment.
    #[must_use]
    pub fn has_lease(&self) -> bool {
        self.lease.live().is_some()
    }

    /// Takes nothing new, lets what is under way finish for `grace`, and leaves the rest to others.
    pub async fn stop(self, grace: Duration) {
        self.drain.cancel();
        self.dispatcher.close();
        self.attempts.close();
        let finished = async {
            self.dispatcher.wait().await;
            self.front.parts.at_once.landed().await;
            self.attempts.wait().await;
            self.callbacks.idle().await;
        };
        if tokio::time::timeout(grace, finished).await.is_err() {
            tracing::warn!(attempts = self.attempts.len(), "worker.stopped_with_attempts_under_way");
        }
        let worker = self.lease.now().worker;
        self.end.cancel();
        let resigned = tokio::time::timeout(LAST_SETTLEMENTS, self.store.resign(worker)).await;
        if !matches!(resigned, Ok(Ok(()))) {
            tracing::warn!("worker.lease_left_to_lapse");
            return;
        }
        self.metrics.counts.flush(self.store.as_ref()).await;
    }
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").field("busy", &self.busy()).finish_non_exhaustive()
    }
}

fn spawn_until(stop: &CancellationToken, work: impl Future<Output = ()> + Send + 'static) {
    let stop = stop.clone();
    tokio::spawn(async move {
        stop.run_until_cancelled(work).await;
    });
}
