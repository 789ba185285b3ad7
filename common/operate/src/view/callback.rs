//! A callback.

use serde::Serialize;
use wxgate_job::JobId;
use wxgate_store::model::callback::CallbackState;
use wxgate_store::model::status::CallbackDetail;

use super::attempt::{self, AttemptView};
use super::seconds;
use crate::callbacks::Name;

/// A callback with its attempts.
#[derive(Debug, Serialize)]
pub struct CallbackView {
    /// Its name, see [`Name`].
    pub callback: String,
    /// Whose.
    pub job_id: JobId,
    /// The address.
    pub url: String,
    /// Where it stands.
    pub state: CallbackState,
    /// Attempts made.
    pub attempts: u32,
    /// The receiver's last HTTP status.
    pub last_status: Option<u16>,
    /// When it is due next (Unix seconds).
    pub due_at: i64,
    /// Each attempt.
    pub history: Vec<AttemptView>,
}

impl CallbackView {
    /// What is told of it.
    #[must_use]
    pub fn of(callback: &CallbackDetail) -> Self {
        Self {
            callback: Name::of(callback).to_string(),
            job_id: callback.job,
            url: callback.url.clone(),
            state: callback.view.state,
            attempts: callback.view.attempts,
            last_status: callback.view.last_status,
            due_at: seconds(callback.due_at),
            history: attempt::views(&callback.attempts),
        }
    }

    /// Whether it can be sent again.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self.state, CallbackState::Delivered | CallbackState::Exhausted)
    }
}
