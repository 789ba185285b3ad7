//! The identifier that a caller gets for an accepted job.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One accepted job: the documented 'send ID'. A positive integer below 2^53, so that every JSON
/// reader keeps it exact; unique for ever within one store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(i64);

/// Why a text is no [`JobId`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidJobId {
    /// Not a decimal integer.
    #[error("a job id is a decimal integer")]
    NotANumber(#[from] ParseIntError),
    /// Zero, negative, or 2^53 and more.
    #[error("a job id lies between 1 and 2^53 - 1")]
    OutOfRange,
}

impl JobId {
    /// The largest integer that a double holds exactly, and so the largest id (2^53 - 1).
    pub const MAX: i64 = (1 << 53) - 1;

    /// # Errors
    /// [`InvalidJobId::OutOfRange`] for anything outside 1 to [`Self::MAX`].
    pub fn new(raw: i64) -> Result<Self, InvalidJobId> {
        if (1..=Self::MAX).contains(&raw) { Ok(Self(raw)) } else { Err(InvalidJobId::OutOfRange) }
    }

    /// The number as stored and as shown to callers.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for JobId {
    type Err = InvalidJobId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text.parse()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_positive_and_exact_as_a_double() {
        assert_eq!("1".parse::<JobId>().map(JobId::get), Ok(1));
        assert!(JobId::new(JobId::MAX).is_ok());
        for refused in ["0", "-1", "9007199254740992", "", "1e3", "１"] {
            assert!(refused.parse::<JobId>().is_err(), "{refused}");
        }
    }
}
