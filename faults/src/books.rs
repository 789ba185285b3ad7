//! A look into the gateway's database from outside, past all links: to see who holds a job, and to let
//! time pass at the end. Whatever it asks may fail while the database is struck.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context as _, Result};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection};
use tokio::time::{Instant, sleep, timeout};
use wxgate_tests::Database;

/// A database that has not answered by then is frozen.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// Longest time that a database is away in a run, and then some.
const BACK_WITHIN: Duration = Duration::from_mins(1);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(200);

/// A job under a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The job.
    pub job: i64,
    /// The claim's number, which the next claim raises.
    pub claim: i64,
}

/// The database of a run.
#[derive(Clone, Debug)]
pub struct Books(pub Database);

impl Books {
    /// What the process with this id holds.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held_by(&self, pid: u32) -> Result<Vec<Held>> {
        self.held(&format!("worker IN (SELECT id FROM workers WHERE name = 'pid {pid}')")).await
    }

    /// Those of `held` that nobody has claimed or ended since. What waits behind a closed gate is in no
    /// worker's hands because of WeChat, and not meant.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn still_held(&self, held: &[Held]) -> Result<Vec<Held>> {
        let ids = held.iter().map(|held| held.job.to_string()).collect::<Vec<_>>().join(",");
        let final_states = "('succeeded', 'failed', 'cancelled')";
        let kept = "state = 'queued' AND app_id IN (SELECT app_id FROM gates)";
        let now =
            self.held(&format!("id IN ({ids}) AND state NOT IN {final_states} AND NOT ({kept})")).await?;
        Ok(now.into_iter().filter(|now| held.contains(now)).collect())
    }

    /// Jobs that say of themselves that they were sent again although that might be twice: their client
    /// wants it so when nine minutes of doubt are over.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sent_again_in_doubt(&self) -> Result<HashSet<i64>> {
        let sql = "SELECT id FROM jobs WHERE history LIKE '%sent again although%'";
        Ok(self.numbers(sql).await?.into_iter().flatten().collect())
    }

    async fn held(&self, condition: &str) -> Result<Vec<Held>> {
        let rows =
            self.numbers(&format!("SELECT id, CAST(claim AS BIGINT) FROM jobs WHERE {condition}")).await?;
        Ok(rows.iter().map(|row| Held { job: row[0], claim: row[1] }).collect())
    }

    /// The one number that a query yields.
    ///
    /// # Errors
    /// When the database does not answer, or yields nothing.
    pub async fn number(&self, sql: &str) -> Result<i64> {
        let rows = self.numbers(sql).await?;
        rows.first().and_then(|row| row.first()).copied().context("a query yielded nothing")
    }

    /// Changes rows, again and again until it is done.
    ///
    /// # Errors
    /// When the database is away for over a minute.
    pub async fn change(&self, sql: &str) -> Result<()> {
        let deadline = Instant::now() + BACK_WITHIN;
        loop {
            match timeout(ANSWER_WITHIN, self.try_change(sql)).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(error)) if Instant::now() > deadline => return Err(error.into()),
                Err(silent) if Instant::now() > deadline => return Err(silent.into()),
                _ => sleep(PAUSE).await,
            }
        }
    }

    async fn try_change(&self, sql: &str) -> sqlx::Result<()> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match &self.0 {
            Database::Sqlite(_) => {
                let mut connection = SqliteConnection::connect(&self.0.url()).await?;
                sql.execute(&mut connection).await.map(drop)
            }
            Database::Postgres { url, .. } => {
                sql.execute(&mut PgConnection::connect(url).await?).await.map(drop)
            }
        }
    }

    async fn numbers(&self, sql: &str) -> Result<Vec<Vec<i64>>> {
        timeout(ANSWER_WITHIN, self.try_numbers(sql)).await?.map_err(Into::into)
    }

    async fn try_numbers(&self, sql: &str) -> sqlx::Result<Vec<Vec<i64>>> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match &self.0 {
            // Reading alone, so that this leaves the write-ahead log as a killed process left it.
            Database::Sqlite(_) => {
                let url = format!("{}?mode=ro", self.0.url());
                let rows = sql.fetch_all(&mut SqliteConnection::connect(&url).await?).await?;
                rows.iter().map(|row| (0..row.len()).map(|column| row.try_get(column)).collect()).collect()
            }
            Database::Postgres { url, .. } => {
                let rows = sql.fetch_all(&mut PgConnection::connect(url).await?).await?;
                rows.iter().map(|row| (0..row.len()).map(|column| row.try_get(column)).collect()).collect()
            }
        }
    }
}
