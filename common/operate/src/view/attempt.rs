//! One attempt of a job or a callback.

use serde::Serialize;
use wxgate_store::model::work::Attempt;

use super::seconds;

/// When it began, what it came to.
#[derive(Debug, Serialize)]
pub struct AttemptView {
    /// When it began (Unix seconds).
    pub at: i64,
    /// How long it took (milliseconds).
    pub took_ms: u32,
    /// One word, see [`Attempt::outcome`].
    pub outcome: String,
    /// The upstream's number or HTTP status.
    pub code: Option<i64>,
    /// What went wrong.
    pub message: String,
}

impl From<&Attempt> for AttemptView {
    fn from(attempt: &Attempt) -> Self {
        Self {
            at: seconds(attempt.at),
            took_ms: attempt.took_ms,
            outcome: attempt.outcome.clone(),
            code: attempt.code,
            message: attempt.message.clone(),
        }
    }
}

/// All attempts, in order.
pub(super) fn views(attempts: &[Attempt]) -> Vec<AttemptView> {
    attempts.iter().map(AttemptView::from).collect()
}
