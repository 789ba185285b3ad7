//! Charts as paths of an SVG, made from tallies.

use std::fmt::Write as _;

use wxgate_store::model::insight::{Series, Tally};

/// The coordinates that paths are written in; the page stretches them.
pub(super) const WIDTH: u32 = 600;
/// See [`WIDTH`].
pub(super) const HEIGHT: u32 = 120;

/// What happened in one stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bucket {
    pub(super) accepted: u64,
    pub(super) succeeded: u64,
    pub(super) failed: u64,
}

/// How far back a chart looks, in what steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) buckets: usize,
    pub(super) minutes_each: i64,
}

/// The last hour, minute by minute.
pub(super) const HOUR: Span = Span { buckets: 60, minutes_each: 1 };
/// The last day, by quarters of an hour.
pub(super) const DAY: Span = Span { buckets: 96, minutes_each: 15 };

impl Span {
    /// How long it is.
    pub(super) fn minutes(self) -> i64 {
        i64::try_from(self.buckets).unwrap_or(i64::MAX) * self.minutes_each
    }

    /// The first minute that it shows, when it is `now_minute`.
    pub(super) fn first_minute(self, now_minute: i64) -> i64 {
        let last = now_minute.div_euclid(self.minutes_each);
        (last + 1) * self.minutes_each - self.minutes()
    }

    /// Sums the tallies up.
    pub(super) fn buckets(self, now_minute: i64, tallies: &[Tally]) -> Vec<Bucket> {
        let mut buckets = vec![Bucket::default(); self.buckets];
        let first = self.first_minute(now_minute);
        for tally in tallies {
            let index = (tally.minute - first).div_euclid(self.minutes_each);
            let bucket = usize::try_from(index).ok().and_then(|index| buckets.get_mut(index));
            let Some(bucket) = bucket else { continue };
            match tally.series {
                Series::Accepted => bucket.accepted += tally.count,
                Series::Succeeded => bucket.succeeded += tally.count,
                Series::Failed => bucket.failed += tally.count,
                _ => {}
            }
        }
        buckets
    }
}

/// A chart: bars of what ended, the failed part on top, and a line of what was accepted.
#[derive(Debug)]
pub(super) struct Chart {
    pub(super) succeeded: String,
    pub(super) failed: String,
    pub(super) accepted: String,
    /// The number at its upper edge.
    pub(super) top: u64,
    /// Over all buckets.
    pub(super) sum: Bucket,
}

impl Chart {
    pub(super) fn of(buckets: &[Bucket]) -> Self {
        let highest =
            buckets.iter().map(|bucket| bucket.accepted.max(bucket.succeeded + bucket.failed)).max();
        let scale = Scale { top: round_up(highest.unwrap_or_default()), buckets: buckets.len() };
        let mut chart = Self {
            succeeded: String::new(),
            failed: String::new(),
            accepted: String::new(),
            top: scale.top,
            sum: Bucket::default(),
        };
        for (index, bucket) in buckets.iter().enumerate() {
            scale.bar(&mut chart.succeeded, index, 0, bucket.succeeded);
            scale.bar(&mut chart.failed, index, bucket.succeeded, bucket.failed);
            scale.point(&mut chart.accepted, index, bucket.accepted);
            chart.sum.accepted += bucket.accepted;
            chart.sum.succeeded += bucket.succeeded;
            chart.sum.failed += bucket.failed;
        }
        chart
    }

    /// The part of what ended that failed, in percent.
    pub(super) fn failed_percent(&self) -> String {
        let ended = self.sum.succeeded + self.sum.failed;
        let tenths = (self.sum.failed * 1000 + ended / 2).checked_div(ended).unwrap_or_default();
        format!("{}.{} %", tenths / 10, tenths % 10)
    }
}

struct Scale {
    top: u64,
    buckets: usize,
}

impl Scale {
    fn x(&self, index: usize) -> f64 {
        f64::from(WIDTH) * as_f64(index as u64) / as_f64(self.buckets as u64)
    }

    fn height(&self, count: u64) -> f64 {
        f64::from(HEIGHT) * as_f64(count) / as_f64(self.top.max(1))
    }

    /// A bar on top of another one. Writing to text cannot fail.
    fn bar(&self, path: &mut String, index: usize, below: u64, count: u64) {
        if count == 0 {
            return;
        }
        let (left, width) = (self.x(index), self.x(1) * 0.8);
        let (bottom, height) = (f64::from(HEIGHT) - self.height(below), self.height(count).max(1.0));
        let _ = write!(path, "M{left:.1} {bottom:.1}h{width:.1}v-{height:.1}h-{width:.1}z");
    }

    fn point(&self, path: &mut String, index: usize, count: u64) {
        let sign = if path.is_empty() { 'M' } else { 'L' };
        let (x, y) = (self.x(index) + self.x(1) * 0.4, f64::from(HEIGHT) - self.height(count));
        let _ = write!(path, "{sign}{x:.1} {y:.1}");
    }
}

/// Exact for what can be drawn.
#[expect(clippy::cast_precision_loss, reason = "a picture has far fewer than 2^52 points")]
fn as_f64(number: u64) -> f64 {
    number as f64
}

/// The next of 1, 2, 5, 10, 20, 50 … that is not smaller.
fn round_up(number: u64) -> u64 {
    let powers = std::iter::successors(Some(1_u64), |power| power.checked_mul(10));
    let steps = powers.flat_map(|power| [1, 2, 5].map(|step| power.saturating_mul(step)));
    steps.into_iter().find(|&step| step >= number).unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use wxgate_job::Kind;

    use super::*;

    fn tally(minute: i64, series: Series, count: u64) -> Tally {
        Tally { minute, series, kind: Kind::named("async_send_tpl"), count }
    }

    #[test]
    fn tallies_fall_into_their_stretch_of_time() {
        let tallies = [
            tally(1000, Series::Accepted, 5),
            tally(1000, Series::Succeeded, 2),
            tally(941, Series::Failed, 3),
            tally(940, Series::Failed, 7),
            tally(1001, Series::Failed, 9),
            tally(1000, Series::Retried, 4),
        ];
        let hour = HOUR.buckets(1000, &tallies);
        assert_eq!(hour[59], Bucket { accepted: 5, succeeded: 2, failed: 0 });
        assert_eq!(hour[0], Bucket { failed: 3, ..Bucket::default() });
        assert_eq!(Chart::of(&hour).sum, Bucket { accepted: 5, succeeded: 2, failed: 3 });
        assert_eq!(Chart::of(&hour).failed_percent(), "60.0 %");
        let day = DAY.buckets(1000, &tallies);
        assert_eq!(day[95].succeeded, 2, "the quarter that has begun is the last");
        assert_eq!(day[91].failed, 10);
    }

    #[test]
    fn bars_stand_on_each_other_and_fill_the_height() {
        let buckets = [Bucket { accepted: 10, succeeded: 5, failed: 5 }, Bucket::default()];
        let chart = Chart::of(&buckets);
        assert_eq!(chart.succeeded, "M0.0 120.0h240.0v-60.0h-240.0z");
        assert_eq!(chart.failed, "M0.0 60.0h240.0v-60.0h-240.0z");
        assert_eq!(chart.accepted, "M120.0 0.0L420.0 120.0");
        assert_eq!((chart.top, Chart::of(&[]).top), (10, 1));
        assert_eq!([3, 6, 100, 101].map(round_up), [5, 10, 100, 200]);
        assert_eq!(Chart::of(&[]).failed_percent(), "0.0 %");
    }
}
