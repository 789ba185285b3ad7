//! How the gateway stands.

use serde::Serialize;
use wxgate_store::clock::now_ms;
use wxgate_store::model::insight::{Backlog, Count, LaneBacklog};

use super::super::chart::{Bucket, Chart, DAY, HOUR};
use super::super::trouble::Trouble;
use super::super::{Console, mass::MassView};
use super::AppShown;
use crate::operator::Readiness;

/// Lanes told one by one, the longest waiting first.
const LANES: usize = 20;

/// How the gateway stands.
#[derive(Debug, Serialize)]
pub(crate) struct Overview {
    pub(crate) readiness: Readiness,
    pub(crate) backlog: BacklogShown,
    pub(crate) last_hour: Sums,
    pub(crate) last_day: Sums,
    pub(crate) apps: Vec<AppShown>,
    pub(crate) tasks: Vec<MassView>,
    /// Minutes since 1970.
    #[serde(skip)]
    pub(crate) minute: i64,
    #[serde(skip)]
    pub(crate) hour: Vec<Bucket>,
    #[serde(skip)]
    pub(crate) day: Vec<Bucket>,
}

/// A number that may have been counted no further.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Counted {
    pub(crate) number: u64,
    /// It may be more.
    pub(crate) capped: bool,
}

/// What is to be done.
#[derive(Debug, Serialize)]
pub(crate) struct BacklogShown {
    pub(crate) due: Counted,
    pub(crate) later: Counted,
    pub(crate) running: Counted,
    pub(crate) waiting: Counted,
    /// For how long the longest due job has been (s).
    pub(crate) longest_due_s: Option<i64>,
    pub(crate) callbacks: Counted,
    pub(crate) callbacks_longest_due_s: Option<i64>,
    pub(crate) exhausted: Counted,
    pub(crate) lanes: Vec<LaneShown>,
}

/// What is to be done in one lane.
#[derive(Debug, Serialize)]
pub(crate) struct LaneShown {
    pub(crate) client: String,
    pub(crate) app: String,
    pub(crate) kind: String,
    pub(crate) due: Counted,
    pub(crate) later: Counted,
    pub(crate) waiting: Counted,
    pub(crate) longest_due_s: Option<i64>,
}

/// What happened in a stretch of time.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Sums {
    pub(crate) accepted: u64,
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
}

impl Console {
    /// How the gateway stands now.
    pub(crate) async fn overview(&self) -> Result<Overview, Trouble> {
        let minute = now_ms() / 60_000;
        let operator = self.operator.clone();
        let readiness = self.at_home(async move { Readiness::of(&operator).await }).await?;
        let from = DAY.first_minute(minute);
        let (backlog, tallies) =
            self.ask(|store| async move { Ok((store.backlog().await?, store.tallies(from).await?)) }).await?;
        let (hour, day) = (HOUR.buckets(minute, &tallies), DAY.buckets(minute, &tallies));
        Ok(Overview {
            readiness,
            backlog: BacklogShown::of(&backlog),
            last_hour: Sums::of(&hour),
            last_day: Sums::of(&day),
            apps: self.apps().await?,
            tasks: self.masses.views(),
            minute,
            hour,
            day,
        })
    }
}

impl Counted {
    pub(crate) const NONE: Self = Self { number: 0, capped: false };
}

impl From<Count> for Counted {
    fn from(count: Count) -> Self {
        Self { number: count.number, capped: count.capped }
    }
}

impl std::fmt::Display for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.number, if self.capped { "+" } else { "" })
    }
}

impl BacklogShown {
    fn of(backlog: &Backlog) -> Self {
        let mut lanes: Vec<_> = backlog.lanes.iter().map(LaneShown::of).collect();
        lanes.sort_by_key(|lane| std::cmp::Reverse((lane.longest_due_s, lane.due.number)));
        lanes.truncate(LANES);
        Self {
            due: backlog.due().into(),
            later: backlog.later().into(),
            running: backlog.running.into(),
            waiting: backlog.waiting().into(),
            longest_due_s: backlog.longest_due_ms().map(|ms| ms / 1000),
            callbacks: backlog.callbacks.into(),
            callbacks_longest_due_s: backlog.callbacks_longest_due_ms.map(|ms| ms / 1000),
            exhausted: backlog.exhausted.into(),
            lanes,
        }
    }
}

impl LaneShown {
    fn of(backlog: &LaneBacklog) -> Self {
        Self {
            client: backlog.lane.client.clone(),
            app: backlog.lane.app.clone(),
            kind: backlog.lane.kind.to_string(),
            due: backlog.due.into(),
            later: backlog.later.into(),
            waiting: backlog.waiting.into(),
            longest_due_s: backlog.longest_due_ms.map(|ms| ms / 1000),
        }
    }
}

impl Sums {
    fn of(buckets: &[Bucket]) -> Self {
        let Bucket { accepted, succeeded, failed } = Chart::of(buckets).sum;
        Self { accepted, succeeded, failed }
    }
}
