//! Leases of worker processes, and the rescue of what lapsed ones held.

use std::time::Duration;

use sqlx::sqlite::{SqliteConnection, SqlitePool};
use wxgate_job::millis;

use super::{begin, commit};
use crate::clock::now_ms;
use crate::error::StoreError;
use crate::model::work::{Rescued, WorkerId};
use crate::rows::LOST;

pub(super) async fn enlist(writer: &SqlitePool, name: &str, hold: Duration) -> Result<WorkerId, StoreError> {
    let mut transaction = begin(writer).await?;
    let id = enlist_in(&mut transaction, name, hold).await.map_err(StoreError::of_statement)?;
    commit(transaction).await?;
    Ok(id)
}

/// Ids come from a counter, so that none is ever used again: a row's own number would be.
async fn enlist_in(
    connection: &mut SqliteConnection,
    name: &str,
    hold: Duration,
) -> Result<WorkerId, sqlx::Error> {
    let id: i64 =
        sqlx::query_scalar("UPDATE meta SET value = value + 1 WHERE name = 'worker_ids' RETURNING value")
            .fetch_one(&mut *connection)
            .await?;
    let now = now_ms();
    sqlx::query("INSERT INTO workers (id, name, enlisted_at, lease_until) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(name)
        .bind(now)
        .bind(now + millis(hold))
        .execute(connection)
        .await?;
    Ok(WorkerId(id))
}

pub(super) async fn renew(writer: &SqlitePool, worker: WorkerId, hold: Duration) -> Result<bool, StoreError> {
    let renewed = sqlx::query("UPDATE workers SET lease_until = $2 WHERE id = $1")
        .bind(worker.0)
        .bind(now_ms() + millis(hold))
        .execute(writer)
        .await
        .map_err(StoreError::of_statement)?;
    Ok(renewed.rows_affected() == 1)
}

pub(super) async fn resign(writer: &SqlitePool, worker: WorkerId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM workers WHERE id = $1")
        .bind(worker.0)
        .execute(writer)
        .await
        .map_err(StoreError::of_statement)?;
    rescue(writer).await.map(drop)
}

/// Whatever runs under a lease that does not exist any more is queued again, at its old place.
pub(super) async fn rescue(writer: &SqlitePool) -> Result<Rescued, StoreError> {
    let mut transaction = begin(writer).await?;
    let rescued = rescue_in(&mut transaction).await.map_err(StoreError::of_statement)?;
    commit(transaction).await?;
    Ok(rescued)
}

async fn rescue_in(connection: &mut SqliteConnection) -> Result<Rescued, sqlx::Error> {
    let now = now_ms();
    sqlx::query("DELETE FROM workers WHERE lease_until < $1").bind(now).execute(&mut *connection).await?;
    let jobs = sqlx::query(
        "UPDATE jobs SET state = 'queued', worker = NULL, updated_at = $1, due_at = min(due_at, $1),
             ambiguous_at = coalesce(ambiguous_at, updated_at),
             history = history || '{\"at\":' || updated_at || $2 || char(10)
         WHERE state = 'running' AND NOT EXISTS (SELECT 1 FROM workers WHERE id = jobs.worker)",
    )
    .bind(now)
    .bind(LOST)
    .execute(&mut *connection)
    .await?;
    let callbacks = sqlx::query(
        "UPDATE callbacks SET state = 'queued', worker = NULL, updated_at = $1, due_at = min(due_at, $1),
             history = history || '{\"at\":' || updated_at || $2 || char(10)
         WHERE state = 'running' AND NOT EXISTS (SELECT 1 FROM workers WHERE id = callbacks.worker)",
    )
    .bind(now)
    .bind(LOST)
    .execute(connection)
    .await?;
    Ok(Rescued { jobs: jobs.rows_affected(), callbacks: callbacks.rows_affected() })
}
