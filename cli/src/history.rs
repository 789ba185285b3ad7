//! Attempts as people read them.

use wxgate_operate::view::AttemptView;

use crate::local_time::local;
use crate::table::Table;

/// A table of attempts.
pub(crate) fn text(attempts: &[AttemptView]) -> String {
    let mut table = Table::new(["#", "BEGAN", "TOOK", "OUTCOME", "CODE", "MESSAGE"], &["MESSAGE"]);
    for (number, attempt) in (1..).zip(attempts) {
        table.add([
            format!("{number}"),
            local(attempt.at),
            format!("{} ms", attempt.took_ms),
            attempt.outcome.clone(),
            attempt.code.map(|code| code.to_string()).unwrap_or_default(),
            attempt.message.clone(),
        ]);
    }
    table.text("no attempt yet")
}
