//! The embedded store: one SQLite file, one writer, readers beside it (WAL). Every commit is on
//! disk before it is answered (`synchronous = FULL`).
//!
//! What a verb of every job's life does is one [`batch`] of statements for many rows: a statement for each row would
//! cost a hand-over to the database's thread each time. Lists of ids travel as one JSON text.

mod batch;
mod callbacks;
mod commits;
mod gates;
mod ids;
mod insight;
mod intake;
mod leases;
mod next;
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
mod waiting;
mod work;

use std::path::Path;
use std::time::Duration;

use sqlx::query::{Query, QueryAs};
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool,
    SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Connection as _, FromRow, Row as _, Sqlite, Transaction};
use wxgate_secret::Keyring;

use self::commits::Commits;
use self::ids::Ids;
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
    /// Where the verbs of every job's life share commits on that one.
    commits: Commits,
    ids: Ids,
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
        let writer = pool(path, 1).await?;
        let commits =
            Commits::start(writer.clone()).map_err(|error| StoreError::of_connecting(error.into()))?;
        let ids = Ids::new(writer.clone());
        let store = Self { writer, commits, ids, readers: pool(path, READERS).await?, keys };
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
        // The task with which sqlx would close old and idle ones can run for ever (its issue 3645), and these do not age.
        .idle_timeout(None)
        .max_lifetime(None)
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

/// What a statement tells that writes one row at most, and is a transaction of its own. `fetch_optional` would go no
/// further than to the row, and hear nothing of a commit that fails after it, for want of room on the disk.
async fn write_one<T>(
    writer: &SqlitePool,
    statement: QueryAs<'_, Sqlite, T, SqliteArguments>,
) -> Result<Option<T>, StoreError>
where
    T: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
{
    Ok(statement.fetch_all(writer).await.map_err(StoreError::of_statement)?.pop())
}

/// What the first statement of several tells; all of them are executed.
async fn told(
    connection: &mut SqliteConnection,
    statements: Query<'_, Sqlite, SqliteArguments>,
) -> Result<String, sqlx::Error> {
    let rows = statements.fetch_all(connection).await?;
    rows.first().ok_or(sqlx::Error::RowNotFound)?.try_get(0)
}

/// A list as one JSON text.
fn json(rows: &impl serde::Serialize) -> String {
    // Only maps with keys that are no strings cannot be written, and there are none.
    serde_json::to_string(rows).unwrap_or_default()
}

/// What SQLite has written as one JSON text.
fn of_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, sqlx::Error> {
    serde_json::from_str(text).map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    const WRITE: &str = "INSERT INTO notes VALUES (zeroblob(100000))";

    #[tokio::test]
    async fn what_tells_a_row_and_is_not_committed_fails() {
        let folder = tempfile::tempdir().unwrap();
        let writer = pool(&folder.path().join("notes.db"), 1).await.unwrap();
        for statement in [
            "PRAGMA foreign_keys = ON",
            "CREATE TABLE books (id INTEGER PRIMARY KEY)",
            "CREATE TABLE notes (book INTEGER REFERENCES books DEFERRABLE INITIALLY DEFERRED)",
        ] {
            sqlx::query(statement).execute(&writer).await.unwrap();
        }
        // Of which book is looked at when it is committed.
        let note = sqlx::query_as::<_, (i64,)>("INSERT INTO notes VALUES (1) RETURNING book");
        assert!(write_one(&writer, note).await.is_err());
        let note = sqlx::query_as::<_, (Option<i64>,)>("INSERT INTO notes VALUES (NULL) RETURNING book");
        assert_eq!(write_one(&writer, note).await.unwrap(), Some((None,)));
    }

    #[tokio::test]
    async fn no_task_looks_for_old_connections() {
        let folder = tempfile::tempdir().unwrap();
        let pool = pool(&folder.path().join("notes.db"), 1).await.unwrap();
        let looked_after = (pool.options().get_idle_timeout(), pool.options().get_max_lifetime());
        assert_eq!(looked_after, (None, None));
    }

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
