//! A verified request on its way to become a job.

use wxgate_job::{JobId, Lane};

use super::work::WorkerId;

/// What a caller may present once: its authcode. Kept for fifteen minutes: `req_time`
/// may be off by five either way, and clocks differ, so that a request can never outlive the memory of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReplayKey {
    /// The caller.
    pub client: String,
    /// The authcode's bytes: 16 (MD5) or 32 (HMAC-SHA256).
    pub authcode: Vec<u8>,
}

/// The caller's own idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// `request_id`, at most 64 characters.
    pub id: String,
    /// Digest of the request's content, `req_time` aside.
    pub digest: [u8; 16],
}

/// A job to be stored.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Where it queues.
    pub lane: Lane,
    /// The authcode's bytes.
    pub authcode: Vec<u8>,
    /// Digest of interface, names and values: the same authcode with another one is another request.
    pub fingerprint: [u8; 16],
    /// What the kind's handler reads.
    pub payload: String,
    /// What people search for: the openid or the media id.
    pub subject: String,
    /// The caller's idempotency key, if it gave one.
    pub request: Option<RequestKey>,
    /// Where the result is posted.
    pub callback_url: Option<String>,
    /// Not before this time (Unix milliseconds); absent: at once.
    pub send_at: Option<i64>,
    /// Not after this time (Unix milliseconds); absent: 24 hours after it is due.
    pub expire_at: Option<i64>,
    /// Stay `waiting` until the receipt came.
    pub receipt: bool,
    /// Work that is done once for all who ask for it: while a job with the same `sharing` is under way,
    /// this one waits for its end and takes it over, at once when it had succeeded already. Unique over
    /// clients, so it names the client.
    pub sharing: Option<String>,
    /// Whom to claim it for in the commit that stores it. A store may leave that to a claim of its own; what is
    /// shared is never claimed so.
    pub worker: Option<WorkerId>,
}

impl NewJob {
    /// About how much memory it takes (bytes).
    #[must_use]
    pub fn size(&self) -> usize {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        size_of::<Self>()
            + self.payload.len()
            + self.subject.len()
            + length(&self.callback_url)
            + length(&self.sharing)
            + self.lane.client.len()
            + self.lane.app.len()
    }

    /// The key under which a repeat of this request is recognised.
    #[must_use]
    pub fn replay_key(&self) -> ReplayKey {
        ReplayKey { client: self.lane.client.clone(), authcode: self.authcode.clone() }
    }
}

/// A claim that was made in the commit that stored its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstClaim {
    /// When (Unix milliseconds).
    pub at: i64,
    /// Until when the job is tried (Unix milliseconds).
    pub deadline_at: i64,
}

/// What became of a request to store a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acceptance {
    /// Stored now.
    New(JobId),
    /// Stored now, and claimed for the worker that was named, with the claim's number 1.
    Claimed(JobId, FirstClaim),
    /// The same request, or one with the same `request_id` and content, was stored before.
    Repeated(JobId),
    /// The authcode belongs to another request.
    AuthcodeTaken,
    /// The `request_id` belongs to a request with other content.
    RequestIdTaken,
}
