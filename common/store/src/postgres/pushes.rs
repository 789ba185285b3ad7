//! Pushes that came already.

use sqlx::postgres::{PgExecutor, PgPool};

use super::forget_old;
use crate::error::StoreError;

/// How long a push is remembered.
const KEPT_MS: i64 = 86_400_000;

pub(super) async fn knows(pool: &PgPool, app: &str, digest: [u8; 16]) -> Result<bool, StoreError> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pushes WHERE app_id = $1 AND digest = $2 AND noted_at > now_ms() - $3)",
    )
    .bind(app)
    .bind(digest.as_slice())
    .bind(KEPT_MS)
    .fetch_one(pool)
    .await
    .map_err(StoreError::of_statement)
}

pub(super) async fn note(
    executor: impl PgExecutor<'_>,
    app: &str,
    digest: [u8; 16],
) -> Result<bool, StoreError> {
    let new = sqlx::query(
        "INSERT INTO pushes (app_id, digest, noted_at) VALUES ($1, $2, now_ms())
         ON CONFLICT (app_id, digest) DO UPDATE SET noted_at = excluded.noted_at
         WHERE pushes.noted_at <= excluded.noted_at - $3",
    )
    .bind(app)
    .bind(digest.as_slice())
    .bind(KEPT_MS)
    .execute(executor)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(new.rows_affected() == 1)
}

pub(super) const FORGET: &str = "DELETE FROM pushes WHERE (app_id, digest) IN (
    SELECT app_id, digest FROM pushes WHERE noted_at <= (SELECT now_ms() - $1) ORDER BY noted_at LIMIT $2)";

pub(super) async fn forget(pool: &PgPool, limit: u32) -> Result<u64, StoreError> {
    forget_old(pool, FORGET, KEPT_MS, limit).await
}
