//! What no verb does: making rows older, since nobody can turn the store's clock, and looking at or
//! damaging what is kept.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

use crate::fixture::Place;

/// A second connection to the store's database.
pub enum Behind {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Behind {
    pub async fn at(place: &Place) -> Self {
        match place {
            Place::Sqlite(path) => {
                let url = format!("sqlite://{}", path.display());
                Self::Sqlite(SqliteConnection::connect(&url).await.unwrap())
            }
            Place::Postgres(url) => Self::Postgres(PgConnection::connect(url.expose()).await.unwrap()),
        }
    }

    /// Moves `column`, a time, of all of the table's rows into the past.
    pub async fn pass(&mut self, table: &str, column: &str, by: Duration) {
        self.set(table, &format!("{column} = {column} - {}", by.as_millis())).await;
    }

    /// Sets columns of all of the table's rows.
    pub async fn set(&mut self, table: &str, columns: &str) {
        let sql = AssertSqlSafe(format!("UPDATE {table} SET {columns}"));
        match self {
            Self::Sqlite(connection) => sqlx::query(sql).execute(connection).await.map(drop).unwrap(),
            Self::Postgres(connection) => sqlx::query(sql).execute(connection).await.map(drop).unwrap(),
        }
    }

    /// Stores so many jobs of a client called `crowd` that have succeeded, with the ids from `first` on.
    pub async fn crowd(&mut self, first: i64, jobs: u32) {
        let last = first + i64::from(jobs) - 1;
        let insert =
            "INSERT INTO jobs (id, client_code, app_id, kind, state, payload, subject, receipt, created_at,
                                        updated_at, due_at, deadline_at, expires)";
        let job =
            "id, 'crowd', 'wx1', 'async_send_tpl', 'succeeded', '{}', 'nobody', false, 0, 0, 0, 0, false";
        match self {
            Self::Sqlite(connection) => {
                let ids = format!(
                    "WITH RECURSIVE ids (id) AS (VALUES ({first}) UNION ALL SELECT id + 1 FROM ids WHERE id < {last})"
                );
                let sql = AssertSqlSafe(format!("{insert} {ids} SELECT {job} FROM ids"));
                sqlx::query(sql).execute(connection).await.map(drop).unwrap();
            }
            Self::Postgres(connection) => {
                let sql = AssertSqlSafe(format!(
                    "{insert} SELECT {job} FROM generate_series({first}, {last}) AS id"
                ));
                sqlx::query(sql).execute(connection).await.map(drop).unwrap();
            }
        }
    }

    /// What is kept in a sealed column, where there is anything.
    pub async fn kept(&mut self, table: &str, column: &str) -> Vec<Vec<u8>> {
        let sql = AssertSqlSafe(format!("SELECT {column} FROM {table} WHERE {column} IS NOT NULL"));
        match self {
            Self::Sqlite(connection) => sqlx::query_scalar(sql).fetch_all(connection).await.unwrap(),
            Self::Postgres(connection) => sqlx::query_scalar(sql).fetch_all(connection).await.unwrap(),
        }
    }

    /// Damages what is kept in a sealed column.
    pub async fn spoil(&mut self, table: &str, column: &str) {
        let sql = format!("UPDATE {table} SET {column} = ");
        match self {
            Self::Sqlite(connection) => {
                let sql = AssertSqlSafe(sql + "x'00000000'");
                sqlx::query(sql).execute(connection).await.map(drop).unwrap();
            }
            Self::Postgres(connection) => {
                let sql = AssertSqlSafe(sql + "'\\x00000000'");
                sqlx::query(sql).execute(connection).await.map(drop).unwrap();
            }
        }
    }
}
