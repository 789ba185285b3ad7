//! What was counted, by minutes.

use sqlx::sqlite::SqlitePool;

use super::json;
use crate::clock::now_ms;
use crate::error::StoreError;
use crate::insight::TallyRow;
use crate::model::insight::Tally;
use crate::rows;

pub(super) async fn add(writer: &SqlitePool, tallies: &[Tally]) -> Result<(), StoreError> {
    let rows: Vec<(i64, &str, &str, u64)> = tallies
        .iter()
        .map(|tally| (tally.minute, tally.series.as_str(), tally.kind.as_str(), tally.count))
        .collect();
    sqlx::query(
        // Without WHERE, SQLite would take ON CONFLICT for a part of a join.
        "INSERT INTO tallies (minute, series, kind, count)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each($1) WHERE true
         ON CONFLICT (minute, series, kind) DO UPDATE SET count = tallies.count + excluded.count",
    )
    .bind(json(&rows))
    .execute(writer)
    .await
    .map(drop)
    .map_err(StoreError::of_statement)
}

pub(super) async fn since(readers: &SqlitePool, minute: i64) -> Result<Vec<Tally>, StoreError> {
    let rows: Vec<TallyRow> =
        sqlx::query_as("SELECT * FROM tallies WHERE minute >= $1 ORDER BY minute, series, kind")
            .bind(minute)
            .fetch_all(readers)
            .await
            .map_err(StoreError::of_statement)?;
    rows::decode(rows)
}

pub(super) async fn forget(writer: &SqlitePool, limit: u32) -> Result<u64, StoreError> {
    let forgotten = sqlx::query(
        "DELETE FROM tallies WHERE (minute, series, kind) IN (
             SELECT minute, series, kind FROM tallies WHERE minute < $1 ORDER BY minute LIMIT $2)",
    )
    .bind(now_ms() / 60_000 - 2880)
    .bind(limit)
    .execute(writer)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(forgotten.rows_affected())
}
