//! What operators look at and mend.

use std::time::Duration;

use sqlx::postgres::PgPool;
use wxgate_job::{JobId, Kind, millis};

use crate::error::StoreError;
use crate::model::callback::CallbackId;
use crate::model::status::{CallbackDetail, JobDetail, JobView};
use crate::rows::{self, CallbackRow, DetailRow, ViewRow};

pub(super) async fn latest(
    pool: &PgPool,
    client: &str,
    kind: &Kind,
    subject: &str,
) -> Result<Option<JobView>, StoreError> {
    let row: Option<ViewRow> = sqlx::query_as(
        "SELECT id, client_code, app_id, kind, jobs.state, jobs.attempts, jobs.created_at, jobs.updated_at, jobs.due_at,
                result, error_code, error_errcode, error_message,
                -- A callback to come has no row yet.
                coalesce(callback.state, CASE WHEN callback_url IS NOT NULL THEN 'queued' END) AS callback_state,
                callback.attempts AS callback_attempts, callback.last_status AS callback_last_status
         FROM jobs LEFT JOIN LATERAL (
             SELECT state, attempts, last_status FROM callbacks WHERE job_id = id ORDER BY updated_at DESC LIMIT 1
         ) AS callback ON true
         WHERE subject = $1 AND client_code = $2 AND kind = $3 ORDER BY id DESC LIMIT 1",
    )
    .bind(subject)
    .bind(client)
    .bind(kind.as_str())
    .fetch_optional(pool)
    .await
    .map_err(StoreError::of_statement)?;
    row.map(TryInto::try_into).transpose()
}

pub(super) async fn job(pool: &PgPool, id: JobId) -> Result<Option<JobDetail>, StoreError> {
    let row: Option<DetailRow> = sqlx::query_as(
        "SELECT *, NULL::text AS callback_state, NULL::int AS callback_attempts, NULL::int AS callback_last_status
         FROM jobs WHERE id = $1",
    )
    .bind(id.get())
    .fetch_optional(pool)
    .await
    .map_err(StoreError::of_statement)?;
    let callbacks: Vec<CallbackRow> =
        sqlx::query_as("SELECT * FROM callbacks WHERE job_id = $1 ORDER BY seq")
            .bind(id.get())
            .fetch_all(pool)
            .await
            .map_err(StoreError::of_statement)?;
    let callbacks = rows::decode(callbacks)?;
    row.map(|row| row.into_detail(callbacks)).transpose()
}

pub(super) async fn retry_job(
    pool: &PgPool,
    id: JobId,
    unchanged_since: Option<i64>,
) -> Result<bool, StoreError> {
    let retried = sqlx::query(
        "UPDATE jobs SET state = 'queued', due_at = now, updated_at = now, deadline_at = now + 86400000, expires = false,
             attempts = 0, ambiguous_at = NULL,
             -- A failed job begins anew, a waiting one goes on from where it was; a follower goes its own way.
             result = CASE WHEN state = 'waiting' THEN result END, msgid = CASE WHEN state = 'waiting' THEN msgid END,
             report = CASE WHEN state = 'waiting' AND leader IS NULL THEN report END,
             awaited = CASE WHEN state = 'waiting' THEN awaited END,
             leader = NULL
         FROM now_ms() AS now WHERE id = $1 AND state IN ('failed', 'waiting')
           AND ($2::bigint IS NULL OR updated_at = $2)",
    )
    .bind(id.get())
    .bind(unchanged_since)
    .execute(pool)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(retried.rows_affected() == 1)
}

pub(super) async fn prune(pool: &PgPool, age: Duration, limit: u32) -> Result<u64, StoreError> {
    let pruned = sqlx::query(
        "WITH old AS (
             SELECT id FROM jobs
             WHERE state IN ('succeeded', 'failed', 'cancelled') AND updated_at < (SELECT now_ms() - $1)
               AND NOT EXISTS (SELECT FROM callbacks WHERE job_id = id AND state IN ('queued', 'running'))
               -- Its followers have yet to learn of its end.
               AND (sharing IS NULL OR NOT EXISTS (
                   SELECT FROM jobs AS follower
                   WHERE follower.leader = jobs.id AND follower.leader IS NOT NULL AND follower.report IS NULL
                     AND follower.state = 'waiting'))
             ORDER BY updated_at LIMIT $2),
         told AS (DELETE FROM callbacks USING old WHERE job_id = old.id)
         DELETE FROM jobs USING old WHERE jobs.id = old.id",
    )
    .bind(millis(age))
    .bind(i64::from(limit))
    .execute(pool)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(pruned.rows_affected())
}

pub(super) async fn exhausted_callbacks(
    pool: &PgPool,
    before: Option<CallbackId>,
    limit: u32,
) -> Result<Vec<CallbackDetail>, StoreError> {
    let rows: Vec<CallbackRow> = sqlx::query_as(
        "SELECT * FROM callbacks WHERE state = 'exhausted' AND (job_id, seq) < ($1, $2)
         ORDER BY job_id DESC, seq DESC LIMIT $3",
    )
    .bind(before.map_or(i64::MAX, |before| before.job.get()))
    .bind(before.map_or(i32::MAX, |before| before.seq))
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await
    .map_err(StoreError::of_statement)?;
    rows::decode(rows)
}
