//! Migrations, and the check that a process makes before it starts.

use sqlx::migrate::{Migrate as _, Migrator};
use sqlx::postgres::{PgConnection, PgPool};
use wxgate_secret::{Keyring, Secret};

use crate::error::StoreError;
use crate::schema::{self, SchemaState, check_key, check_value, check_version, of_migrating};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// Brings the schema up to date and stores the key's check value. Safe to run from several
/// processes at once: they take turns.
///
/// # Errors
/// As [`super::PostgresStore::open`]; nothing is changed when the key is not the one used so far.
pub async fn migrate(url: &Secret, keys: &Keyring) -> Result<(), StoreError> {
    let pool = super::pool(url)?;
    refuse_wrong_key(&pool, keys).await?;
    let mut connection = pool.acquire().await.map_err(StoreError::of_connecting)?;
    // An index over millions of jobs takes longer than any other statement may.
    sqlx::query("SET statement_timeout = 0")
        .execute(&mut *connection)
        .await
        .map_err(StoreError::of_connecting)?;
    MIGRATIONS.run(&mut *connection).await.map_err(of_migrating)?;
    drop(connection);
    store_check_value(&pool, keys).await?;
    check(&pool, keys).await?;
    pool.close().await;
    Ok(())
}

async fn store_check_value(pool: &PgPool, keys: &Keyring) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO meta (name, value, sealed) VALUES ('key_check', 0, $1) ON CONFLICT DO NOTHING")
        .bind(check_value(keys))
        .execute(pool)
        .await
        .map(drop)
        .map_err(StoreError::of_statement)
}

/// Whether schema and key are those of this process.
pub(super) async fn check(pool: &PgPool, keys: &Keyring) -> Result<(), StoreError> {
    let mut connection = pool.acquire().await.map_err(StoreError::of_connecting)?;
    let applied = connection.list_applied_migrations(MIGRATIONS.table_name.as_ref()).await;
    check_version(&MIGRATIONS, applied)?;
    let stored = stored_check_value(&mut connection).await.map_err(StoreError::of_connecting)?;
    check_key(keys, stored.as_deref())
}

/// Which schema there is.
pub(super) async fn state(pool: &PgPool) -> Result<SchemaState, StoreError> {
    let mut connection = pool.acquire().await.map_err(StoreError::of_connecting)?;
    let applied = connection.list_applied_migrations(MIGRATIONS.table_name.as_ref()).await;
    schema::state(&MIGRATIONS, applied)
}

/// Before anything is changed. A database that has no check value yet takes any key.
async fn refuse_wrong_key(pool: &PgPool, keys: &Keyring) -> Result<(), StoreError> {
    let mut connection = pool.acquire().await.map_err(StoreError::of_connecting)?;
    match stored_check_value(&mut connection).await {
        Ok(Some(stored)) => check_key(keys, Some(&stored)),
        Ok(None) | Err(sqlx::Error::Database(_)) => Ok(()),
        Err(error) => Err(StoreError::of_connecting(error)),
    }
}

async fn stored_check_value(connection: &mut PgConnection) -> Result<Option<Vec<u8>>, sqlx::Error> {
    let stored: Option<Option<Vec<u8>>> =
        sqlx::query_scalar("SELECT sealed FROM meta WHERE name = 'key_check'")
            .fetch_optional(connection)
            .await?;
    Ok(stored.flatten())
}
