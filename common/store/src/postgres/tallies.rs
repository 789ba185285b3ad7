//! What was counted, by minutes.

use sqlx::postgres::PgPool;

use super::forget_old;
use crate::error::StoreError;
use crate::insight::{TallyRow, in_order};
use crate::model::insight::Tally;
use crate::rows;

pub(super) async fn add(pool: &PgPool, tallies: &[Tally]) -> Result<(), StoreError> {
    let tallies = in_order(tallies);
    sqlx::query(
        "INSERT INTO tallies (minute, series, kind, count)
         SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[])
         ON CONFLICT (minute, series, kind) DO UPDATE SET count = tallies.count + excluded.count",
    )
    .bind(tallies.iter().map(|tally| tally.minute).collect::<Vec<_>>())
    .bind(tallies.iter().map(|tally| tally.series.as_str()).collect::<Vec<_>>())
    .bind(tallies.iter().map(|tally| tally.kind.as_str()).collect::<Vec<_>>())
    .bind(tallies.iter().map(|tally| i64::try_from(tally.count).unwrap_or(i64::MAX)).collect::<Vec<_>>())
    .execute(pool)
    .await
    .map(drop)
    .map_err(StoreError::of_statement)
}

pub(super) async fn since(pool: &PgPool, minute: i64) -> Result<Vec<Tally>, StoreError> {
    let rows: Vec<TallyRow> =
        sqlx::query_as("SELECT * FROM tallies WHERE minute >= $1 ORDER BY minute, series, kind")
            .bind(minute)
            .fetch_all(pool)
            .await
            .map_err(StoreError::of_statement)?;
    rows::decode(rows)
}

pub(super) async fn forget(pool: &PgPool, limit: u32) -> Result<u64, StoreError> {
    let forget = "DELETE FROM tallies WHERE (minute, series, kind) IN (
        SELECT minute, series, kind FROM tallies WHERE minute < (SELECT (now_ms() - $1) / 60000)
        ORDER BY minute LIMIT $2)";
    forget_old(pool, forget, 2 * 86_400_000, limit).await
}
