//! News for jobs that wait for somebody outside.

use sqlx::sqlite::SqlitePool;
use wxgate_job::{Awaited, Doorbell};

use super::{SqliteStore, begin, commit, receipts, sharing, write_one};
use crate::clock::now_ms;
use crate::error::StoreError;
use crate::rows::doorbell;

pub(super) async fn report(
    writer: &SqlitePool,
    awaited: &Awaited,
    report: &str,
) -> Result<Option<Doorbell>, StoreError> {
    // When a running job was claimed is still needed: its rescue says so in the job's history.
    let report = sqlx::query_as::<_, (i64, String, String, String)>(
        "UPDATE jobs SET report = $2, report_claim = claim,
             due_at = iif(state = 'running', due_at, $3), updated_at = iif(state = 'running', updated_at, $3)
         WHERE awaited = $1 AND state IN ('queued', 'running', 'waiting')
         RETURNING id, client_code, app_id, kind",
    )
    .bind(&awaited.0)
    .bind(report)
    .bind(now_ms());
    write_one(writer, report).await?.map(doorbell).transpose()
}

pub(super) async fn wake(store: &SqliteStore, limit: u32) -> Result<u64, StoreError> {
    // Readers look first: the one writer is not to be held up for nothing.
    if !has_work(&store.readers).await.map_err(StoreError::of_statement)? {
        return Ok(0);
    }
    let mut transaction = begin(&store.writer).await?;
    let woken = sharing::wake_followers(&mut transaction, limit).await.map_err(StoreError::of_statement)?
        + receipts::join_kept(&mut transaction, limit).await?;
    commit(transaction).await?;
    Ok(woken)
}

async fn has_work(readers: &SqlitePool) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (
             SELECT 1 FROM jobs AS follower CROSS JOIN jobs AS leader ON leader.id = follower.leader
             WHERE follower.leader IS NOT NULL AND follower.report IS NULL AND follower.state = 'waiting'
               AND leader.state IN ('succeeded', 'failed', 'cancelled'))
         OR EXISTS (SELECT 1 FROM receipts WHERE look_at <= $1)",
    )
    .bind(now_ms())
    .fetch_one(readers)
    .await
}
