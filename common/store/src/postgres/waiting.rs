//! News for jobs that wait for somebody outside.

use sqlx::postgres::PgPool;
use wxgate_job::{Awaited, Doorbell};

use super::{begin, receipts, sharing};
use crate::error::StoreError;
use crate::rows::doorbell;

pub(super) async fn report(
    pool: &PgPool,
    awaited: &Awaited,
    report: &str,
) -> Result<Option<Doorbell>, StoreError> {
    // When a running job was claimed is still needed: its rescue says so in the job's history.
    let told: Option<(i64, String, String, String)> = sqlx::query_as(
        "UPDATE jobs SET report = $2, report_claim = claim,
             due_at = CASE WHEN state = 'running' THEN due_at ELSE now END,
             updated_at = CASE WHEN state = 'running' THEN updated_at ELSE now END
         FROM now_ms() AS now WHERE awaited = $1 AND state IN ('queued', 'running', 'waiting')
         RETURNING id, client_code, app_id, kind",
    )
    .bind(&awaited.0)
    .bind(report)
    .fetch_optional(pool)
    .await
    .map_err(StoreError::of_statement)?;
    told.map(doorbell).transpose()
}

pub(super) async fn wake(pool: &PgPool, limit: u32) -> Result<u64, StoreError> {
    let mut transaction = begin(pool).await.map_err(StoreError::of_connecting)?;
    let woken = sharing::wake_followers(&mut transaction, limit).await.map_err(StoreError::of_statement)?
        + receipts::join_kept(&mut transaction, limit).await?;
    transaction.commit().await.map_err(StoreError::of_statement)?;
    Ok(woken)
}
