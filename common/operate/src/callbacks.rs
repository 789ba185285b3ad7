//! How callbacks are named, and sending them again.

use std::fmt;
use std::str::FromStr;

use wxgate_job::JobId;
use wxgate_store::model::callback::CallbackId;
use wxgate_store::model::status::{CallbackDetail, JobDetail};
use wxgate_store::{Store, StoreError};

use crate::Verdict;

/// Callbacks as they are typed: all of a job's, or the one that is listed under this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// Whose.
    pub job: JobId,
    /// Which of them; `None`: all.
    pub seq: Option<i32>,
}

impl Name {
    /// The name of one callback.
    #[must_use]
    pub fn of(callback: &CallbackDetail) -> Self {
        Self { job: callback.job, seq: Some(callback.seq) }
    }

    /// The place in a list, newest first, below which a page begins: all of a job's are above it.
    #[must_use]
    pub fn cursor(self) -> CallbackId {
        CallbackId { job: self.job, seq: self.seq.unwrap_or(i32::MIN) }
    }
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

/// Queues again those of the named callbacks that are over, with all their attempts before them.
///
/// # Errors
/// When the store fails.
pub async fn replay(store: &dyn Store, name: Name) -> Result<Verdict, StoreError> {
    let seqs = match name.seq {
        Some(seq) => vec![seq],
        None => store.job(name.job).await?.map(|job| seqs(&job)).unwrap_or_default(),
    };
    let mut verdict = Verdict::NoCallback;
    for seq in seqs {
        if store.replay_callback(CallbackId { job: name.job, seq }).await? {
            verdict = Verdict::Done;
        }
    }
    Ok(verdict)
}

fn seqs(job: &JobDetail) -> Vec<i32> {
    job.callbacks.iter().map(|callback| callback.seq).collect()
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
