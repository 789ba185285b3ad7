//! Pushes that came already.

use sqlx::sqlite::{SqliteExecutor, SqlitePool};

use crate::clock::now_ms;
use crate::error::StoreError;

/// How long a push is remembered.
const KEPT_MS: i64 = 86_400_000;

pub(super) async fn knows(pool: &SqlitePool, app: &str, digest: [u8; 16]) -> Result<bool, StoreError> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM pushes WHERE app_id = $1 AND digest = $2 AND noted_at > $3)",
    )
    .bind(app)
    .bind(digest.as_slice())
    .bind(now_ms() - KEPT_MS)
    .fetch_one(pool)
    .await
    .map_err(StoreError::of_statement)
}

pub(super) async fn note(
    executor: impl SqliteExecutor<'_>,
    app: &str,
    digest: [u8; 16],
) -> Result<bool, StoreError> {
    let new = sqlx::query(
        "INSERT INTO pushes (app_id, digest, noted_at) VALUES ($1, $2, $3)
         ON CONFLICT (app_id, digest) DO UPDATE SET noted_at = excluded.noted_at
         WHERE pushes.noted_at <= excluded.noted_at - $4",
    )
    .bind(app)
    .bind(digest.as_slice())
    .bind(now_ms())
    .bind(KEPT_MS)
    .execute(executor)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(new.rows_affected() == 1)
}

pub(super) async fn forget(writer: &SqlitePool, limit: u32) -> Result<u64, StoreError> {
    let forgotten = sqlx::query(
        "DELETE FROM pushes WHERE (app_id, digest) IN (
             SELECT app_id, digest FROM pushes WHERE noted_at <= $1 ORDER BY noted_at LIMIT $2)",
    )
    .bind(now_ms() - KEPT_MS)
    .bind(limit)
    .execute(writer)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(forgotten.rows_affected())
}
