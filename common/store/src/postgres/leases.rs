//! Leases of worker processes, and the rescue of what lapsed ones held.

use std::time::Duration;

use sqlx::postgres::{PgConnection, PgPool};
use wxgate_job::millis;

use super::begin;
use crate::error::StoreError;
use crate::model::work::{Rescued, WorkerId};
use crate::rows::LOST;

pub(super) async fn enlist(pool: &PgPool, name: &str, hold: Duration) -> Result<WorkerId, StoreError> {
    sqlx::query_scalar(
        "INSERT INTO workers (name, enlisted_at, lease_until)
         SELECT $1, now, now + $2 FROM now_ms() AS now RETURNING id",
    )
    .bind(name)
    .bind(millis(hold))
    .fetch_one(pool)
    .await
    .map(WorkerId)
    .map_err(StoreError::of_statement)
}

pub(super) async fn renew(pool: &PgPool, worker: WorkerId, hold: Duration) -> Result<bool, StoreError> {
    let renewed = sqlx::query("UPDATE workers SET lease_until = now_ms() + $2 WHERE id = $1")
        .bind(worker.0)
        .bind(millis(hold))
        .execute(pool)
        .await
        .map_err(StoreError::of_statement)?;
    Ok(renewed.rows_affected() == 1)
}

pub(super) async fn resign(pool: &PgPool, worker: WorkerId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM workers WHERE id = $1")
        .bind(worker.0)
        .execute(pool)
        .await
        .map_err(StoreError::of_statement)?;
    rescue(pool).await.map(drop)
}

/// Whatever runs under a lease that does not exist any more is queued again, at its old place: it is due for as
/// long as it was, and goes before what came later. Looking for the lease
/// rather than going by a list of lapsed ones also finds what a claim left behind that was
/// committed just after its worker had been struck off.
pub(super) async fn rescue(pool: &PgPool) -> Result<Rescued, StoreError> {
    let mut transaction = begin(pool).await.map_err(StoreError::of_connecting)?;
    let rescued = rescue_in(&mut transaction).await.map_err(StoreError::of_statement)?;
    transaction.commit().await.map_err(StoreError::of_statement)?;
    Ok(rescued)
}

async fn rescue_in(connection: &mut PgConnection) -> Result<Rescued, sqlx::Error> {
    sqlx::query("DELETE FROM workers WHERE lease_until < now_ms()").execute(&mut *connection).await?;
    let jobs = sqlx::query(
        "UPDATE jobs SET state = 'queued', worker = NULL, updated_at = now, due_at = least(due_at, now),
             ambiguous_at = coalesce(ambiguous_at, updated_at),
             history = history || '{\"at\":' || updated_at || $1 || chr(10)
         FROM now_ms() AS now
         WHERE state = 'running' AND NOT EXISTS (SELECT FROM workers WHERE id = jobs.worker)",
    )
    .bind(LOST)
    .execute(&mut *connection)
    .await?;
    let callbacks = sqlx::query(
        "UPDATE callbacks SET state = 'queued', worker = NULL, updated_at = now, due_at = least(due_at, now),
             history = history || '{\"at\":' || updated_at || $1 || chr(10)
         FROM now_ms() AS now
         WHERE state = 'running' AND NOT EXISTS (SELECT FROM workers WHERE id = callbacks.worker)",
    )
    .bind(LOST)
    .execute(connection)
    .await?;
    Ok(Rescued { jobs: jobs.rows_affected(), callbacks: callbacks.rows_affected() })
}
