//! Statements over many rows, and several statements, handed to the database's thread in one go: each hand-over
//! costs two changes of threads, which under load wait for a processor.

use sqlx::error::BoxDynError;
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments};
use sqlx::{Arguments as _, AssertSqlSafe, Encode, SqlSafeStr as _, Type};

/// Rows in one batch at most. With the 25 columns of a settlement and its callback that is 1,600 parameters, far below
/// SQLite's 32,766.
const MOST: usize = 64;

/// The rows in pieces that fit one batch, in order.
pub(super) fn pieces<T>(rows: &[T]) -> std::slice::Chunks<'_, T> {
    rows.chunks(MOST)
}

/// Text and parameters, which are told in the order in which they stand in the text.
#[derive(Default)]
pub(super) struct Batch {
    sql: String,
    parameters: Parameters,
}

/// What is bound to a batch's question marks.
#[derive(Default)]
pub(super) struct Parameters {
    bound: SqliteArguments,
    failed: Option<BoxDynError>,
}

impl Batch {
    /// Goes on with constant text.
    #[must_use]
    pub(super) fn sql(mut self, text: &str) -> Self {
        self.sql.push_str(text);
        self
    }

    /// Binds the next question mark of the text.
    #[must_use]
    pub(super) fn bind<'t>(mut self, value: impl Encode<'t, Sqlite> + Type<Sqlite>) -> Self {
        self.parameters = self.parameters.bind(value);
        self
    }

    /// Goes on with `VALUES (?, …), …` for at least one row, all of the same number of columns. There is room for
    /// a power of two of them, so that statements stay few and are prepared once; rows that are left over are NULL
    /// and have to be passed over: `FROM (VALUES …) WHERE column1 IS NOT NULL`.
    #[must_use]
    pub(super) fn rows<T>(mut self, rows: &[T], each: impl Fn(Parameters, &T) -> Parameters) -> Self {
        let before = self.parameters.bound.len();
        for row in rows {
            self.parameters = each(self.parameters, row);
        }
        let columns = (self.parameters.bound.len() - before) / rows.len().max(1);
        let room = rows.len().next_power_of_two();
        for _ in 0..(room - rows.len()) * columns {
            self.parameters = self.parameters.bind(None::<i64>);
        }
        let row = format!("({})", vec!["?"; columns].join(", "));
        self.sql(&format!("VALUES {}", vec![row; room].join(", ")))
    }

    /// What is to be executed.
    pub(super) fn query(self) -> Result<Query<'static, Sqlite, SqliteArguments>, sqlx::Error> {
        match self.parameters.failed {
            Some(error) => Err(sqlx::Error::Encode(error)),
            None => Ok(sqlx::query_with(AssertSqlSafe(self.sql).into_sql_str(), self.parameters.bound)),
        }
    }
}

impl Parameters {
    /// Binds the next column.
    #[must_use]
    pub(super) fn bind<'t>(mut self, value: impl Encode<'t, Sqlite> + Type<Sqlite>) -> Self {
        if let Err(error) = self.bound.add(value) {
            self.failed.get_or_insert(error);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use sqlx::sqlite::SqliteConnection;
    use sqlx::{Connection as _, Row as _};

    use super::*;

    #[test]
    fn nothing_is_lost_in_pieces() {
        let rows: Vec<u32> = (0..150).collect();
        assert_eq!(pieces(&rows).map(<[u32]>::len).collect::<Vec<_>>(), [64, 64, 22]);
        assert_eq!(pieces::<u32>(&[]).count(), 0);
    }

    #[tokio::test]
    async fn rows_and_parameters_of_several_statements_find_their_places() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let batch = Batch::default()
            .sql("CREATE TABLE t AS SELECT * FROM (")
            .rows(&[(1, "a"), (2, "b"), (3, "c")], |row, (number, text)| row.bind(number).bind(text))
            .sql(") WHERE column1 IS NOT NULL; SELECT column1, column2 FROM t WHERE column1 > ? AND column2 <> ?")
            .bind(1)
            .bind("c");
        let found = batch.query().unwrap().fetch_all(&mut connection).await.unwrap();
        let found: Vec<(i64, String)> = found.iter().map(|row| (row.get(0), row.get(1))).collect();
        assert_eq!(found, [(2, "b".to_owned())]);
        let all = sqlx::query("SELECT * FROM t").fetch_all(&mut connection).await.unwrap();
        assert_eq!(all.len(), 3, "the room for a fourth stays empty");
    }

    #[test]
    fn statements_are_few() {
        let sql = |rows: usize| Batch::default().rows(&vec![0; rows], |row, number| row.bind(*number)).sql;
        assert_eq!(sql(5), sql(8));
        assert_ne!(sql(8), sql(9));
    }
}
