//! Attempts and times as `--json` prints them: Unix seconds, as callers of the gateway see them.

use serde::Serialize;
use wxgate_store::model::work::Attempt;

use crate::local_time::{local, seconds};
use crate::table::Table;

/// One attempt of a job or a callback.
#[derive(Debug, Serialize)]
pub(crate) struct AttemptView {
    at: i64,
    took_ms: u32,
    outcome: String,
    code: Option<i64>,
    message: String,
    #[serde(skip)]
    local: String,
}

impl From<&Attempt> for AttemptView {
    fn from(attempt: &Attempt) -> Self {
        Self {
            at: seconds(attempt.at),
            took_ms: attempt.took_ms,
            outcome: attempt.outcome.clone(),
            code: attempt.code,
            message: attempt.message.clone(),
            local: local(attempt.at),
        }
    }
}

/// All attempts, in order.
pub(crate) fn views(attempts: &[Attempt]) -> Vec<AttemptView> {
    attempts.iter().map(AttemptView::from).collect()
}

/// A table of attempts.
pub(crate) fn text(attempts: &[AttemptView]) -> String {
    let mut table = Table::new(["#", "BEGAN", "TOOK", "OUTCOME", "CODE", "MESSAGE"], &["MESSAGE"]);
    for (number, attempt) in (1..).zip(attempts) {
        table.add([
            format!("{number}"),
            attempt.local.clone(),
            format!("{} ms", attempt.took_ms),
            attempt.outcome.clone(),
            attempt.code.map(|code| code.to_string()).unwrap_or_default(),
            attempt.message.clone(),
        ]);
    }
    table.text("no attempt yet")
}
