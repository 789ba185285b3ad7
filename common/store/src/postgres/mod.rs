//! The store on a PostgreSQL server, shared by any number of processes.

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
mod waiting;
mod work;

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Postgres, Transaction};
use wxgate_secret::{Keyring, Secret};

use crate::error::StoreError;

pub use schema::migrate;

/// Connections of one process. Each verb has at most two batches under way; the rest are for
/// people's questions.
const CONNECTIONS: u32 = 12;

/// How long a verb waits for a connection. Callers are told 503 after it.
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(3);

/// The age at which a connection makes way for a new one: a name may lead to another server by then.
const RENEWED_AFTER: Duration = Duration::from_mins(30);

/// The store on a PostgreSQL server.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    pool: PgPool,
    keys: Keyring,
}

impl PostgresStore {
    /// Connects to a database whose schema is of this version.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the server does not answer, [`StoreError::Schema`] when
    /// the schema is older or newer or the key is not the one used so far: each says what to do.
    pub async fn open(url: &Secret, keys: Keyring) -> Result<Self, StoreError> {
        let pool = pool(url)?;
        schema::check(&pool, &keys).await?;
        Ok(Self { pool, keys })
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// A pool that connects when first used.
fn pool(url: &Secret) -> Result<PgPool, StoreError> {
    let options: PgConnectOptions = url.expose().parse().map_err(StoreError::of_connecting)?;
    // Every hot statement finds its rows by an index. While the tables are small or have no
    // statistics yet the planner would rather scan them, and would keep that plan while they grow.
    let options = options.application_name("wxgate").options([
        ("enable_seqscan", "off"),
        ("plan_cache_mode", "force_generic_plan"),
        ("jit", "off"),
        ("statement_timeout", "8s"),
    ]);
    Ok(pool_options(RENEWED_AFTER)
        .max_connections(CONNECTIONS)
        .acquire_timeout(WAIT_FOR_CONNECTION)
        .connect_lazy_with(options))
}

/// Connections are told by their age when they are taken. The task with which sqlx would close old and idle ones counts
/// them while others take and return them, can come to count fewer than none, and then keeps a processor busy and the process from
/// ending (its issue 3645).
fn pool_options(renewed_after: Duration) -> PgPoolOptions {
    PgPoolOptions::new()
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .before_acquire(move |_, connection| Box::pin(async move { Ok(connection.age < renewed_after) }))
}

/// Begins a transaction; is never cut off while it does. sqlx would give a connection back to the pool whose
/// `BEGIN` nobody waited for, and believe it to be outside of any transaction: whatever was written over it from
/// then on would be answered, and never committed. So a task of its own waits, and gives the transaction back
/// when nobody wants it any more.
async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let pool = pool.clone();
    // It ends without a transaction only when the runtime ends.
    tokio::spawn(async move { pool.begin().await }).await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
}

/// Deletes what is older than `kept_ms` by a statement of that ($1) and of a `limit` ($2); answers how many. The time
/// must be a subquery in it: `now_ms()` itself would be asked row by row, of all rows that are too young.
async fn forget_old(
    pool: &PgPool,
    statement: &'static str,
    kept_ms: i64,
    limit: u32,
) -> Result<u64, StoreError> {
    let forgotten = sqlx::query(statement)
        .bind(kept_ms)
        .bind(i64::from(limit))
        .execute(pool)
        .await
        .map_err(StoreError::of_statement)?;
    Ok(forgotten.rows_affected())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use futures_util::FutureExt as _;

    use super::*;

    /// The server that the tests are given.
    fn url() -> Secret {
        Secret::new(
            std::env::var("WXGATE_TEST_POSTGRES_URL").expect("the tests are given a PostgreSQL server"),
        )
    }

    async fn pool_of_one(renewed_after: Duration) -> PgPool {
        let options: PgConnectOptions = url().expose().parse().unwrap();
        pool_options(renewed_after).max_connections(1).connect_with(options).await.unwrap()
    }

    /// A pool of one, and as which process the server knows its connection, asked twice.
    async fn asked_twice(renewed_after: Duration) -> (PgPool, [i32; 2]) {
        let one = pool_of_one(renewed_after).await;
        let mut backends = [0; 2];
        for backend in &mut backends {
            *backend = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&one).await.unwrap();
        }
        (one, backends)
    }

    #[tokio::test]
    async fn old_connections_make_way_and_no_task_looks_for_them() {
        let (pool, [first, second]) = asked_twice(RENEWED_AFTER).await;
        assert_eq!(first, second);
        let looked_after = (pool.options().get_idle_timeout(), pool.options().get_max_lifetime());
        assert_eq!(looked_after, (None, None));
        let (_, [first, second]) = asked_twice(Duration::ZERO).await;
        assert_ne!(first, second);
    }

    #[tokio::test]
    async fn after_a_beginning_that_nobody_waited_for_what_is_written_is_committed() {
        let one = pool_of_one(RENEWED_AFTER).await;
        sqlx::query("CREATE TEMPORARY TABLE notes (note TEXT)").execute(&one).await.unwrap();
        while one.num_idle() == 0 {
            tokio::task::yield_now().await;
        }
        // Polled once: long enough to send `BEGIN`, not to hear of it.
        drop(begin(&one).now_or_never());
        sqlx::query("INSERT INTO notes VALUES ('kept')").execute(&one).await.unwrap();
        let committed: bool = sqlx::query_scalar("SELECT pg_current_xact_id_if_assigned() IS NULL")
            .fetch_one(&one)
            .await
            .unwrap();
        assert!(committed, "it is part of a transaction that nobody ends");
    }
}
