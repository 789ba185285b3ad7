//! What becomes of a change to a job or a callback.

use wxgate_job::JobState;

/// What became of it. Asking again is always harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Done.
    Done,
    /// There is nothing of this name.
    NotFound,
    /// A job in this state is not retried; only failed and waiting ones are.
    NotOver(JobState),
    /// The job is no longer what it was when somebody looked at it.
    Changed(JobState),
    /// A job in this state is not cancelled any more.
    TooLate(JobState),
    /// The job is queued, but an attempt may have taken effect already.
    Ambiguous,
    /// There is no such callback, or it is not over yet.
    NoCallback,
}

impl Verdict {
    /// Why nothing was done; `None`: it was.
    #[must_use]
    pub fn refusal(self) -> Option<String> {
        match self {
            Self::Done => None,
            Self::NotFound => Some("there is no such job".to_owned()),
            Self::NotOver(state) => Some(format!("it is {state}; only failed and waiting jobs can be")),
            Self::Changed(state) => Some(format!("it has changed meanwhile: it is {state}")),
            Self::TooLate(state) => Some(format!("it is {state}")),
            Self::Ambiguous => Some("an attempt may have taken effect already".to_owned()),
            Self::NoCallback => Some("there is no such callback, or it is not over yet".to_owned()),
        }
    }
}
