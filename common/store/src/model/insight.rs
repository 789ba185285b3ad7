//! What operators look at: pages of jobs, failures by cause, what is to be done, what was done, tokens.

use wxgate_job::{JobId, Kind, Lane};

use super::status::JobView;

/// One page of a search for jobs.
#[derive(Clone, Debug, Default)]
pub struct JobPage {
    /// The jobs that pass, newest first.
    pub jobs: Vec<JobView>,
    /// Set when the search ended with the page not full, since it had looked at as many jobs as it may:
    /// it goes on below this id.
    pub searched_to: Option<JobId>,
}

impl JobPage {
    /// Where the next page begins, as [`super::operate::JobFilter::before`]; `None`: this was the last.
    /// `limit` is that of this page.
    #[must_use]
    pub fn next(&self, limit: u32) -> Option<JobId> {
        if self.jobs.len() < usize::try_from(limit).unwrap_or(usize::MAX) {
            return self.searched_to;
        }
        self.jobs.last().map(|job| job.id)
    }
}

/// How many there are, counted no further than is cheap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// As many as were counted.
    pub number: u64,
    /// Counting stopped there: it may be more.
    pub capped: bool,
}

impl Count {
    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { number: self.number + other.number, capped: self.capped || other.capped }
    }
}

/// Failed jobs of one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureGroup {
    /// What kind of failure it was, as in [`wxgate_job::Failure::code`].
    pub code: String,
    /// WeChat's code, if it gave one.
    pub errcode: Option<i64>,
    /// The app.
    pub app_id: String,
    /// The kind of job.
    pub kind: Kind,
    /// How many.
    pub jobs: Count,
    /// The newest by id.
    pub newest: JobId,
    /// When that one failed (Unix milliseconds).
    pub newest_at: i64,
    /// What was said of that one.
    pub message: String,
}

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// What is open in each lane, by lane.
    pub lanes: Vec<LaneBacklog>,
    /// There are more lanes than these.
    pub more_lanes: bool,
    /// Jobs that a worker holds.
    pub running: Count,
    /// Callbacks that no worker holds.
    pub callbacks: Count,
    /// For how long the longest due of these has been (ms).
    pub callbacks_longest_due_ms: Option<i64>,
    /// Callbacks given up.
    pub exhausted: Count,
}

/// What is to be done in one lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneBacklog {
    /// The lane.
    pub lane: Lane,
    /// Jobs that could run now; of waiting ones those whose wait is over.
    pub due: Count,
    /// Queued jobs whose time has not come.
    pub later: Count,
    /// Jobs that wait for somebody outside.
    pub waiting: Count,
    /// For how long the longest due has been (ms).
    pub longest_due_ms: Option<i64>,
}

impl Backlog {
    /// Of all lanes: jobs that could run now.
    #[must_use]
    pub fn due(&self) -> Count {
        self.sum(|lane| lane.due)
    }

    /// Of all lanes: queued jobs whose time has not come.
    #[must_use]
    pub fn later(&self) -> Count {
        self.sum(|lane| lane.later)
    }

    /// Of all lanes: jobs that wait for somebody outside.
    #[must_use]
    pub fn waiting(&self) -> Count {
        self.sum(|lane| lane.waiting)
    }

    /// For how long the longest due job of all has been (ms).
    #[must_use]
    pub fn longest_due_ms(&self) -> Option<i64> {
        self.lanes.iter().filter_map(|lane| lane.longest_due_ms).max()
    }

    fn sum(&self, of: impl Fn(&LaneBacklog) -> Count) -> Count {
        let none = Count { number: 0, capped: self.more_lanes };
        self.lanes.iter().fold(none, |sum, lane| sum.and(of(lane)))
    }
}

/// What is counted for charts. Names are stored: never rename or reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Series {
    /// Jobs accepted.
    Accepted,
    /// Jobs that succeeded.
    Succeeded,
    /// Jobs that failed.
    Failed,
    /// Jobs taken back.
    Cancelled,
    /// Attempts that another one follows.
    Retried,
    /// Callbacks delivered.
    Delivered,
    /// Callbacks given up.
    Exhausted,
}

impl Series {
    /// All series.
    pub const ALL: [Self; 7] = [
        Self::Accepted,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
        Self::Retried,
        Self::Delivered,
        Self::Exhausted,
    ];

    /// The name as stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Retried => "retried",
            Self::Delivered => "delivered",
            Self::Exhausted => "exhausted",
        }
    }

    /// Reads a name; `None` when there is no such one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }
}

/// How many of one series and kind there were in one minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Minutes since 1970, by the clock of the process that counted.
    pub minute: i64,
    /// What was counted.
    pub series: Series,
    /// Of which kind of job.
    pub kind: Kind,
    /// How many.
    pub count: u64,
}

/// How a token stands; its value is not told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenView {
    /// The app, or the third-party platform.
    pub app_id: String,
    /// Which of its tokens, as [`wxgate_token::TokenKind::as_str`] names it.
    pub kind: String,
    /// There is one; otherwise its times mean nothing.
    pub held: bool,
    /// Since when (Unix milliseconds).
    pub stored_at: i64,
    /// When it is to be renewed.
    pub renew_at: i64,
    /// When it ends.
    pub valid_until: i64,
    /// Refreshes begun on this day of Asia/Shanghai, by which WeChat counts too.
    pub refreshes_today: u64,
}
