//! What the gateway is to do on a machine of two cores that all parts and the load share. The figures are for
//! 64 connections, 50 requests a second as light load, and a WeChat that answers at once.

use serde::Serialize;

use crate::pairing::Pairing;
use crate::table::Goal;

/// Jobs a second end to end over two apps, with a WeChat that answers after 100 ms and default settings.
pub const TWO_APPS_PER_S: Goal = Goal::AtLeast(3_000.0);
/// Processor time of a job with two workers, as a multiple of that with one.
pub const TWO_WORKERS_TIMES: Goal = Goal::AtMost(1.15);
/// The rate with a long queue, as a share of that with a short one.
pub const LONG_QUEUE_SHARE: f64 = 0.8;

/// What one pairing is to do.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Goals {
    /// Requests accepted a second while nothing is sent on.
    pub accepted_per_s: Goal,
    /// Jobs a second end to end.
    pub end_to_end_per_s: Goal,
    /// Until a request is answered under full load.
    pub accept_p99_ms: Goal,
    /// From a request to its callback under light load.
    pub light_p50_ms: Goal,
    /// Likewise.
    pub light_p99_ms: Goal,
    /// Memory of all processes of the gateway.
    pub memory_mib: Goal,
}

impl Goals {
    /// Of this pairing.
    #[must_use]
    pub fn of(pairing: &Pairing) -> Self {
        match pairing {
            Pairing::Embedded => Self {
                accepted_per_s: Goal::AtLeast(25_000.0),
                end_to_end_per_s: Goal::AtLeastAndBetter(8_000.0, 11_000.0),
                accept_p99_ms: Goal::AtMost(15.0),
                light_p50_ms: Goal::AtMost(2.0),
                light_p99_ms: Goal::AtMost(5.0),
                memory_mib: Goal::AtMost(64.0),
            },
            Pairing::Servers { .. } => Self {
                accepted_per_s: Goal::AtLeast(15_000.0),
                end_to_end_per_s: Goal::AtLeastAndBetter(5_500.0, 8_000.0),
                accept_p99_ms: Goal::AtMost(25.0),
                light_p50_ms: Goal::AtMost(5.0),
                light_p99_ms: Goal::AtMost(15.0),
                memory_mib: Goal::AtMost(64.0),
            },
        }
    }
}
