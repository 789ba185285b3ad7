//! Job ids: each is handed out once, whatever becomes of it.
//!
//! They grow with time as long as one process accepts, as `wxgate serve` does; searching by time counts on that.

use std::ops::Range;
use std::sync::Arc;

use sqlx::sqlite::SqlitePool;
use tokio::sync::Mutex;

use super::write_one;
use crate::error::StoreError;

/// Ids that are set aside in the file at a time. What is left of them when the process ends, or when the next batch of
/// jobs needs more, is never used.
const BLOCK: i64 = 4096;

/// Hands out ids from a block that was set aside, so that a batch of jobs need not ask the file for its own.
#[derive(Clone, Debug)]
pub(super) struct Ids {
    writer: SqlitePool,
    left: Arc<Mutex<Range<i64>>>,
}

impl Ids {
    pub(super) fn new(writer: SqlitePool) -> Self {
        Self { writer, left: Arc::default() }
    }

    /// The first of `count` ids in a row that nobody else gets.
    pub(super) async fn take(&self, count: usize) -> Result<i64, StoreError> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let mut left = self.left.lock().await;
        if left.end - left.start < count {
            *left = self.set_aside(count.max(BLOCK)).await?;
        }
        let first = left.start;
        left.start += count;
        Ok(first)
    }

    async fn set_aside(&self, count: i64) -> Result<Range<i64>, StoreError> {
        let set_aside =
            sqlx::query_as("UPDATE meta SET value = value + $1 WHERE name = 'job_ids' RETURNING value");
        let (last,): (i64,) = write_one(&self.writer, set_aside.bind(count))
            .await?
            .ok_or_else(|| StoreError::of_statement(sqlx::Error::RowNotFound))?;
        Ok(last - count + 1..last + 1)
    }
}
