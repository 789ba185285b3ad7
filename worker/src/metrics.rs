//! What is counted of jobs and callbacks: for Prometheus, and by the minute for the store's charts.
//!
//! Each number is raised where the thing is decided. What is counted for each job is found by its kind
//! and needs no label; neither clients nor users are in any label.

use std::collections::HashMap;
use std::time::Duration;

use prometheus::core::Collector;
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, Result,
};
use wxgate_job::{JobState, Kind};
use wxgate_store::Counts;
use wxgate_store::model::callback::CallbackState;
use wxgate_store::model::insight::Series;
use wxgate_store::model::work::Settled;

/// Upper bounds (s) of attempts: from one that asks nobody, over one call to WeChat, to a file's conversion.
const ATTEMPT_BUCKETS: [f64; 12] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 300.0];

/// Upper bounds (s) from a job's end to its callback's delivery: at once, or after so many retries.
const DELAY_BUCKETS: [f64; 12] =
    [0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0, 120.0, 600.0, 3600.0, 21_600.0, 86_400.0];

/// The label of kinds that this version does not know.
const OTHER: &str = "other";

/// How attempts can end, as [`crate::attempt`] says it.
pub(crate) const OUTCOMES: [&str; 7] =
    ["done", "waiting", "ambiguous", "again", "failed", "closed", "released"];

/// The counters of one worker.
#[derive(Debug)]
pub(crate) struct Metrics {
    kinds: HashMap<Kind, OfKind>,
    other: OfKind,
    pub(crate) under_way: IntGauge,
    rescued: IntCounter,
    taken_over: IntCounter,
    delivered: IntCounter,
    again: IntCounter,
    exhausted: IntCounter,
    delay: Histogram,
    /// By the minute, for charts.
    pub(crate) counts: Counts,
}

/// What is counted of one kind of job.
#[derive(Debug)]
struct OfKind {
    claimed: IntCounter,
    outcomes: [IntCounter; OUTCOMES.len()],
    seconds: Histogram,
    succeeded: IntCounter,
    failed: IntCounter,
}

impl Metrics {
    /// Adds them to a registry, once. `kinds` are those that have labels of their own.
    ///
    /// # Errors
    /// When the registry has them already.
    pub(crate) fn register<'k>(registry: &Registry, kinds: impl Iterator<Item = &'k Kind>) -> Result<Self> {
        let families = Families::register(registry)?;
        let callbacks = counters(
            registry,
            "wxgate_worker_callback_attempts_total",
            "Attempts to post a callback, by what became of it",
            &["outcome"],
        )?;
        let delay = "From a job's end to the delivery of its callback";
        let delay = HistogramOpts::new("wxgate_worker_callback_delay_seconds", delay);
        Ok(Self {
            kinds: kinds.map(|kind| (kind.clone(), families.of(kind.as_str()))).collect(),
            other: families.of(OTHER),
            under_way: added(
                registry,
                IntGauge::new("wxgate_worker_attempts_under_way", "Attempts under way")?,
            )?,
            rescued: added(
                registry,
                IntCounter::new(
                    "wxgate_worker_rescued_total",
                    "Jobs and callbacks taken back from workers that had died",
                )?,
            )?,
            taken_over: added(
                registry,
                IntCounter::new(
                    "wxgate_worker_taken_over_total",
                    "Settlements that did not count, since another worker had the job or callback by then",
                )?,
            )?,
            delivered: callbacks.with_label_values(&["delivered"]),
            again: callbacks.with_label_values(&["again"]),
            exhausted: callbacks.with_label_values(&["exhausted"]),
            delay: added(registry, Histogram::with_opts(delay.buckets(DELAY_BUCKETS.to_vec()))?)?,
            counts: Counts::default(),
        })
    }

    /// A job was claimed.
    pub(crate) fn claimed(&self, kind: &Kind) {
        self.of(kind).claimed.inc();
    }

    /// An attempt ended with this word, one of [`OUTCOMES`].
    pub(crate) fn attempted(&self, kind: &Kind, outcome: &str, took: Duration) {
        let of_kind = self.of(kind);
        if let Some(place) = OUTCOMES.iter().position(|known| *known == outcome) {
            of_kind.outcomes[place].inc();
        }
        of_kind.seconds.observe(took.as_secs_f64());
        if matches!(outcome, "again" | "ambiguous") {
            self.counts.add(Series::Retried, kind);
        }
    }

    /// A job was settled.
    pub(crate) fn settled(&self, kind: &Kind, state: JobState, settled: Settled) {
        match (settled, state) {
            (Settled::TakenOver, _) => self.taken_over.inc(),
            (Settled::Done, JobState::Succeeded) => {
                self.of(kind).succeeded.inc();
                self.counts.add(Series::Succeeded, kind);
            }
            (Settled::Done, JobState::Failed) => {
                self.of(kind).failed.inc();
                self.counts.add(Series::Failed, kind);
            }
            (Settled::Done, _) => {}
        }
    }

    /// A callback was settled, so long after its job had ended.
    pub(crate) fn called_back(&self, kind: &Kind, state: CallbackState, settled: Settled, delay: Duration) {
        match (settled, state) {
            (Settled::TakenOver, _) => self.taken_over.inc(),
            (Settled::Done, CallbackState::Delivered) => {
                self.delivered.inc();
                self.delay.observe(delay.as_secs_f64());
                self.counts.add(Series::Delivered, kind);
            }
            (Settled::Done, CallbackState::Exhausted) => {
                self.exhausted.inc();
                self.counts.add(Series::Exhausted, kind);
            }
            (Settled::Done, CallbackState::Queued | CallbackState::Running) => self.again.inc(),
        }
    }

    /// Jobs and callbacks were taken back from the dead.
    pub(crate) fn rescued(&self, number: u64) {
        self.rescued.inc_by(number);
    }

    fn of(&self, kind: &Kind) -> &OfKind {
        self.kinds.get(kind).unwrap_or(&self.other)
    }
}

/// What has the kind as a label.
struct Families {
    claimed: IntCounterVec,
    outcomes: IntCounterVec,
    seconds: HistogramVec,
    ended: IntCounterVec,
}

impl Families {
    fn register(registry: &Registry) -> Result<Self> {
        let seconds = HistogramOpts::new("wxgate_worker_attempt_seconds", "How long attempts took, by kind");
        Ok(Self {
            claimed: counters(registry, "wxgate_worker_claims_total", "Jobs claimed, by kind", &["kind"])?,
            outcomes: counters(
                registry,
                "wxgate_worker_attempts_total",
                "Attempts, by kind and how they ended: done, waiting (for news), again, ambiguous (it may have \
                 taken effect; again), failed, closed (the app or its quota is refused), released (not begun)",
                &["kind", "outcome"],
            )?,
            seconds: added(
                registry,
                HistogramVec::new(seconds.buckets(ATTEMPT_BUCKETS.to_vec()), &["kind"])?,
            )?,
            ended: counters(
                registry,
                "wxgate_worker_jobs_total",
                "Jobs that ended, by kind and state",
                &["kind", "state"],
            )?,
        })
    }

    fn of(&self, kind: &str) -> OfKind {
        OfKind {
            claimed: self.claimed.with_label_values(&[kind]),
            outcomes: OUTCOMES.map(|outcome| self.outcomes.with_label_values(&[kind, outcome])),
            seconds: self.seconds.with_label_values(&[kind]),
            succeeded: self.ended.with_label_values(&[kind, JobState::Succeeded.as_str()]),
            failed: self.ended.with_label_values(&[kind, JobState::Failed.as_str()]),
        }
    }
}

fn counters(registry: &Registry, name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec> {
    added(registry, IntCounterVec::new(Opts::new(name, help), labels)?)
}

fn added<C: Collector + Clone + 'static>(registry: &Registry, collector: C) -> Result<C> {
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}
