//! Jobs as their callers and operators see them.

use wxgate_job::{Failure, JobId, JobState, Lane};

use super::callback::CallbackState;
use super::work::Attempt;

/// Everything that `get_job_status` tells, and whose job it is.
#[derive(Clone, Debug)]
pub struct JobView {
    /// The job.
    pub id: JobId,
    /// Whose it is, for which app, of which kind.
    pub lane: Lane,
    /// Where it stands.
    pub state: JobState,
    /// Attempts made, the running one included.
    pub attempts: u32,
    /// When it was accepted (Unix milliseconds).
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
    /// When it is due next.
    pub due_at: i64,
    /// Its result (JSON).
    pub result: Option<String>,
    /// Why it failed or waits.
    pub failure: Option<Failure>,
    /// Its callback, the latest to change if there are several; `queued` while it is still to come.
    pub callback: Option<CallbackView>,
}

/// How a callback stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallbackView {
    /// Where it stands.
    pub state: CallbackState,
    /// Attempts made.
    pub attempts: u32,
    /// The receiver's last HTTP status.
    pub last_status: Option<u16>,
}

/// A job with all that is known of it, for operators.
#[derive(Clone, Debug)]
pub struct JobDetail {
    /// As the caller sees it.
    pub view: JobView,
    /// The openid or media id.
    pub subject: String,
    /// What was accepted.
    pub payload: String,
    /// Each attempt.
    pub attempts: Vec<Attempt>,
    /// Each callback.
    pub callbacks: Vec<CallbackDetail>,
}

/// A callback with all that is known of it.
#[derive(Clone, Debug)]
pub struct CallbackDetail {
    /// The job.
    pub job: JobId,
    /// Which of the job's callbacks.
    pub seq: i32,
    /// The address.
    pub url: String,
    /// How it stands.
    pub view: CallbackView,
    /// When it is due next (Unix milliseconds).
    pub due_at: i64,
    /// Each attempt.
    pub attempts: Vec<Attempt>,
}

/// What became of a wish to cancel.
#[derive(Clone, Debug)]
pub enum Cancellation {
    /// Cancelled now or before.
    Cancelled(Box<JobView>),
    /// Too late: it runs, may have taken effect, or is over.
    TooLate(Box<JobView>),
    /// There is no such job, or it is another client's.
    NotFound,
}
