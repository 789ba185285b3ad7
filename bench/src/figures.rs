//! Rates and percentiles of one phase, taken from the ledger.

use std::time::Duration;

use serde::Serialize;

use crate::ledger::Entry;

/// Two points of a distribution of latencies, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Latency {
    /// Half were at most this long.
    pub p50_ms: f64,
    /// 99 of 100 were at most this long.
    pub p99_ms: f64,
}

impl Latency {
    /// By nearest rank; zeros for an empty set.
    #[must_use]
    pub fn of(mut latencies: Vec<Duration>) -> Self {
        latencies.sort_unstable();
        let rank = |percent: usize| (latencies.len() * percent).div_ceil(100).max(1) - 1;
        let at = |percent| latencies.get(rank(percent)).map_or(0.0, |latency| latency.as_secs_f64() * 1000.0);
        Self { p50_ms: at(50), p99_ms: at(99) }
    }
}

/// How requests of one phase fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Requests accepted, per second from the first request to the last answer.
    pub accepted_per_s: f64,
    /// Callbacks received while requests were still being sent, per second.
    pub called_back_per_s_under_load: f64,
    /// Requests called back, per second from the first request to the last callback.
    pub end_to_end_per_s: f64,
    /// From when a request was due to its answer.
    pub accept: Latency,
    /// From when a request was due to its callback.
    pub end_to_end: Latency,
}

impl Figures {
    /// Counts the accepted requests among `entries`; zeros when there are none.
    #[must_use]
    pub fn of(entries: &[Entry]) -> Self {
        let accepted: Vec<(Duration, Duration)> =
            entries.iter().filter_map(|entry| Some((entry.due, entry.accepted()?.0))).collect();
        let ended: Vec<(Duration, Duration)> = entries
            .iter()
            .filter(|entry| entry.accepted().is_some())
            .filter_map(|entry| Some((entry.due, entry.called_back?)))
            .collect();
        let Some(first) = accepted.iter().map(|&(due, _)| due).min() else { return Self::default() };
        let last_answer = latest(&accepted);
        let sending = last_answer.saturating_sub(first);
        let under_load = ended.iter().filter(|&&(_, at)| at <= last_answer).count();
        Self {
            accepted_per_s: per_second(accepted.len(), sending),
            called_back_per_s_under_load: per_second(under_load, sending),
            end_to_end_per_s: per_second(ended.len(), latest(&ended).saturating_sub(first)),
            accept: latency(&accepted),
            end_to_end: latency(&ended),
        }
    }
}

/// `count` over `time`; 0 when no time passed.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts of a run stay far below 2^52")]
pub fn per_second(count: usize, time: Duration) -> f64 {
    if time.is_zero() { 0.0 } else { count as f64 / time.as_secs_f64() }
}

fn latest(spans: &[(Duration, Duration)]) -> Duration {
    spans.iter().map(|&(_, end)| end).max().unwrap_or_default()
}

fn latency(spans: &[(Duration, Duration)]) -> Latency {
    Latency::of(spans.iter().map(|&(start, end)| end.saturating_sub(start)).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "the expected values are exact")]

    use super::*;
    use crate::ledger::Answer;

    fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let latency = Latency::of((1..=200).rev().map(ms).collect());
        assert_eq!(latency, Latency { p50_ms: 100.0, p99_ms: 198.0 });
        assert_eq!(Latency::of(vec![ms(7)]), Latency { p50_ms: 7.0, p99_ms: 7.0 });
        assert_eq!(Latency::of(Vec::new()), Latency::default());
    }

    #[test]
    fn rates_count_from_the_first_request() {
        let entry = |due, answered, called_back| Entry {
            due: ms(due),
            answer: Answer::Accepted { at: ms(answered), id: 1 },
            called_back: Some(ms(called_back)),
            ..Entry::default()
        };
        let refused = Entry { answer: Answer::Refused(String::new()), ..Entry::default() };
        let figures = Figures::of(&[entry(1000, 1100, 1200), refused, entry(1200, 1500, 5000)]);
        assert_eq!(figures.accepted_per_s, 4.0);
        assert_eq!(figures.called_back_per_s_under_load, 2.0);
        assert_eq!(figures.end_to_end_per_s, 0.5);
        assert_eq!(figures.accept, Latency { p50_ms: 100.0, p99_ms: 300.0 });
        assert_eq!(figures.end_to_end, Latency { p50_ms: 200.0, p99_ms: 3800.0 });
    }

    #[test]
    fn nothing_accepted_gives_zeros() {
        assert_eq!(Figures::of(&[Entry::default()]), Figures::default());
    }
}
