//! Gates: what holds back an app's jobs.

use std::time::Duration;

use sqlx::postgres::PgPool;
use wxgate_job::millis;

use crate::error::StoreError;
use crate::model::operate::GateOrder;
use crate::rows::gate_reason;

pub(super) async fn close(pool: &PgPool, order: &GateOrder) -> Result<(), StoreError> {
    sqlx::query(
        "WITH changed AS (UPDATE meta SET value = value + 1 WHERE name = 'revision')
         INSERT INTO gates (app_id, kind, reason, error_code, error_errcode, error_message, closed_at, next_probe_at)
         SELECT $1, $2, $3, $4, $5, $6, now, now + $7 FROM now_ms() AS now
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
    .bind(millis(order.probe_in))
    .execute(pool)
    .await
    .map(drop)
    .map_err(StoreError::of_statement)
}

pub(super) async fn probe(pool: &PgPool, app: &str, kind: &str, next: Duration) -> Result<bool, StoreError> {
    let taken = sqlx::query(
        "UPDATE gates SET next_probe_at = now + $3 FROM now_ms() AS now
         WHERE app_id = $1 AND kind = $2 AND next_probe_at <= now",
    )
    .bind(app)
    .bind(kind)
    .bind(millis(next))
    .execute(pool)
    .await
    .map_err(StoreError::of_statement)?;
    if taken.rows_affected() == 1 {
        super::settings::bump_revision(pool).await?;
    }
    Ok(taken.rows_affected() == 1)
}

pub(super) async fn open(pool: &PgPool, app: &str, kind: &str) -> Result<bool, StoreError> {
    let opened = sqlx::query(
        "WITH opened AS (DELETE FROM gates WHERE app_id = $1 AND kind = $2 RETURNING 1)
         UPDATE meta SET value = value + 1 WHERE name = 'revision' AND EXISTS (SELECT FROM opened)",
    )
    .bind(app)
    .bind(kind)
    .execute(pool)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(opened.rows_affected() == 1)
}
