//! Where a job queues: one lane for each client, app and kind. Lanes are served in turn, so that a
//! long one delays no other.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::JobId;

/// The name of a kind of job: that of the interface which accepts it. Stored and published, so a
/// name is never changed and never used again for something else.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Kind(Cow<'static, str>);

impl Kind {
    /// A kind known when the program is built.
    #[must_use]
    pub const fn named(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// A kind read back from the store or a message; whether anybody handles it is decided later.
    #[must_use]
    pub fn stored(name: String) -> Self {
        Self(Cow::Owned(name))
    }

    /// The name as stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A queue of its own inside the store: jobs of one kind, from one client, for one app.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lane {
    /// The caller (`client_code`).
    pub client: String,
    /// The WeChat app (`app_id`).
    pub app: String,
    /// The kind of job.
    pub kind: Kind,
}

/// Says that these jobs of one lane can run now. Losing it loses no job: whatever is due is found
/// in the store as well. Ringing twice is harmless: the claim decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doorbell {
    /// Where the jobs queue.
    pub lane: Lane,
    /// At least one, at most [`Doorbell::MAX_IDS`].
    pub ids: Vec<JobId>,
}

impl Doorbell {
    /// Ids in one message. One published and consumed message costs about 225 us of CPU (measured
    /// 2026-11 on two cores), so 64 ids share 15 us among four jobs' worth of work.
    pub const MAX_IDS: usize = 64;
}
