//! Writing down what became of jobs and callbacks, many to a commit.
//!
//! A settlement is repeated until it is written or its job was taken over: what WeChat confirmed is
//! not forgotten because the database was away for a moment.

use std::sync::Arc;

use wxgate_job::schedule::Reconnect;
use wxgate_store::group::{Batch, Group};
use wxgate_store::model::callback::CallbackSettlement;
use wxgate_store::model::work::{Settled, Settlement, WorkerId};
use wxgate_store::{Store, StoreError};

use crate::lease::Lease;

/// Settlements in one commit at most. Each is small: what WeChat answers, and a line of history.
const BATCH: usize = 256;

/// The way out for settlements. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Settler {
    jobs: Group<(WorkerId, Settlement), Settled>,
    callbacks: Group<(WorkerId, CallbackSettlement), Settled>,
}

impl Settler {
    /// Starts the tasks that commit.
    #[must_use]
    pub fn start(store: &Arc<dyn Store>, lease: &Lease) -> Self {
        let (jobs_store, jobs_lease) = (Arc::clone(store), lease.clone());
        let (callbacks_store, callbacks_lease) = (Arc::clone(store), lease.clone());
        Self {
            jobs: Group::start(1, batch(), move |items| {
                let (store, lease) = (Arc::clone(&jobs_store), jobs_lease.clone());
                async move { by_worker(items, &lease, |worker, it| write_jobs(store.clone(), worker, it)).await }
            }),
            callbacks: Group::start(1, batch(), move |items| {
                let (store, lease) = (Arc::clone(&callbacks_store), callbacks_lease.clone());
                async move {
                    by_worker(items, &lease, |worker, it| write_callbacks(store.clone(), worker, it)).await
                }
            }),
        }
    }

    /// Settles a job. Ends when that is written or the job is known to have been taken over.
    pub async fn job(&self, worker: WorkerId, settlement: Settlement) -> Settled {
        self.jobs.perform((worker, settlement)).await.unwrap_or(Settled::TakenOver)
    }

    /// Settles a callback, likewise.
    pub async fn callback(&self, worker: WorkerId, settlement: CallbackSettlement) -> Settled {
        self.callbacks.perform((worker, settlement)).await.unwrap_or(Settled::TakenOver)
    }
}

fn batch<T>() -> Batch<T> {
    Batch { items: BATCH, bytes: usize::MAX, size: |_| 0 }
}

async fn write_jobs(
    store: Arc<dyn Store>,
    worker: WorkerId,
    settlements: Arc<Vec<Settlement>>,
) -> Result<Vec<Settled>, StoreError> {
    store.settle(worker, &settlements).await
}

async fn write_callbacks(
    store: Arc<dyn Store>,
    worker: WorkerId,
    settlements: Arc<Vec<CallbackSettlement>>,
) -> Result<Vec<Settled>, StoreError> {
    store.settle_callbacks(worker, &settlements).await
}

/// Writes a batch, the settlements of each lease by themselves: around the loss of a lease there may
/// be two.
async fn by_worker<T, W, Fut>(items: Vec<(WorkerId, T)>, lease: &Lease, write: W) -> Vec<Settled>
where
    T: Clone,
    W: Fn(WorkerId, Arc<Vec<T>>) -> Fut,
    Fut: Future<Output = Result<Vec<Settled>, StoreError>>,
{
    let mut results = Vec::with_capacity(items.len());
    let mut items = items.into_iter().peekable();
    while let Some((worker, first)) = items.next() {
        let mut run = vec![first];
        while let Some((_, item)) = items.next_if(|(next, _)| *next == worker) {
            run.push(item);
        }
        results.extend(until_written(worker, Arc::new(run), lease, &write).await);
    }
    results
}

async fn until_written<T, W, Fut>(
    worker: WorkerId,
    run: Arc<Vec<T>>,
    lease: &Lease,
    write: &W,
) -> Vec<Settled>
where
    T: Clone,
    W: Fn(WorkerId, Arc<Vec<T>>) -> Fut,
    Fut: Future<Output = Result<Vec<Settled>, StoreError>>,
{
    let mut pauses = Reconnect::default();
    let mut in_doubt = false;
    loop {
        match write(worker, Arc::clone(&run)).await {
            Ok(settled) if in_doubt => {
                return settled.into_iter().map(|it| believe(it, worker, lease)).collect();
            }
            Ok(settled) => return settled,
            Err(StoreError::Refused(_)) if run.len() > 1 => {
                return one_by_one(worker, run, lease, write).await;
            }
            Err(StoreError::Refused(error)) => {
                // Repeating cannot help. The job is released before long and tried again.
                tracing::error!(error = &error as &dyn std::error::Error, "settling.refused");
                return vec![Settled::TakenOver];
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    settlements = run.len(),
                    "settling.failed"
                );
                in_doubt |= error.is_unknown();
            }
        }
        tokio::time::sleep(pauses.next_pause()).await;
    }
}

/// A batch that the store refuses is written row by row, so that one bad row fails alone.
async fn one_by_one<T, W, Fut>(worker: WorkerId, run: Arc<Vec<T>>, lease: &Lease, write: &W) -> Vec<Settled>
where
    T: Clone,
    W: Fn(WorkerId, Arc<Vec<T>>) -> Fut,
    Fut: Future<Output = Result<Vec<Settled>, StoreError>>,
{
    let mut results = Vec::with_capacity(run.len());
    for item in run.iter() {
        results.extend(Box::pin(until_written(worker, Arc::new(vec![item.clone()]), lease, write)).await);
    }
    results
}

/// After a commit of unknown outcome, 'taken over' may only mean that it had succeeded. It does mean
/// that while our lease lives, since nobody takes over from the living.
fn believe(settled: Settled, worker: WorkerId, lease: &Lease) -> Settled {
    if lease.still_holds(worker) { Settled::Done } else { settled }
}
