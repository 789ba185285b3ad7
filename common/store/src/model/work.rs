//! Jobs in a worker's hands: leases, claims, settlements.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wxgate_job::{Awaited, Failure, JobId, JobState, Lane};

use super::callback::CallbackOrder;
use super::intake::{FirstClaim, NewJob};
use super::sharing::SharedEnd;

/// One run of one worker process. Never used again: a process whose lease lapsed enlists anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WorkerId(pub i64);

/// The right to settle one job: the fencing token. It ends when another worker takes the job over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    /// The job.
    pub job: JobId,
    /// Grows with every claim of this job.
    pub number: i32,
}

/// A job as the worker that claimed it sees it.
#[derive(Clone, Debug)]
pub struct ClaimedJob {
    /// The right to settle it.
    pub claim: Claim,
    /// Where it queued.
    pub lane: Lane,
    /// What the kind's handler reads.
    pub payload: String,
    /// What people search for: the openid or the media id.
    pub subject: String,
    /// The result so far (JSON), when the upstream took it in an earlier attempt.
    pub result: Option<String>,
    /// The news that it has been waiting for, once that came.
    pub report: Option<String>,
    /// How the job ended whose work this one shares: its own end, too.
    pub shared: Option<SharedEnd>,
    /// Number of this attempt, from 1.
    pub attempt: u32,
    /// Where the result is to be posted.
    pub callback_url: Option<String>,
    /// Stay `waiting` until the receipt came.
    pub receipt: bool,
    /// When it was accepted.
    pub created_at: i64,
    /// Its end.
    pub deadline_at: i64,
    /// The end is the caller's own `expire_at`.
    pub expires: bool,
    /// When the first attempt began whose effect is unknown.
    pub ambiguous_since: Option<i64>,
    /// Why it had to wait so far.
    pub last_failure: Option<Failure>,
    /// The store's time of the claim.
    pub claimed_at: i64,
}

impl ClaimedJob {
    /// A job as it is when it was claimed in the commit that stored it.
    #[must_use]
    pub fn first(id: JobId, job: NewJob, claim: FirstClaim) -> Self {
        Self {
            claim: Claim { job: id, number: 1 },
            lane: job.lane,
            payload: job.payload,
            subject: job.subject,
            result: None,
            report: None,
            shared: None,
            attempt: 1,
            callback_url: job.callback_url,
            receipt: job.receipt,
            created_at: claim.at,
            deadline_at: claim.deadline_at,
            expires: job.expire_at.is_some(),
            ambiguous_since: None,
            last_failure: None,
            claimed_at: claim.at,
        }
    }
}

/// A lane with at least one job that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueLane {
    /// The lane.
    pub lane: Lane,
    /// Since when its first job has been due.
    pub due_at: i64,
}

/// What is written down of one attempt, for people who ask why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it began (Unix milliseconds).
    pub at: i64,
    /// How long it took (milliseconds).
    pub took_ms: u32,
    /// One word: `done`, `waiting`, `again`, `ambiguous`, `closed`, `failed`, `released`, `lost`, `delivered`.
    pub outcome: String,
    /// The upstream's number or HTTP status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
}

/// What becomes of a claimed job.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The right to say so.
    pub claim: Claim,
    /// The state it goes to; never `running`, never `cancelled`.
    pub state: JobState,
    /// For `queued` and `waiting`: due again after this long.
    pub due_in: Duration,
    /// Whether the attempt counts.
    pub counts: bool,
    /// When the first attempt began whose effect is unknown, as known now.
    pub ambiguous_since: Option<i64>,
    /// The result as callers see it (JSON).
    pub result: Option<String>,
    /// WeChat's message id, by which a receipt finds the job, 0 when WeChat named none. Absent when no
    /// receipt can come, or it has come.
    pub msgid: Option<i64>,
    /// For `waiting`: what it waits for. Its deadline moves to where the wait ends, if that is later.
    pub awaited: Option<Awaited>,
    /// Why it failed, or why it has to wait.
    pub failure: Option<Failure>,
    /// The attempt's record.
    pub attempt: Option<Attempt>,
    /// The callback that this settlement gives rise to.
    pub callback: Option<CallbackOrder>,
}

/// Whether a settlement counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Written.
    Done,
    /// The job had been taken over: nothing was written.
    TakenOver,
}

/// How much was taken from workers whose lease lapsed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rescued {
    /// Jobs queued again.
    pub jobs: u64,
    /// Callbacks queued again.
    pub callbacks: u64,
}
