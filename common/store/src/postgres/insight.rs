//! Failures by cause, and what is to be done. Both go from one group or lane straight to the next.

use sqlx::postgres::PgPool;

use crate::error::StoreError;
use crate::insight::{
    CAUSES, COUNTED, FAILURES_COUNTED, FailuresRow, LANES, LaneCounts, LaneRow, counted, counted_per_lane,
};
use crate::model::insight::{Backlog, FailureGroup};
use crate::rows;

/// $1: causes looked at, $2: how many of them are answered, $3: how far each is counted.
pub(super) const FAILURES: &str = "
    WITH RECURSIVE causes AS (
        (SELECT error_code, coalesce(error_errcode, 0) AS errcode, app_id, kind FROM jobs WHERE state = 'failed'
         ORDER BY error_code, coalesce(error_errcode, 0), app_id, kind LIMIT 1)
        UNION ALL
        SELECT next.* FROM causes, LATERAL (
            SELECT error_code, coalesce(error_errcode, 0), app_id, kind FROM jobs
            WHERE state = 'failed' AND (error_code, coalesce(error_errcode, 0), app_id, kind)
                                     > (causes.error_code, causes.errcode, causes.app_id, causes.kind)
            ORDER BY error_code, coalesce(error_errcode, 0), app_id, kind LIMIT 1) AS next),
    newest AS (
        SELECT causes.*, job.id, job.updated_at, job.error_errcode, job.error_message
        FROM (SELECT * FROM causes LIMIT $1) AS causes, LATERAL (
            SELECT id, updated_at, error_errcode, error_message FROM jobs
            WHERE state = 'failed' AND error_code = causes.error_code AND coalesce(error_errcode, 0) = causes.errcode
              AND app_id = causes.app_id AND kind = causes.kind
            ORDER BY id DESC LIMIT 1) AS job
        ORDER BY job.id DESC LIMIT $2)
    SELECT newest.*, same.number FROM newest, LATERAL (
        SELECT count(*) AS number FROM (
            SELECT FROM jobs
            WHERE state = 'failed' AND error_code = newest.error_code AND coalesce(error_errcode, 0) = newest.errcode
              AND app_id = newest.app_id AND kind = newest.kind
            LIMIT $3) AS counted) AS same
    ORDER BY id DESC";

pub(super) async fn failures(pool: &PgPool, limit: u32) -> Result<Vec<FailureGroup>, StoreError> {
    let rows: Vec<FailuresRow> = sqlx::query_as(FAILURES)
        .bind(i64::from(CAUSES))
        .bind(i64::from(limit))
        .bind(FAILURES_COUNTED)
        .fetch_all(pool)
        .await
        .map_err(StoreError::of_statement)?;
    rows::decode(rows)
}

/// $1: lanes looked at.
pub(super) const OPEN_LANES: &str = "
    WITH RECURSIVE lanes AS (
        (SELECT client_code, app_id, kind, due_at FROM jobs WHERE state IN ('queued', 'waiting')
         ORDER BY client_code, app_id, kind, due_at LIMIT 1)
        UNION ALL
        SELECT next.* FROM lanes, LATERAL (
            SELECT client_code, app_id, kind, due_at FROM jobs
            WHERE state IN ('queued', 'waiting')
              AND (client_code, app_id, kind) > (lanes.client_code, lanes.app_id, lanes.kind)
            ORDER BY client_code, app_id, kind, due_at LIMIT 1) AS next)
    SELECT client_code, app_id, kind, due_at, now_ms() AS now FROM lanes LIMIT $1";

/// $1 to $4: lanes and as of when, $5: how far each is counted.
pub(super) const IN_LANES: &str = "
    SELECT due.number AS due, later.number AS later, later.waiting
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) WITH ORDINALITY AS lane (client, app, kind, now, place),
    LATERAL (
        SELECT count(*) AS number FROM (
            SELECT FROM jobs
            WHERE state IN ('queued', 'waiting') AND client_code = lane.client AND app_id = lane.app
              AND jobs.kind = lane.kind AND due_at <= lane.now
            LIMIT $5) AS counted) AS due,
    LATERAL (
        SELECT count(*) AS number, count(*) FILTER (WHERE state = 'waiting') AS waiting FROM (
            SELECT state FROM jobs
            WHERE state IN ('queued', 'waiting') AND client_code = lane.client AND app_id = lane.app
              AND jobs.kind = lane.kind AND due_at > lane.now
            LIMIT $5) AS counted) AS later
    ORDER BY place";

/// $1: how far is counted.
pub(super) const OTHERS: &str = "
    SELECT (SELECT count(*) FROM (SELECT FROM jobs WHERE state = 'running' LIMIT $1) AS running),
           (SELECT count(*) FROM (SELECT FROM callbacks WHERE state = 'queued' LIMIT $1) AS queued),
           (SELECT count(*) FROM (SELECT FROM callbacks WHERE state = 'exhausted' LIMIT $1) AS exhausted),
           now_ms()";

pub(super) async fn backlog(pool: &PgPool) -> Result<Backlog, StoreError> {
    let limit = usize::try_from(LANES).unwrap_or(usize::MAX);
    let mut lanes: Vec<LaneRow> = sqlx::query_as(OPEN_LANES)
        .bind(i64::from(LANES) + 1)
        .fetch_all(pool)
        .await
        .map_err(StoreError::of_statement)?;
    let more_lanes = lanes.len() > limit;
    lanes.truncate(limit);
    let cap = counted_per_lane(lanes.len());
    let counts = in_lanes(pool, &lanes, cap).await?;
    let (running, queued, exhausted, now): (i64, i64, i64, i64) =
        sqlx::query_as(OTHERS).bind(COUNTED).fetch_one(pool).await.map_err(StoreError::of_statement)?;
    let longest_due = super::callbacks::due_endpoints(pool).await?.iter().map(|it| it.due_at).min();
    Ok(Backlog {
        lanes: lanes.into_iter().zip(counts).map(|(lane, counts)| lane.backlog(cap, counts)).collect(),
        more_lanes,
        running: counted(COUNTED, running),
        callbacks: counted(COUNTED, queued),
        callbacks_longest_due_ms: longest_due.map(|due_at| (now - due_at).max(0)),
        exhausted: counted(COUNTED, exhausted),
    })
}

async fn in_lanes(pool: &PgPool, lanes: &[LaneRow], cap: i64) -> Result<Vec<LaneCounts>, StoreError> {
    sqlx::query_as(IN_LANES)
        .bind(lanes.iter().map(|lane| lane.client_code.as_str()).collect::<Vec<_>>())
        .bind(lanes.iter().map(|lane| lane.app_id.as_str()).collect::<Vec<_>>())
        .bind(lanes.iter().map(|lane| lane.kind.as_str()).collect::<Vec<_>>())
        .bind(lanes.iter().map(|lane| lane.now).collect::<Vec<_>>())
        .bind(cap)
        .fetch_all(pool)
        .await
        .map_err(StoreError::of_statement)
}
