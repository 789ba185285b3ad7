//! Key rotation.

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Row as _};
use wxgate_secret::Keyring;

use super::{PostgresStore, begin};
use crate::error::StoreError;
use crate::resealing::{SEALED, SealedColumn};

pub(super) async fn reseal(store: &PostgresStore, limit: u32) -> Result<u64, StoreError> {
    let mut transaction = begin(&store.pool).await.map_err(StoreError::of_connecting)?;
    let mut left = limit;
    for column in &SEALED {
        left -= reseal_column(&mut transaction, &store.keys, column, left).await?;
    }
    transaction.commit().await.map_err(StoreError::of_statement)?;
    Ok(u64::from(limit - left))
}

/// How many it was, `limit` at most.
async fn reseal_column(
    connection: &mut PgConnection,
    keys: &Keyring,
    column: &SealedColumn,
    limit: u32,
) -> Result<u32, StoreError> {
    let old = sqlx::query(AssertSqlSafe(column.select() + " FOR UPDATE"))
        .bind(keys.current_mark().as_slice())
        .bind(i64::from(limit))
        .fetch_all(&mut *connection)
        .await
        .map_err(StoreError::of_statement)?;
    let mut resealed = 0;
    for row in old {
        reseal_row(connection, keys, column, &row).await?;
        resealed += 1;
    }
    Ok(resealed)
}

async fn reseal_row(
    connection: &mut PgConnection,
    keys: &Keyring,
    column: &SealedColumn,
    row: &PgRow,
) -> Result<(), StoreError> {
    let id: Vec<String> = (0..column.id_parts()).map(|part| row.get(part)).collect();
    let value: Vec<u8> = row.get(column.id_parts());
    let mut update = sqlx::query(AssertSqlSafe(column.update())).bind(column.reseal(keys, &id, &value)?);
    for part in id {
        update = update.bind(part);
    }
    update.execute(connection).await.map(drop).map_err(StoreError::of_statement)
}
