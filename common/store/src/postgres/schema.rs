//! Migrations, and the check that a process makes before it starts.

use std::time::Duration;

use sqlx::migrate::{Migrate as _, Migrator};
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tokio::time::sleep;
use wxgate_secret::{Keyring, Secret};

use crate::error::StoreError;
use crate::schema::{self, SchemaState, check_key, check_value, check_version, of_migrating};

/// Between two looks whether another process has migrated.
const TURN_EVERY: Duration = Duration::from_millis(200);

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// Brings the schema up to date and stores the key's check value. Safe to run from several
/// processes at once: they take turns.
///
/// # Errors
/// As [`super::PostgresStore::open`]; nothing is changed when the key is not the one used so far.
pub async fn migrate(url: &Secret, keys: &Keyring) -> Result<(), StoreError> {
    let pool = super::pool(url)?;
    refuse_wrong_key(&pool, keys).await?;
    apply(&pool, &MIGRATIONS).await?;
    store_check_value(&pool, keys).await?;
    check(&pool, keys).await?;
    pool.close().await;
    Ok(())
}

async fn apply(pool: &PgPool, migrations: &Migrator) -> Result<(), StoreError> {
    let mut connection = pool.acquire().await.map_err(StoreError::of_connecting)?.detach();
    // An index over millions of jobs takes longer than any other statement may.
    connection.execute("SET statement_timeout = 0").await.map_err(StoreError::of_connecting)?;
    take_turn(&mut connection).await.map_err(StoreError::of_connecting)?;
    drop_half_built(&mut connection).await.map_err(StoreError::of_statement)?;
    migrations.run(&mut connection).await.map_err(of_migrating)?;
    // Gives the turn back as well.
    connection.close().await.map_err(StoreError::of_connecting)
}

/// Waits until no other process migrates, without a statement that waits: an index that is built while
/// others work waits for every statement that began before it.
async fn take_turn(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    // "wxgate" in ASCII.
    while !sqlx::query_scalar("SELECT pg_try_advisory_lock(x'777867617465'::bigint)")
        .fetch_one(&mut *connection)
        .await?
    {
        sleep(TURN_EVERY).await;
    }
    Ok(())
}

/// An index whose building was cut off is there, written to, and never read: it is built anew.
async fn drop_half_built(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let half_built: Vec<String> = sqlx::query_scalar(
        "SELECT format('DROP INDEX CONCURRENTLY %s', indexrelid::regclass)
         FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
         WHERE NOT indisvalid AND relnamespace = current_schema()::regnamespace",
    )
    .fetch_all(&mut *connection)
    .await?;
    for drop in half_built {
        connection.execute(AssertSqlSafe(drop)).await?;
    }
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
