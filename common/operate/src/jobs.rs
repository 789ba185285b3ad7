//! Changes to one job.

use std::fmt;

use wxgate_job::{JobId, JobState};
use wxgate_store::model::status::{Cancellation, JobView};
use wxgate_store::{Store, StoreError};

use crate::Verdict;

/// A job as it was when somebody looked at it, so that it is not changed if it is no longer that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seen {
    /// The job.
    pub id: JobId,
    /// Its `updated_at` then (Unix milliseconds); `None`: whatever it has become.
    pub updated_at: Option<i64>,
}

impl Seen {
    /// The job as a list tells it.
    #[must_use]
    pub fn of(job: &JobView) -> Self {
        Self { id: job.id, updated_at: Some(job.updated_at) }
    }
}

impl From<JobId> for Seen {
    fn from(id: JobId) -> Self {
        Self { id, updated_at: None }
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(f)
    }
}

/// Queues a failed or waiting job again, as [`Store::retry_job`] does.
///
/// # Errors
/// When the store fails.
pub async fn retry(store: &dyn Store, seen: Seen) -> Result<Verdict, StoreError> {
    if store.retry_job(seen.id, seen.updated_at).await? {
        return Ok(Verdict::Done);
    }
    let job = store.views(&[seen.id]).await?.pop();
    Ok(job.map_or(Verdict::NotFound, |job| match seen.updated_at {
        Some(at) if at != job.updated_at => Verdict::Changed(job.state),
        _ => Verdict::NotOver(job.state),
    }))
}

/// Cancels a queued job of any client, as [`Store::cancel`] does.
///
/// # Errors
/// When the store fails.
pub async fn cancel(store: &dyn Store, id: JobId) -> Result<Verdict, StoreError> {
    Ok(match store.cancel(None, id).await? {
        Cancellation::Cancelled(_) => Verdict::Done,
        Cancellation::TooLate(job) if job.state == JobState::Queued => Verdict::Ambiguous,
        Cancellation::TooLate(job) => Verdict::TooLate(job.state),
        Cancellation::NotFound => Verdict::NotFound,
    })
}
