//! Migrations, and the check that a process makes before it starts.

use std::path::Path;

use sqlx::Row as _;
use sqlx::migrate::{Migrate as _, MigrateError, Migrator};
use sqlx::sqlite::SqlitePool;
use wxgate_secret::{Keyring, Secret};

use crate::error::StoreError;
use crate::sealing::{self, CHECK_TEXT};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// Brings the schema up to date and stores the key's check value; makes the file if there is none.
///
/// # Errors
/// As [`super::SqliteStore::open`]; nothing is changed when the key is not the one used so far.
pub async fn migrate(path: &Path, keys: &Keyring) -> Result<(), StoreError> {
    let pool = super::pool(path, 1).await?;
    MIGRATIONS.run(&pool).await.map_err(of_migrating)?;
    seal_check_value(&pool, keys).await?;
    check(&pool, keys).await?;
    pool.close().await;
    Ok(())
}

fn of_migrating(error: MigrateError) -> StoreError {
    match error {
        MigrateError::VersionMissing(version) => newer(version),
        MigrateError::Execute(error) => StoreError::of_statement(error),
        other => StoreError::Schema(format!("the schema cannot be brought up to date: {other}")),
    }
}

fn newer(version: i64) -> StoreError {
    StoreError::Schema(format!(
        "the database was migrated by a newer wxgate (its schema has version {version}); run that version or a newer one"
    ))
}

async fn seal_check_value(pool: &SqlitePool, keys: &Keyring) -> Result<(), StoreError> {
    let sealed = sealing::seal(keys, "meta", "key_check", "sealed", &Secret::new(CHECK_TEXT));
    sqlx::query("INSERT INTO meta (name, value, sealed) VALUES ('key_check', 0, $1) ON CONFLICT DO NOTHING")
        .bind(sealed)
        .execute(pool)
        .await
        .map_err(StoreError::of_statement)?;
    Ok(())
}

/// Whether schema and key are those of this process.
pub(super) async fn check(pool: &SqlitePool, keys: &Keyring) -> Result<(), StoreError> {
    check_version(pool).await?;
    let row = sqlx::query("SELECT sealed FROM meta WHERE name = 'key_check'").fetch_optional(pool).await;
    let sealed: Option<Vec<u8>> = match row.map_err(StoreError::of_connecting)? {
        Some(row) => row.try_get("sealed").map_err(StoreError::of_statement)?,
        None => None,
    };
    let Some(sealed) = sealed else { return Err(outdated()) };
    sealing::open(keys, "meta", "key_check", "sealed", &sealed).map(drop).map_err(|error| {
        StoreError::Schema(format!(
            "WXGATE_SECRET_KEY is not the key that this database was set up with ({error}); give that key, \
             or a list that contains it"
        ))
    })
}

async fn check_version(pool: &SqlitePool) -> Result<(), StoreError> {
    let mut connection = pool.acquire().await.map_err(StoreError::of_connecting)?;
    let table = MIGRATIONS.table_name.as_ref();
    let applied = match connection.list_applied_migrations(table).await {
        Ok(applied) => applied,
        Err(MigrateError::Execute(sqlx::Error::Database(_))) => return Err(outdated()),
        Err(error) => return Err(of_migrating(error)),
    };
    let known = |version| MIGRATIONS.iter().any(|migration| migration.version == version);
    if let Some(strange) = applied.iter().find(|applied| !known(applied.version)) {
        return Err(newer(strange.version));
    }
    if applied.len() < MIGRATIONS.iter().count() {
        return Err(outdated());
    }
    Ok(())
}

fn outdated() -> StoreError {
    StoreError::Schema(
        "the database's schema is missing or older than this version; run 'wxgate migrate'".to_owned(),
    )
}
