//! The embedded store: one SQLite file, one writer, readers beside it (WAL). Every commit is on
//! disk before it is answered (`synchronous = FULL`).
//!
//! A batch is one statement for many rows ([`values`]): a statement for each row would cost a hand-over
//! to the database's thread each time. Lists of ids travel as one JSON text.

mod callbacks;
mod gates;
mod insight;
mod intake;
mod leases;
mod once;
mod operate;
#[cfg(test)]
mod plans;
mod platforms;
mod pushes;
mod receipts;
mod resealing;
mod schema;
mod search;
mod settings;
mod sharing;
mod short_links;
mod springboards;
mod status;
mod store;
mod tallies;
mod tokens;
mod values;
mod waiting;
mod work;

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{Connection as _, Sqlite, Transaction};
use wxgate_secret::Keyring;

use crate::error::StoreError;

pub use schema::migrate;

/// Connections for reading; a read takes well under a millisecond.
const READERS: u32 = 4;

/// How long a verb waits for its turn to write. Callers are told 503 after it.
const WAIT_FOR_TURN: Duration = Duration::from_secs(5);

/// The embedded store.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    /// A pool of one, so that writers of this process queue here instead of trying their luck with
    /// the file's lock.
    writer: SqlitePool,
    readers: SqlitePool,
    keys: Keyring,
}

impl SqliteStore {
    /// Opens an existing file whose schema is of this version.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it cannot be opened, [`StoreError::Schema`] when the schema
    /// is older or newer or the key is not the one used so far: each says what to do.
    pub async fn open(path: &Path, keys: Keyring) -> Result<Self, StoreError> {
        let store = Self { writer: pool(path, 1).await?, readers: pool(path, READERS).await?, keys };
        schema::check(&store.readers, &store.keys).await?;
        Ok(store)
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

async fn pool(path: &Path, connections: u32) -> Result<SqlitePool, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(WAIT_FOR_TURN)
        .foreign_keys(false);
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(WAIT_FOR_TURN)
        .test_before_acquire(false)
        .after_release(|connection, _| Box::pin(is_of_further_use(connection)))
        .connect_with(options)
        .await
        .map_err(StoreError::of_connecting)
}

/// SQLite ends a transaction by itself when its disk is full or fails (its documentation of transactions, section 3). The
/// rollback that follows then fails for want of one, and sqlx, which believes itself in a transaction for ever,
/// begins no other on that connection.
async fn is_of_further_use(connection: &mut SqliteConnection) -> sqlx::Result<bool> {
    if connection.is_in_transaction() {
        // Its rollback may still be on the way.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

/// Begins to write. `IMMEDIATE` takes the file's lock now: a transaction that began by reading and
/// found the file changed meanwhile would fail half-way.
async fn begin(writer: &SqlitePool) -> Result<Transaction<'static, Sqlite>, StoreError> {
    writer.begin_with("BEGIN IMMEDIATE").await.map_err(StoreError::of_connecting)
}

/// Makes what was written durable.
async fn commit(transaction: Transaction<'static, Sqlite>) -> Result<(), StoreError> {
    transaction.commit().await.map_err(StoreError::of_statement)
}

/// A list as one JSON text.
fn json(rows: &impl serde::Serialize) -> String {
    // Only maps with keys that are no strings cannot be written, and there are none.
    serde_json::to_string(rows).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    const WRITE: &str = "INSERT INTO notes VALUES (zeroblob(100000))";

    #[tokio::test]
    async fn after_a_full_disk_there_is_writing_again() {
        let folder = tempfile::tempdir().unwrap();
        let writer = pool(&folder.path().join("notes.db"), 1).await.unwrap();
        sqlx::query("CREATE TABLE notes (note BLOB)").execute(&writer).await.unwrap();
        // Of this connection alone: the next one has room.
        sqlx::query("PRAGMA max_page_count = 4").execute(&writer).await.unwrap();

        let mut transaction = begin(&writer).await.unwrap();
        let full = sqlx::query(WRITE).execute(&mut *transaction).await.unwrap_err();
        assert!(full.to_string().contains("full"), "{full}");
        drop(transaction);

        let mut transaction = begin(&writer).await.unwrap();
        sqlx::query(WRITE).execute(&mut *transaction).await.unwrap();
        commit(transaction).await.unwrap();
    }
}
