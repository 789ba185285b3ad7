//! Gates: what holds back an app's jobs.

use std::time::Duration;

use sqlx::sqlite::SqlitePool;
use wxgate_job::millis;

use super::begin;
use super::settings::commit_with_revision;
use crate::clock::now_ms;
use crate::error::StoreError;
use crate::model::operate::GateOrder;
use crate::rows::gate_reason;

pub(super) async fn close(writer: &SqlitePool, order: &GateOrder) -> Result<(), StoreError> {
    let mut transaction = begin(writer).await?;
    let now = now_ms();
    sqlx::query(
        "INSERT INTO gates (app_id, kind, reason, error_code, error_errcode, error_message, closed_at, next_probe_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (app_id, kind) DO UPDATE
         SET reason = excluded.reason, error_code = excluded.error_code, error_errcode = excluded.error_errcode,
             error_message = excluded.error_message, next_probe_at = excluded.next_probe_at",
    )
    .bind(&order.app_id)
    .bind(&order.kind)
    .bind(gate_reason(order.gate))
    .bind(&order.failure.code)
    .bind(order.failure.errcode)
    .bind(&order.failure.message)
    .bind(now)
    .bind(now + millis(order.probe_in))
    .execute(&mut *transaction)
    .await
    .map_err(StoreError::of_statement)?;
    commit_with_revision(transaction).await
}

pub(super) async fn probe(
    writer: &SqlitePool,
    app: &str,
    kind: &str,
    next: Duration,
) -> Result<bool, StoreError> {
    let mut transaction = begin(writer).await?;
    let now = now_ms();
    let taken = sqlx::query(
        "UPDATE gates SET next_probe_at = $3 WHERE app_id = $1 AND kind = $2 AND next_probe_at <= $4",
    )
    .bind(app)
    .bind(kind)
    .bind(now + millis(next))
    .bind(now)
    .execute(&mut *transaction)
    .await
    .map_err(StoreError::of_statement)?;
    if taken.rows_affected() == 0 {
        return Ok(false);
    }
    commit_with_revision(transaction).await?;
    Ok(true)
}

pub(super) async fn open(writer: &SqlitePool, app: &str, kind: &str) -> Result<bool, StoreError> {
    let mut transaction = begin(writer).await?;
    let opened = sqlx::query("DELETE FROM gates WHERE app_id = $1 AND kind = $2")
        .bind(app)
        .bind(kind)
        .execute(&mut *transaction)
        .await
        .map_err(StoreError::of_statement)?;
    if opened.rows_affected() == 0 {
        return Ok(false);
    }
    commit_with_revision(transaction).await?;
    Ok(true)
}
