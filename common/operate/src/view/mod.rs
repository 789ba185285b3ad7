//! What is told of jobs, callbacks and apps, as `--json` prints it and `/admin` answers it. Times are Unix
//! seconds, as callers of the gateway see them; no secret is ever in it.

mod app;
mod attempt;
mod callback;
mod job;

use serde_json::Value;

pub use app::{AppView, Closed};
pub use attempt::AttemptView;
pub use callback::CallbackView;
pub use job::{JobLine, JobShown};

/// Unix milliseconds as seconds.
#[must_use]
pub const fn seconds(unix_ms: i64) -> i64 {
    unix_ms.div_euclid(1000)
}

/// Stored JSON, or its text should it not be JSON.
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_not_json| Value::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_rounded_down_before_1970_too() {
        assert_eq!((seconds(1_999), seconds(-1)), (1, -1));
    }
}
