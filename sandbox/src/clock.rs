//! The sandbox's own time: the machine's, plus what it was advanced by. Everything that ages here
//! (tokens, quotas, windows) goes by it; the delays of faults are real time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Length of a day, for quotas.
const DAY_MS: i64 = 86_400_000;
/// Asia/Shanghai is UTC+8 all year: daily quotas roll over at its midnight (common understanding;
/// WeChat does not document it).
const SHANGHAI_MS: i64 = 8 * 3_600_000;
/// Length of a minute, for per-minute limits.
const MINUTE_MS: i64 = 60_000;

/// A moment of the sandbox's time, in Unix milliseconds.
pub(crate) type Moment = i64;

/// Goes forward only.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead_ms: AtomicI64,
}

impl Clock {
    pub(crate) fn now(&self) -> Moment {
        real_now().saturating_add(self.ahead_ms())
    }

    /// How far this clock runs ahead of the machine's.
    pub(crate) fn ahead_ms(&self) -> i64 {
        self.ahead_ms.load(Ordering::SeqCst)
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.ahead_ms.fetch_add(millis(by), Ordering::SeqCst);
    }
}

fn real_now() -> Moment {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis)
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// The number of the day in Asia/Shanghai.
pub(crate) fn day_of(now: Moment) -> i64 {
    now.saturating_add(SHANGHAI_MS).div_euclid(DAY_MS)
}

/// The number of the minute.
pub(crate) fn minute_of(now: Moment) -> i64 {
    now.div_euclid(MINUTE_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_shanghai() {
        // 2026-01-01 00:00 in Shanghai is 2025-12-31 16:00 UTC.
        let midnight = 1_767_196_800_000;
        assert_eq!(day_of(midnight), day_of(midnight - 1) + 1);
        assert_eq!(day_of(midnight), day_of(midnight + DAY_MS - 1));
    }

    #[test]
    fn advancing_moves_now_by_just_as_much() {
        let clock = Clock::default();
        let before = clock.now();
        clock.advance(Duration::from_hours(2));
        assert!(clock.now() - before >= 7_200_000);
        assert_eq!(clock.ahead_ms(), 7_200_000);
    }
}
