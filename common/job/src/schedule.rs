//! How long to pause before trying again. The only module that knows the `backoff` crate, so its
//! successor is a change of this file alone.

use std::time::Duration;

use backoff::ExponentialBackoff;
use backoff::backoff::Backoff as _;

/// Fixed pauses by number of attempts, the last one for all that follow.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    pauses: &'static [Duration],
    /// What follows the last pause: the same again, or the end.
    endless: bool,
}

const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Attempts of a job: 1, 2, 5, 15, 30, 60 s, 2 and 5 min, then every 10 min until its deadline.
pub const JOB: Schedule = Schedule {
    pauses: &[
        secs(1),
        secs(2),
        secs(5),
        secs(15),
        secs(30),
        secs(60),
        secs(2 * 60),
        secs(5 * 60),
        secs(10 * 60),
    ],
    endless: true,
};

/// Attempts of a callback: 5 s, 30 s, 2, 10, 30 min, 2, 5, 10, 10 h, then exhausted. Ten attempts
/// over about 28 hours, the example schedule of the Standard Webhooks specification.
pub const CALLBACK: Schedule = Schedule {
    pauses: &[
        secs(5),
        secs(30),
        secs(2 * 60),
        secs(10 * 60),
        secs(30 * 60),
        secs(2 * 3600),
        secs(5 * 3600),
        secs(10 * 3600),
        secs(10 * 3600),
    ],
    endless: false,
};

impl Schedule {
    /// The pause after attempt number `attempt` (1-based), or `None` when no further one is due.
    /// `dice` lies in 0..1 and spreads the pause over 85 to 115 % of its length, so that jobs that
    /// failed together do not return together.
    #[must_use]
    pub fn pause(&self, attempt: u32, dice: f64) -> Option<Duration> {
        let index = attempt.saturating_sub(1) as usize;
        let pause = match self.pauses.get(index) {
            Some(pause) => *pause,
            None if self.endless => *self.pauses.last()?,
            None => return None,
        };
        Some(pause.mul_f64(0.85 + 0.3 * dice.clamp(0.0, 1.0)))
    }
}

/// Pauses between attempts to reach a server of our own (broker, database): from 100 ms doubling
/// to 2 s, jittered, without end.
#[derive(Debug)]
pub struct Reconnect(ExponentialBackoff);

impl Default for Reconnect {
    fn default() -> Self {
        Self(ExponentialBackoff {
            current_interval: Duration::from_millis(100),
            initial_interval: Duration::from_millis(100),
            multiplier: 2.0,
            randomization_factor: 0.3,
            max_interval: Duration::from_secs(2),
            max_elapsed_time: None,
            ..ExponentialBackoff::default()
        })
    }
}

impl Reconnect {
    /// How long to wait before the next attempt.
    pub fn next_pause(&mut self) -> Duration {
        self.0.next_backoff().unwrap_or(self.0.max_interval)
    }

    /// Begins anew after a success.
    pub fn reset(&mut self) {
        self.0.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_waits_longer_and_longer_then_ten_minutes_each_time() {
        let pauses: Vec<u64> = [1, 2, 6, 8, 9, 10, 1000]
            .into_iter()
            .filter_map(|attempt| JOB.pause(attempt, 0.5))
            .map(|pause| pause.as_secs())
            .collect();
        assert_eq!(pauses, [1, 2, 60, 300, 600, 600, 600]);
    }

    #[test]
    fn a_callback_ends_after_its_tenth_attempt() {
        assert_eq!(CALLBACK.pause(9, 0.5), Some(secs(36_000)));
        assert_eq!(CALLBACK.pause(10, 0.5), None);
        assert_eq!(CALLBACK.pause(u32::MAX, 0.5), None);
    }

    #[test]
    fn the_dice_spread_a_pause_by_fifteen_percent_either_way() {
        assert_eq!(JOB.pause(6, 0.0), Some(secs(51)));
        assert_eq!(JOB.pause(6, 1.0), Some(secs(69)));
        assert_eq!(JOB.pause(6, 7.0), JOB.pause(6, 1.0));
    }

    #[test]
    fn reconnecting_never_gives_up_and_never_waits_long() {
        let mut reconnect = Reconnect::default();
        let longest = (0..1000).map(|_| reconnect.next_pause()).max();
        assert!(longest.is_some_and(|pause| pause <= Duration::from_millis(2600)), "{longest:?}");
        reconnect.reset();
        assert!(reconnect.next_pause() <= Duration::from_millis(130));
    }
}
