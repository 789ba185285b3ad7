//! Whether a database is of this version and was set up with this key: what both dialects say of it.

use sqlx::migrate::{AppliedMigration, MigrateError, Migrator};
use wxgate_secret::{Keyring, Secret};

use crate::error::StoreError;
use crate::sealing;

/// A schema that this version works with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// Its own.
    Current,
    /// That of a newer version, up to this migration. A process that was started before goes on working.
    Newer(i64),
}

/// What the check value holds; opening it proves that the key is the one used before.
const CHECK_TEXT: &str = "wxgate";

/// What is stored at the first migration, to tell a wrong key later.
pub(crate) fn check_value(keys: &Keyring) -> Vec<u8> {
    sealing::seal(keys, "meta", "key_check", "sealed", &Secret::new(CHECK_TEXT))
}

/// Whether the stored check value opens.
pub(crate) fn check_key(keys: &Keyring, stored: Option<&[u8]>) -> Result<(), StoreError> {
    let stored = stored.ok_or_else(outdated)?;
    sealing::open(keys, "meta", "key_check", "sealed", stored).map(drop).map_err(|error| {
        StoreError::Schema(format!(
            "WXGATE_SECRET_KEY is not the key that this database was set up with ({error}); give that key, \
             or a list that contains it"
        ))
    })
}

/// Whether just the migrations of this version have been applied.
pub(crate) fn check_version(
    migrations: &Migrator,
    applied: Result<Vec<AppliedMigration>, MigrateError>,
) -> Result<(), StoreError> {
    match state(migrations, applied)? {
        SchemaState::Current => Ok(()),
        SchemaState::Newer(version) => Err(newer(version)),
    }
}

/// Which migrations have been applied, seen from this version.
pub(crate) fn state(
    migrations: &Migrator,
    applied: Result<Vec<AppliedMigration>, MigrateError>,
) -> Result<SchemaState, StoreError> {
    let applied = match applied {
        Ok(applied) => applied,
        // There is no list of them: nothing was migrated yet.
        Err(MigrateError::Execute(sqlx::Error::Database(_))) => return Err(outdated()),
        Err(error) => return Err(of_migrating(error)),
    };
    let known = |version| migrations.iter().any(|migration| migration.version == version);
    if let Some(strange) = applied.iter().find(|applied| !known(applied.version)) {
        return Ok(SchemaState::Newer(strange.version));
    }
    if applied.len() < migrations.iter().count() {
        return Err(outdated());
    }
    Ok(SchemaState::Current)
}

/// Why migrating failed, with what to do.
pub(crate) fn of_migrating(error: MigrateError) -> StoreError {
    match error {
        MigrateError::VersionMissing(version) => newer(version),
        MigrateError::Execute(error) => StoreError::of_statement(error),
        other => StoreError::Schema(format!("the schema cannot be brought up to date: {other}")),
    }
}

fn newer(version: i64) -> StoreError {
    StoreError::Schema(format!(
        "the database was migrated by a newer wxgate (its schema has version {version}); run that version or a \
         newer one"
    ))
}

fn outdated() -> StoreError {
    StoreError::Schema(
        "the database's schema is missing or older than this version; run 'wxgate migrate'".to_owned(),
    )
}
