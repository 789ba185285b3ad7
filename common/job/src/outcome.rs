//! What an attempt reports. A handler says what happened; [`crate::decide`] says what follows.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why an attempt failed, in words fit for the caller: no secret, no personal data, no source chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// A short, stable word to match on, such as `timeout`, `wechat`, `expired`.
    pub code: String,
    /// The upstream's own number, where it gave one.
    pub errcode: Option<i64>,
    /// One sentence: what happened and, where known, what to do.
    pub message: String,
}

impl Failure {
    /// A failure without an upstream number. U+0000, which an upstream's text may hold and a database
    /// may not, is dropped from the message.
    #[must_use]
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        let mut message = message.into();
        message.retain(|character| character != '\0');
        Self { code: code.to_owned(), errcode: None, message }
    }

    /// The same failure with the number that the upstream answered.
    #[must_use]
    pub fn with_errcode(mut self, errcode: i64) -> Self {
        self.errcode = Some(errcode);
        self
    }
}

/// What a waiting job waits for: a name by which news finds it, such as `upyun:<task id>`. Unique
/// among the jobs that wait.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Awaited(pub String);

/// What one attempt came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The upstream confirmed it. The value is the job's result as callers see it.
    Done(Value),
    /// The upstream took it; the end is told by somebody else (a receipt, a conversion) within
    /// `at_most`. The handler is run again then, and is given the result so far and the news.
    Wait {
        /// The result so far. A job that has one has been taken: its first step is never repeated.
        result: Value,
        /// What is waited for.
        awaited: Awaited,
        /// After this long without news the job is looked at again.
        at_most: Duration,
    },
    /// Another attempt may work.
    Again {
        /// Why this one did not.
        failure: Failure,
        /// The least pause that the upstream asks for; the schedule may make it longer.
        at_least: Duration,
        /// The request may have been written and no answer was read: it may have taken effect.
        ambiguous: bool,
    },
    /// The app's daily quota for this family of calls is used up: closed until midnight in
    /// Asia/Shanghai. Costs no attempt.
    Quota(Failure),
    /// The app itself is refused (secret, IP whitelist, ban): nothing of it can work until somebody
    /// acts. Costs no attempt.
    AppAtFault(Failure),
    /// Repeating cannot help.
    GiveUp(Failure),
    /// Nothing was written: a shutdown or a lapsed lease came first. Costs no attempt.
    Interrupted,
}
