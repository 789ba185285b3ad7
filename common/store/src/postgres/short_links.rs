//! Short links.

use sqlx::postgres::PgPool;

use crate::error::StoreError;
use crate::model::short_link::ShortLink;

/// An id that is there already is this call's own, whose answer got lost: ids are random.
pub(super) async fn put(pool: &PgPool, link: &ShortLink) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO short_links (id, client_code, out_id, target, created_at) VALUES ($1, $2, $3, $4, now_ms())
         ON CONFLICT DO NOTHING",
    )
    .bind(&link.id)
    .bind(&link.client)
    .bind(&link.out_id)
    .bind(&link.target)
    .execute(pool)
    .await
    .map(drop)
    .map_err(StoreError::of_statement)
}

pub(super) async fn retarget(
    pool: &PgPool,
    client: &str,
    id: &str,
    target: &str,
) -> Result<bool, StoreError> {
    let moved = sqlx::query("UPDATE short_links SET target = $3 WHERE id = $1 AND client_code = $2")
        .bind(id)
        .bind(client)
        .bind(target)
        .execute(pool)
        .await
        .map_err(StoreError::of_statement)?;
    Ok(moved.rows_affected() == 1)
}

pub(super) async fn visit(pool: &PgPool, id: &str) -> Result<Option<String>, StoreError> {
    // Visitors of one link wait for each other until the count is committed. This commit, and no other,
    // does not wait for the disk: a crash may cost the last visits of a second.
    sqlx::query_scalar(
        "UPDATE short_links SET visits = visits + 1
         WHERE id = $1 AND set_config('synchronous_commit', 'off', true) = 'off' RETURNING target",
    )
    .bind(id)
    .fetch_optional(pool)
    .await
    .map_err(StoreError::of_statement)
}

pub(super) async fn target(pool: &PgPool, id: &str) -> Result<Option<String>, StoreError> {
    sqlx::query_scalar("SELECT target FROM short_links WHERE id = $1")
        .bind(id)
        .fetch_optional(pool)
        .await
        .map_err(StoreError::of_statement)
}

pub(super) async fn visits(pool: &PgPool, id: &str) -> Result<Option<u64>, StoreError> {
    let visits: Option<i64> = sqlx::query_scalar("SELECT visits FROM short_links WHERE id = $1")
        .bind(id)
        .fetch_optional(pool)
        .await
        .map_err(StoreError::of_statement)?;
    Ok(visits.map(i64::cast_unsigned))
}
