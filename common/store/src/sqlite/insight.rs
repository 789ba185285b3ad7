//! Failures by cause, and what is to be done. Both go from one group or lane straight to the next.

use sqlx::sqlite::SqlitePool;

use super::next::{NEXT_CAUSE, NEXT_LANE};
use crate::clock::now_ms;
use crate::error::StoreError;
use crate::insight::{
    CAUSES, COUNTED, FAILURES_COUNTED, FailuresRow, LANES, LaneCounts, LaneRow, counted, counted_per_lane,
};
use crate::model::insight::{Backlog, FailureGroup, LaneBacklog};
use crate::rows;

pub(super) const OF_CAUSE: &str = "
    SELECT count(*) FROM (
        SELECT 1 FROM jobs
        WHERE state = 'failed' AND error_code = $1 AND cause = $2 AND app_id = $3 AND kind = $4
        LIMIT $5)";

pub(super) async fn failures(readers: &SqlitePool, limit: u32) -> Result<Vec<FailureGroup>, StoreError> {
    let mut groups = causes(readers).await.map_err(StoreError::of_statement)?;
    groups.sort_unstable_by_key(|group| std::cmp::Reverse(group.id));
    groups.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    for group in &mut groups {
        group.number = sqlx::query_scalar(OF_CAUSE)
            .bind(&group.error_code)
            .bind(group.errcode)
            .bind(&group.app_id)
            .bind(&group.kind)
            .bind(FAILURES_COUNTED)
            .fetch_one(readers)
            .await
            .map_err(StoreError::of_statement)?;
    }
    rows::decode(groups)
}

async fn causes(readers: &SqlitePool) -> Result<Vec<FailuresRow>, sqlx::Error> {
    let mut causes: Vec<FailuresRow> = Vec::new();
    for _ in 0..CAUSES {
        let last = causes.last();
        let next = sqlx::query_as(NEXT_CAUSE.as_str())
            .bind(last.map_or("", |last| &last.error_code))
            .bind(last.map_or(i64::MIN, |last| last.errcode))
            .bind(last.map_or("", |last| &last.app_id))
            .bind(last.map_or("", |last| &last.kind))
            .fetch_optional(readers)
            .await?;
        let Some(next) = next else { break };
        causes.push(next);
    }
    Ok(causes)
}

pub(super) const IN_LANE: &str = "
    SELECT (SELECT count(*) FROM (
                SELECT 1 FROM jobs
                WHERE state IN ('queued', 'waiting') AND client_code = $1 AND app_id = $2 AND kind = $3 AND due_at <= $4
                LIMIT $5)) AS due,
           count(*) AS later, count(*) FILTER (WHERE state = 'waiting') AS waiting
    FROM (
        SELECT state FROM jobs
        WHERE state IN ('queued', 'waiting') AND client_code = $1 AND app_id = $2 AND kind = $3 AND due_at > $4
        LIMIT $5)";

pub(super) const OTHERS: &str = "
    SELECT (SELECT count(*) FROM (SELECT 1 FROM jobs WHERE state = 'running' LIMIT $1)),
           (SELECT count(*) FROM (SELECT 1 FROM callbacks WHERE state = 'queued' LIMIT $1)),
           (SELECT count(*) FROM (SELECT 1 FROM callbacks WHERE state = 'exhausted' LIMIT $1))";

pub(super) async fn backlog(readers: &SqlitePool) -> Result<Backlog, StoreError> {
    let limit = usize::try_from(LANES).unwrap_or(usize::MAX);
    let now = now_ms();
    let mut open = open_lanes(readers, now).await.map_err(StoreError::of_statement)?;
    let more_lanes = open.len() > limit;
    open.truncate(limit);
    let lanes = in_lanes(readers, open).await.map_err(StoreError::of_statement)?;
    let (running, queued, exhausted): (i64, i64, i64) =
        sqlx::query_as(OTHERS).bind(COUNTED).fetch_one(readers).await.map_err(StoreError::of_statement)?;
    let longest_due = super::callbacks::due_endpoints(readers).await?.iter().map(|it| it.due_at).min();
    Ok(Backlog {
        lanes,
        more_lanes,
        running: counted(COUNTED, running),
        callbacks: counted(COUNTED, queued),
        callbacks_longest_due_ms: longest_due.map(|due_at| (now - due_at).max(0)),
        exhausted: counted(COUNTED, exhausted),
    })
}

async fn open_lanes(readers: &SqlitePool, now: i64) -> Result<Vec<LaneRow>, sqlx::Error> {
    let mut lanes: Vec<LaneRow> = Vec::new();
    for _ in 0..=LANES {
        let last = lanes.last();
        let next = sqlx::query_as(NEXT_LANE.as_str())
            .bind(last.map_or("", |last| &last.client_code))
            .bind(last.map_or("", |last| &last.app_id))
            .bind(last.map_or("", |last| &last.kind))
            .bind(now)
            .fetch_optional(readers)
            .await?;
        let Some(next) = next else { break };
        lanes.push(next);
    }
    Ok(lanes)
}

async fn in_lanes(readers: &SqlitePool, lanes: Vec<LaneRow>) -> Result<Vec<LaneBacklog>, sqlx::Error> {
    let cap = counted_per_lane(lanes.len());
    let mut counted = Vec::with_capacity(lanes.len());
    for lane in lanes {
        let counts: LaneCounts = sqlx::query_as(IN_LANE)
            .bind(&lane.client_code)
            .bind(&lane.app_id)
            .bind(&lane.kind)
            .bind(lane.now)
            .bind(cap)
            .fetch_one(readers)
            .await?;
        counted.push(lane.backlog(cap, counts));
    }
    Ok(counted)
}
