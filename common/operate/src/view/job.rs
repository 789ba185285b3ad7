//! A job, as a line of a list and with all that is known of it.

use serde::Serialize;
use serde_json::Value;
use wxgate_job::{Failure, JobId, JobState};
use wxgate_store::model::status::{JobDetail, JobView};

use super::attempt::{self, AttemptView};
use super::callback::CallbackView;
use super::{parsed, seconds};
use crate::jobs::Seen;

/// A job in a list.
#[derive(Debug, Serialize)]
pub struct JobLine {
    /// The job.
    pub job_id: JobId,
    /// Its kind.
    pub kind: String,
    /// Whose it is (`client_code`).
    pub client: String,
    /// For which app (`app_id`).
    pub app: String,
    /// Where it stands.
    pub state: JobState,
    /// Attempts made, the running one included.
    pub attempts: u32,
    /// When it was accepted (Unix seconds).
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
    /// The job as it is told here.
    #[serde(skip)]
    pub seen: Seen,
    /// When it is due next.
    pub due_at: i64,
    /// Its result.
    pub result: Option<Value>,
    /// Why it failed or waits.
    pub error: Option<Failure>,
    /// Its latest callback: `pending`, `delivered`, `exhausted` or `none`.
    pub callback: &'static str,
}

impl JobLine {
    /// What is told of it.
    #[must_use]
    pub fn of(job: &JobView) -> Self {
        Self {
            job_id: job.id,
            kind: job.lane.kind.to_string(),
            client: job.lane.client.clone(),
            app: job.lane.app.clone(),
            state: job.state,
            attempts: job.attempts,
            created_at: seconds(job.created_at),
            updated_at: seconds(job.updated_at),
            seen: Seen::of(job),
            due_at: seconds(job.due_at),
            result: job.result.as_deref().map(parsed),
            error: job.failure.clone(),
            callback: job.callback.map_or("none", |callback| callback.state.shown()),
        }
    }
}

/// One job with all that is known of it.
#[derive(Debug, Serialize)]
pub struct JobShown {
    /// As in a list.
    #[serde(flatten)]
    pub job: JobLine,
    /// The openid or media id.
    pub subject: String,
    /// What was accepted.
    pub payload: Value,
    /// Each attempt.
    pub history: Vec<AttemptView>,
    /// Each callback.
    pub callbacks: Vec<CallbackView>,
}

impl JobShown {
    /// What is told of it.
    #[must_use]
    pub fn of(job: &JobDetail) -> Self {
        Self {
            job: JobLine::of(&job.view),
            subject: job.subject.clone(),
            payload: parsed(&job.payload),
            history: attempt::views(&job.attempts),
            callbacks: job.callbacks.iter().map(CallbackView::of).collect(),
        }
    }
}
