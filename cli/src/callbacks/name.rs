//! How callbacks are named.

use std::fmt;
use std::str::FromStr;

use wxgate_job::JobId;
use wxgate_store::model::status::CallbackDetail;

/// Callbacks as they are typed: all of a job's, or the one that is listed under this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name {
    pub(super) job: JobId,
    pub(super) seq: Option<i32>,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seq {
            Some(seq) => write!(f, "{}/{seq}", self.job),
            None => self.job.fmt(f),
        }
    }
}

impl FromStr for Name {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (job, seq) = text.split_once('/').map_or((text, None), |(job, seq)| (job, Some(seq)));
        let seq = seq.map(str::parse).transpose();
        match (job.parse(), seq) {
            (Ok(job), Ok(seq)) => Ok(Self { job, seq }),
            _ => Err(
                "must be a job's id, or the name of one callback such as 4711/1 ('wxgate callbacks list')",
            ),
        }
    }
}

impl Name {
    /// The name of one callback.
    pub(super) fn of(callback: &CallbackDetail) -> Self {
        Self { job: callback.job, seq: Some(callback.seq) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_callbacks_name_reads_back() {
        for text in ["4711/1", "4711"] {
            assert_eq!(text.parse::<Name>().unwrap().to_string(), text);
        }
        for bad in ["", "4711/", "/1", "0/1", "4711/x", "4711/1/2"] {
            assert!(bad.parse::<Name>().is_err(), "{bad}");
        }
    }
}
