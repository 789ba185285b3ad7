//! What there is at one moment: the store, the queue, WeChat, and what each process knows.

/// Everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// The caller's request and its repeat.
    pub requests: [Request; 2],
    /// Jobs stored for it.
    pub rows: u8,
    /// The job, as stored.
    pub job: Job,
    /// The callback, as stored.
    pub callback: Callback,
    /// A doorbell is in the queue.
    pub rung: bool,
    pub workers: [Worker; 2],
    pub wechat: WeChat,
    /// Time since the first attempt of unknown effect.
    pub window: Window,
    /// How many faults have happened.
    pub faults: u8,
    /// A worker whose claim was over has changed the job.
    pub stale_settled: bool,
}

/// A request on its way through an intake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Request {
    #[default]
    NotSent,
    /// Verified, and not yet stored.
    Read,
    /// The caller has a number, and nothing is stored; only without the rule that forbids it.
    Promised,
    /// Stored, and the caller does not know.
    Stored,
    /// The caller has its job's number.
    Answered,
    /// The intake died, or the connection: the caller knows nothing.
    Lost,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Job {
    pub phase: Phase,
    /// Grows with every claim: the token of the last one.
    pub claim: u8,
    /// An attempt may have taken effect without our knowing.
    pub ambiguous: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Phase {
    #[default]
    Absent,
    Queued,
    /// By this worker in this life of it.
    Running(Holder),
    Final,
}

/// A worker, and which of its leases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Holder {
    pub worker: usize,
    pub lease: u8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Callback {
    #[default]
    Absent,
    Due,
    Claimed(Holder),
    Delivered,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Worker {
    /// The number of its lease; an older one has lapsed.
    pub lease: u8,
    pub doing: Doing,
    /// A request of its has been written and has not reached WeChat, whatever became of the worker.
    pub on_the_wire: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Doing {
    #[default]
    Nothing,
    Dead,
    /// Claimed the job; WeChat was not asked yet.
    Holding(Claim),
    /// Waits for WeChat.
    Asking(Claim),
    /// Knows what became of its attempt, and has to write it down.
    Knowing(Claim, Verdict),
    /// Wrote the job's end without its callback; only without the rule that both are one commit.
    Ended,
    /// Posts the callback.
    Posting,
}

/// A claim, under one lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    pub token: u8,
    pub lease: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// WeChat did it, now or before.
    Done,
    /// WeChat was busy and certainly did nothing.
    Busy,
    /// Nobody knows.
    Unknown,
    /// Not asked: nobody knows of an earlier attempt, and WeChat would soon not know a repeat.
    GivenUp,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct WeChat {
    /// It remembers the message's `client_msg_id`.
    pub remembers: bool,
    /// Messages that the user got, since WeChat began to remember.
    pub sent_in_window: u8,
    /// Messages that the user got at all.
    pub sent: u8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Window {
    /// WeChat knows a repeat for at least a minute.
    #[default]
    Open,
    /// Nine minutes are over: no more repeats on the strength of it.
    Closing,
    /// Ten minutes are over: WeChat has forgotten.
    Closed,
}
