//! Accepting a job: many requests in one commit, and an honest answer when a commit's outcome is
//! unknown. What waits is bounded in number, bytes and time, so that more requests than can be stored cost
//! neither memory nor those that can be.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;
use wxgate_job::schedule::Reconnect;

use crate::error::StoreError;
use crate::group::{Batch, Full, Group};
use crate::model::intake::{Acceptance, NewJob};
use crate::store::Store;

/// Jobs in one commit at most. Larger ones gain nothing and delay their first.
const BATCH: usize = 256;

/// Bytes in one commit at most, but for its last job: a statement of more than that only makes the others
/// wait.
const BATCH_BYTES: usize = 4 << 20;

/// Bytes of jobs that wait or are being stored at once.
const ROOM: usize = 64 << 20;

/// How long a job waits for its commit to begin: far longer than the queue in front of it lasts while
/// the store works.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long the outcome of a broken commit is looked for.
const LOOK_FOR: Duration = Duration::from_secs(5);

/// Why a job was not accepted.
#[derive(Clone, Debug, thiserror::Error)]
pub enum IntakeError {
    /// Certainly nothing was stored.
    #[error("nothing was stored")]
    NotStored(#[source] Arc<StoreError>),
    /// Certainly nothing was stored: more come than can be.
    #[error("more come than can be stored")]
    Overloaded,
    /// It may have been stored: the same request can be repeated safely.
    #[error("the outcome is unknown")]
    Unknown(#[source] Option<Arc<StoreError>>),
}

/// The way in for jobs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Intake {
    group: Group<NewJob, Result<Acceptance, IntakeError>>,
    room: Arc<Semaphore>,
}

impl Intake {
    /// Starts the tasks that commit. `lanes` batches are under way at once: one for the embedded
    /// store, which has one writer; two for a server, so that one is prepared while the other is
    /// flushed.
    #[must_use]
    pub fn start(store: Arc<dyn Store>, lanes: usize) -> Self {
        let perform = move |jobs: Vec<NewJob>| {
            let store = Arc::clone(&store);
            async move { accept_all(store.as_ref(), &jobs).await }
        };
        let batch = Batch { items: BATCH, bytes: BATCH_BYTES, size: NewJob::size };
        Self { group: Group::start(lanes, batch, perform), room: Arc::new(Semaphore::new(ROOM)) }
    }

    /// Stores one job durably, together with whatever else arrives meanwhile.
    ///
    /// # Errors
    /// [`IntakeError::NotStored`] and [`IntakeError::Overloaded`] when it is certain that nothing was stored,
    /// else [`IntakeError::Unknown`], at the latest some five seconds after the connection broke.
    pub async fn accept(&self, job: NewJob) -> Result<Acceptance, IntakeError> {
        let size = u32::try_from(job.size()).unwrap_or(u32::MAX);
        let _room = self.room.try_acquire_many(size).map_err(|_none| IntakeError::Overloaded)?;
        match self.group.offer(job, PATIENCE).await {
            Ok(answer) => answer.unwrap_or(Err(IntakeError::Unknown(None))),
            Err(Full) => Err(IntakeError::Overloaded),
        }
    }
}

/// A batch that the store refuses is tried again one by one, so that one bad job fails alone.
async fn accept_all(store: &dyn Store, jobs: &[NewJob]) -> Vec<Result<Acceptance, IntakeError>> {
    match accept_surely(store, jobs).await {
        Ok(acceptances) => acceptances.into_iter().map(Ok).collect(),
        Err(IntakeError::NotStored(error)) if jobs.len() > 1 && matches!(*error, StoreError::Refused(_)) => {
            let mut results = Vec::with_capacity(jobs.len());
            for job in jobs {
                let alone = accept_surely(store, std::slice::from_ref(job)).await;
                results.push(alone.map(|mut acceptances| acceptances.remove(0)));
            }
            results
        }
        Err(error) => vec![Err(error); jobs.len()],
    }
}

/// Finds out what became of a commit whose connection broke by asking again on a new one: what was
/// stored is recognised by its replay key, what was not is stored now, and a commit that is still
/// under way is waited for by the key's uniqueness.
async fn accept_surely(store: &dyn Store, jobs: &[NewJob]) -> Result<Vec<Acceptance>, IntakeError> {
    let first = match store.accept(jobs).await {
        Ok(acceptances) => return Ok(acceptances),
        Err(error) if error.is_unknown() => error,
        Err(error) => return Err(IntakeError::NotStored(Arc::new(error))),
    };
    tracing::warn!(error = &first as &dyn std::error::Error, jobs = jobs.len(), "intake.outcome_unknown");
    let until = Instant::now() + LOOK_FOR;
    let mut pauses = Reconnect::default();
    while Instant::now() < until {
        tokio::time::sleep(pauses.next_pause()).await;
        if let Ok(Ok(acceptances)) = tokio::time::timeout_at(until, store.accept(jobs)).await {
            return Ok(acceptances.into_iter().map(found_again).collect());
        }
    }
    Err(IntakeError::Unknown(Some(Arc::new(first))))
}

/// Whether this or the first try stored it, nobody rang for it yet.
fn found_again(acceptance: Acceptance) -> Acceptance {
    match acceptance {
        Acceptance::Repeated(id) => Acceptance::New(id),
        other => other,
    }
}
