//! What is counted of requests, for Prometheus.

use std::io;
use std::time::Duration;

use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry};

/// Upper bounds (s): from the fraction of a millisecond that a check takes, over a commit, to the
/// longest wait of `get_job_status`.
const BUCKETS: [f64; 14] =
    [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

/// The label of requests to interfaces that do not exist.
pub(crate) const UNKNOWN: &str = "unknown";

/// The counters. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    requests: IntCounterVec,
    seconds: HistogramVec,
    pub(crate) waiting: IntGauge,
}

impl Metrics {
    /// Adds them to a registry, once.
    pub(crate) fn register(registry: &Registry) -> io::Result<Self> {
        let requests = Opts::new("wxgate_api_requests_total", "Requests answered, by interface and retcode");
        let seconds = HistogramOpts::new("wxgate_api_request_seconds", "From a request's head to its answer");
        let made = || {
            let metrics = Self {
                requests: IntCounterVec::new(requests, &["interface", "retcode"])?,
                seconds: HistogramVec::new(seconds.buckets(BUCKETS.to_vec()), &["interface"])?,
                waiting: IntGauge::new("wxgate_api_waiting_requests", "Requests that wait for a job")?,
            };
            registry.register(Box::new(metrics.requests.clone()))?;
            registry.register(Box::new(metrics.seconds.clone()))?;
            registry.register(Box::new(metrics.waiting.clone()))?;
            Ok::<_, prometheus::Error>(metrics)
        };
        made().map_err(io::Error::other)
    }

    /// Counts one answer.
    pub(crate) fn answered(&self, interface: &str, retcode: u16, took: Duration) {
        let retcode = if retcode == 200 { "200" } else { &retcode.to_string() };
        self.requests.with_label_values(&[interface, retcode]).inc();
        self.seconds.with_label_values(&[interface]).observe(took.as_secs_f64());
    }
}
