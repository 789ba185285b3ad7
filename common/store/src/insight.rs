//! How far is looked and counted for operators, so that it costs milliseconds however much there is; and
//! the rows that both dialects return.

use sqlx::FromRow;
use wxgate_job::{Kind, Lane};

use crate::error::StoreError;
use crate::model::insight::{Count, FailureGroup, LaneBacklog, Series, Tally, TokenView};
use crate::rows::{job_id, undecodable};
use crate::token_record;

/// Causes of failures that are looked at.
pub(crate) const CAUSES: u32 = 1000;

/// Failed jobs of one cause that are counted.
pub(crate) const FAILURES_COUNTED: i64 = 1000;

/// Lanes that are looked at.
pub(crate) const LANES: u32 = 1000;

/// Jobs that are counted in all lanes together, those due and the others.
const COUNTED_IN_LANES: usize = 20_000;

/// Running jobs, queued and exhausted callbacks that are counted.
pub(crate) const COUNTED: i64 = 10_000;

/// The newest failed job of a cause, and how many there are.
#[derive(FromRow)]
pub(crate) struct FailuresRow {
    pub(crate) error_code: String,
    pub(crate) errcode: i64,
    pub(crate) app_id: String,
    pub(crate) kind: String,
    pub(crate) id: i64,
    updated_at: i64,
    error_errcode: Option<i64>,
    error_message: Option<String>,
    #[sqlx(default)]
    pub(crate) number: i64,
}

impl TryFrom<FailuresRow> for FailureGroup {
    type Error = StoreError;

    fn try_from(row: FailuresRow) -> Result<Self, StoreError> {
        Ok(Self {
            code: row.error_code,
            errcode: row.error_errcode,
            app_id: row.app_id,
            kind: Kind::stored(row.kind),
            jobs: counted(FAILURES_COUNTED, row.number),
            newest: job_id(row.id)?,
            newest_at: row.updated_at,
            message: row.error_message.unwrap_or_default(),
        })
    }
}

/// A lane with open jobs, and when the longest due of them was or will be due.
#[derive(FromRow)]
pub(crate) struct LaneRow {
    pub(crate) client_code: String,
    pub(crate) app_id: String,
    pub(crate) kind: String,
    due_at: i64,
    /// As of when.
    pub(crate) now: i64,
}

/// What was counted in a lane.
#[derive(Clone, Copy, Default, FromRow)]
pub(crate) struct LaneCounts {
    pub(crate) due: i64,
    /// Queued ones and waiting ones.
    pub(crate) later: i64,
    pub(crate) waiting: i64,
}

impl LaneRow {
    /// With what was counted up to `cap`.
    pub(crate) fn backlog(self, cap: i64, counts: LaneCounts) -> LaneBacklog {
        let not_due = |number| Count { capped: counts.later >= cap, ..counted(cap, number) };
        LaneBacklog {
            lane: Lane { client: self.client_code, app: self.app_id, kind: Kind::stored(self.kind) },
            due: counted(cap, counts.due),
            later: not_due(counts.later - counts.waiting),
            waiting: not_due(counts.waiting),
            longest_due_ms: (self.due_at <= self.now).then_some(self.now - self.due_at),
        }
    }
}

/// How many jobs are counted in each of so many lanes.
pub(crate) fn counted_per_lane(lanes: usize) -> i64 {
    i64::try_from(COUNTED_IN_LANES / lanes.max(1)).unwrap_or(i64::MAX)
}

/// What a count up to `cap` came to.
pub(crate) fn counted(cap: i64, number: i64) -> Count {
    Count { number: u64::try_from(number).unwrap_or_default(), capped: number >= cap }
}

/// A row of `tallies`.
#[derive(FromRow)]
pub(crate) struct TallyRow {
    minute: i64,
    series: String,
    kind: String,
    count: i64,
}

impl TryFrom<TallyRow> for Tally {
    type Error = StoreError;

    fn try_from(row: TallyRow) -> Result<Self, StoreError> {
        let series = Series::parse(&row.series).ok_or_else(|| {
            undecodable("tallies", &row.minute.to_string(), format!("unknown series '{}'", row.series))
        })?;
        let count = u64::try_from(row.count).unwrap_or_default();
        Ok(Self { minute: row.minute, series, kind: Kind::stored(row.kind), count })
    }
}

/// The tallies in the order of their key, so that processes which add to the same ones do not wait for each
/// other in a circle.
pub(crate) fn in_order(tallies: &[Tally]) -> Vec<&Tally> {
    let mut sorted: Vec<&Tally> = tallies.iter().collect();
    sorted
        .sort_unstable_by_key(|tally| (tally.minute, tally.series.as_str(), tally.kind.as_str().to_owned()));
    sorted
}

/// What is told of a row of `tokens`.
#[derive(FromRow)]
pub(crate) struct TokenRow {
    app_id: String,
    kind: String,
    held: bool,
    stored_at: i64,
    renew_at: i64,
    valid_until: i64,
    day: i64,
    refreshes: i64,
    now: i64,
}

impl From<TokenRow> for TokenView {
    fn from(row: TokenRow) -> Self {
        let refreshes = if row.day == token_record::day(row.now) { row.refreshes } else { 0 };
        Self {
            app_id: row.app_id,
            kind: row.kind,
            held: row.held,
            stored_at: row.stored_at,
            renew_at: row.renew_at,
            valid_until: row.valid_until,
            refreshes_today: u64::try_from(refreshes).unwrap_or_default(),
        }
    }
}
