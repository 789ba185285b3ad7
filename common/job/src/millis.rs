//! Durations as the store counts them.

use std::time::Duration;

/// Whole milliseconds. What is too long for a time to be added to it (292 million years) is cut.
#[must_use]
pub fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX).min(i64::MAX / 4)
}
