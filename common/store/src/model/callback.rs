//! Callbacks: the posts by which callers hear of a job's end.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wxgate_job::{Failure, JobId, JobState, Kind};

use super::work::Attempt;

/// A callback to be created together with a job's settlement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackOrder {
    /// The whole address.
    pub url: String,
    /// Its scheme, host and port, by which slots are shared out.
    pub endpoint: String,
    /// Claimed for the settling worker, which posts it at once; else it is queued, due now.
    pub claimed: bool,
}

/// A job may end several times, since an operator can queue it again, and has a callback for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CallbackId {
    /// The job.
    pub job: JobId,
    /// The number of the claim under which the job ended.
    pub seq: i32,
}

/// The right to settle one callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallbackClaim {
    /// The callback.
    pub id: CallbackId,
    /// Grows with every claim of this callback.
    pub number: i32,
}

/// Where a callback stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CallbackState {
    /// Waits for its turn or its next attempt.
    Queued,
    /// A worker is posting it.
    Running,
    /// The receiver answered 2xx.
    Delivered,
    /// Given up; an operator can replay it.
    Exhausted,
}

impl CallbackState {
    /// The name as stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Delivered => "delivered",
            Self::Exhausted => "exhausted",
        }
    }

    /// Reads a stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Queued, Self::Running, Self::Delivered, Self::Exhausted]
            .into_iter()
            .find(|state| state.as_str() == text)
    }

    /// What callers are told: `pending` until it is over.
    #[must_use]
    pub const fn shown(self) -> &'static str {
        match self {
            Self::Queued | Self::Running => "pending",
            Self::Delivered => "delivered",
            Self::Exhausted => "exhausted",
        }
    }
}

/// The facts that a callback tells.
#[derive(Clone, Debug)]
pub struct JobReport {
    /// The job.
    pub job: JobId,
    /// Its kind.
    pub kind: Kind,
    /// Whose it is.
    pub client: String,
    /// The openid or the media id.
    pub subject: String,
    /// Its state; final, except that an operator may replay an old callback.
    pub state: JobState,
    /// Its result (JSON).
    pub result: Option<String>,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// A callback in a worker's hands.
#[derive(Clone, Debug)]
pub struct ClaimedCallback {
    /// The right to settle it.
    pub claim: CallbackClaim,
    /// The address.
    pub url: String,
    /// Its scheme, host and port.
    pub endpoint: String,
    /// Number of this attempt, from 1.
    pub attempt: u32,
    /// How long ago its job had ended when it was claimed (ms).
    pub waited_ms: i64,
    /// What to tell.
    pub report: JobReport,
}

/// What becomes of a claimed callback.
#[derive(Clone, Debug)]
pub struct CallbackSettlement {
    /// The right to say so.
    pub claim: CallbackClaim,
    /// The state it goes to; never `running`.
    pub state: CallbackState,
    /// For `queued`: due again after this long.
    pub due_in: Duration,
    /// Whether the attempt counts.
    pub counts: bool,
    /// The receiver's HTTP status, if it answered.
    pub status: Option<u16>,
    /// The attempt's record.
    pub attempt: Option<Attempt>,
}

/// An endpoint with at least one callback that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueEndpoint {
    /// Scheme, host and port.
    pub endpoint: String,
    /// Since when its first callback has been due.
    pub due_at: i64,
}
