//! Changes to one job.

use wxgate_job::{JobId, JobState};
use wxgate_store::model::status::Cancellation;
use wxgate_store::{Store, StoreError};

use crate::Verdict;

/// Queues a failed or waiting job again, as [`Store::retry_job`] does.
///
/// # Errors
/// When the store fails.
pub async fn retry(store: &dyn Store, id: JobId) -> Result<Verdict, StoreError> {
    if store.retry_job(id).await? {
        return Ok(Verdict::Done);
    }
    let job = store.views(&[id]).await?.pop();
    Ok(job.map_or(Verdict::NotFound, |job| Verdict::NotOver(job.state)))
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
