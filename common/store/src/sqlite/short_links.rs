//! Short links.

use sqlx::sqlite::SqlitePool;

use super::write_one;
use crate::clock::now_ms;
use crate::error::StoreError;
use crate::model::short_link::ShortLink;

/// An id that is there already is this call's own, whose answer got lost: ids are random.
pub(super) async fn put(writer: &SqlitePool, link: &ShortLink) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO short_links (id, client_code, out_id, target, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
    )
    .bind(&link.id)
    .bind(&link.client)
    .bind(&link.out_id)
    .bind(&link.target)
    .bind(now_ms())
    .execute(writer)
    .await
    .map(drop)
    .map_err(StoreError::of_statement)
}

pub(super) async fn retarget(
    writer: &SqlitePool,
    client: &str,
    id: &str,
    target: &str,
) -> Result<bool, StoreError> {
    let moved = sqlx::query("UPDATE short_links SET target = $3 WHERE id = $1 AND client_code = $2")
        .bind(id)
        .bind(client)
        .bind(target)
        .execute(writer)
        .await
        .map_err(StoreError::of_statement)?;
    Ok(moved.rows_affected() == 1)
}

pub(super) async fn visit(writer: &SqlitePool, id: &str) -> Result<Option<String>, StoreError> {
    let visit = sqlx::query_as("UPDATE short_links SET visits = visits + 1 WHERE id = $1 RETURNING target");
    Ok(write_one(writer, visit.bind(id)).await?.map(|(target,)| target))
}

pub(super) async fn target(readers: &SqlitePool, id: &str) -> Result<Option<String>, StoreError> {
    sqlx::query_scalar("SELECT target FROM short_links WHERE id = $1")
        .bind(id)
        .fetch_optional(readers)
        .await
        .map_err(StoreError::of_statement)
}

pub(super) async fn visits(readers: &SqlitePool, id: &str) -> Result<Option<u64>, StoreError> {
    let visits: Option<i64> = sqlx::query_scalar("SELECT visits FROM short_links WHERE id = $1")
        .bind(id)
        .fetch_optional(readers)
        .await
        .map_err(StoreError::of_statement)?;
    Ok(visits.map(i64::cast_unsigned))
}
