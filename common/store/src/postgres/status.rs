//! Jobs as callers see them, and their cancelling.

use sqlx::postgres::{PgConnection, PgPool};
use wxgate_job::JobId;

use super::begin;
use crate::endpoint::endpoint_of;
use crate::error::StoreError;
use crate::model::status::{Cancellation, JobView};
use crate::rows::{self, ViewRow};

pub(super) async fn views(pool: &PgPool, ids: &[JobId]) -> Result<Vec<JobView>, StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    let rows: Vec<ViewRow> = sqlx::query_as(
        "SELECT id, client_code, app_id, kind, jobs.state, jobs.attempts, jobs.created_at, jobs.updated_at, jobs.due_at,
                result, error_code, error_errcode, error_message,
                -- A callback to come has no row yet.
                coalesce(callback.state, CASE WHEN callback_url IS NOT NULL THEN 'queued' END) AS callback_state,
                callback.attempts AS callback_attempts, callback.last_status AS callback_last_status
         FROM jobs LEFT JOIN LATERAL (
             SELECT state, attempts, last_status FROM callbacks WHERE job_id = id ORDER BY updated_at DESC LIMIT 1
         ) AS callback ON true
         WHERE id = ANY($1)",
    )
    .bind(ids)
    .fetch_all(pool)
    .await
    .map_err(StoreError::of_statement)?;
    rows::decode(rows)
}

pub(super) async fn cancel(
    pool: &PgPool,
    client: Option<&str>,
    job: JobId,
) -> Result<Cancellation, StoreError> {
    let mut transaction = begin(pool).await.map_err(StoreError::of_connecting)?;
    let cancelled = cancel_in(&mut transaction, client, job).await.map_err(StoreError::of_statement)?;
    transaction.commit().await.map_err(StoreError::of_statement)?;
    let view = views(pool, &[job]).await?.pop();
    let owned = view.filter(|view| client.is_none_or(|client| view.lane.client == client));
    Ok(match owned.map(Box::new) {
        None => Cancellation::NotFound,
        Some(view) if cancelled || view.state == wxgate_job::JobState::Cancelled => {
            Cancellation::Cancelled(view)
        }
        Some(view) => Cancellation::TooLate(view),
    })
}

async fn cancel_in(
    connection: &mut PgConnection,
    client: Option<&str>,
    job: JobId,
) -> Result<bool, sqlx::Error> {
    let cancelled: Option<(Option<String>, i32)> = sqlx::query_as(
        "UPDATE jobs SET state = 'cancelled', claim = claim + 1, updated_at = now_ms()
         WHERE id = $1 AND ($2::text IS NULL OR client_code = $2) AND state = 'queued' AND ambiguous_at IS NULL
           AND result IS NULL
         RETURNING callback_url, claim",
    )
    .bind(job.get())
    .bind(client)
    .fetch_optional(&mut *connection)
    .await?;
    if let Some((Some(url), claim)) = &cancelled {
        sqlx::query(
            "INSERT INTO callbacks (job_id, seq, url, endpoint, state, created_at, updated_at, due_at)
             SELECT $1, $4, $2, $3, 'queued',
                    now, now, now
             FROM now_ms() AS now",
        )
        .bind(job.get())
        .bind(url)
        .bind(endpoint_of(url))
        .bind(claim)
        .execute(connection)
        .await?;
    }
    Ok(cancelled.is_some())
}
