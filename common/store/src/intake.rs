//! Accepting a job: many requests in one commit, and an honest answer when a commit's outcome is
//! unknown. What waits is bounded in number, bytes and time, so that more requests than can be stored cost
//! neither memory nor those that can be.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;
use wxgate_job::Lane;
use wxgate_job::schedule::Reconnect;

use crate::error::StoreError;
use crate::group::{Batch, Full, Group};
use crate::model::intake::{Acceptance, NewJob};
use crate::model::work::{ClaimedJob, WorkerId};
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

/// A worker of this process that can begin a job the moment it is stored.
pub trait Starter: std::fmt::Debug + Send + Sync {
    /// Room for one job of the lane; `None`: it has to queue.
    fn reserve(&self, lane: &Lane) -> Option<Box<dyn Reserved>>;
}

/// Room for one job, given back when dropped.
pub trait Reserved: std::fmt::Debug + Send {
    /// For whom the job is to be claimed.
    fn worker(&self) -> WorkerId;

    /// Begins the job, which is stored and claimed.
    fn begin(self: Box<Self>, job: ClaimedJob);

    /// Takes note that the job may be stored and claimed, though nobody can tell.
    fn in_doubt(self: Box<Self>);
}

/// The way in for jobs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Intake {
    group: Group<Offered, Result<Acceptance, IntakeError>>,
    room: Arc<Semaphore>,
    starter: Option<Arc<dyn Starter>>,
}

/// A job and, if it can begin at once, the room for it.
#[derive(Debug)]
struct Offered {
    job: NewJob,
    reserved: Option<Box<dyn Reserved>>,
}

impl Intake {
    /// Starts the tasks that commit. `lanes` batches are under way at once: one for the embedded
    /// store, which has one writer; two for a server, so that one is prepared while the other is
    /// flushed. What can begin at once is given to `starter` with the commit that stores it.
    #[must_use]
    pub fn start(store: Arc<dyn Store>, lanes: usize, starter: Option<Arc<dyn Starter>>) -> Self {
        let perform = move |offered: Vec<Offered>| {
            let store = Arc::clone(&store);
            async move {
                let (jobs, reserved): (Vec<_>, Vec<_>) =
                    offered.into_iter().map(|offered| (offered.job, offered.reserved)).unzip();
                let accepted = accept_all(store.as_ref(), &jobs).await;
                begin(jobs, reserved, &accepted);
                accepted
            }
        };
        let size = |offered: &Offered| offered.job.size();
        let batch = Batch { items: BATCH, bytes: BATCH_BYTES, size };
        Self { group: Group::start(lanes, batch, perform), room: Arc::new(Semaphore::new(ROOM)), starter }
    }

    /// Stores one job durably, together with whatever else arrives meanwhile. One that is `due` may have been
    /// begun when this returns: then it is [`Acceptance::Claimed`].
    ///
    /// # Errors
    /// [`IntakeError::NotStored`] and [`IntakeError::Overloaded`] when it is certain that nothing was stored,
    /// else [`IntakeError::Unknown`], at the latest some five seconds after the connection broke.
    pub async fn accept(&self, mut job: NewJob, due: bool) -> Result<Acceptance, IntakeError> {
        let size = u32::try_from(job.size()).unwrap_or(u32::MAX);
        let _room = self.room.try_acquire_many(size).map_err(|_none| IntakeError::Overloaded)?;
        let reserved = self.reserve(&job, due);
        job.worker = reserved.as_ref().map(|reserved| reserved.worker());
        match self.group.offer(Offered { job, reserved }, PATIENCE).await {
            Ok(answer) => answer.unwrap_or(Err(IntakeError::Unknown(None))),
            Err(Full) => Err(IntakeError::Overloaded),
        }
    }

    fn reserve(&self, job: &NewJob, due: bool) -> Option<Box<dyn Reserved>> {
        let starter = self.starter.as_ref().filter(|_| due && job.sharing.is_none())?;
        starter.reserve(&job.lane)
    }
}

/// Begins those that were claimed. Here, and not where their callers wait, since a caller may have gone. One for which
/// there was room and which was not claimed after all may have been by the first of two tries.
fn begin(
    jobs: Vec<NewJob>,
    reserved: Vec<Option<Box<dyn Reserved>>>,
    accepted: &[Result<Acceptance, IntakeError>],
) {
    for ((job, reserved), accepted) in jobs.into_iter().zip(reserved).zip(accepted) {
        match (reserved, accepted) {
            (Some(reserved), Ok(Acceptance::Claimed(id, claim))) => {
                reserved.begin(ClaimedJob::first(*id, job, *claim));
            }
            (Some(reserved), Ok(Acceptance::New(_)) | Err(IntakeError::Unknown(_))) => reserved.in_doubt(),
            _ => {}
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
