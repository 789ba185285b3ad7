//! A database of a scenario's own, and a look into it from outside.

use std::path::PathBuf;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection};

/// Where a gateway keeps its jobs.
#[derive(Clone, Debug)]
pub enum Database {
    /// A file.
    Sqlite(PathBuf),
    /// A database on the test server.
    Postgres {
        /// Its address.
        url: String,
        /// The server's own database.
        server: String,
    },
}

/// A database that is held.
#[derive(Debug)]
pub enum Hold {
    /// By its one writer.
    Sqlite(SqliteConnection),
    /// By a lock on its jobs.
    Postgres(PgConnection),
}

impl Hold {
    /// Lets it go.
    pub async fn release(self) {
        match self {
            Self::Sqlite(connection) => connection.close().await.unwrap(),
            Self::Postgres(connection) => connection.close().await.unwrap(),
        }
    }
}

impl Database {
    /// A new database on the server.
    pub async fn create(server: &str) -> Self {
        let name = format!("e2e_{:016x}", rand::random::<u64>());
        let mut connection = PgConnection::connect(server).await.unwrap();
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await.unwrap();
        let (base, _) = server.rsplit_once('/').unwrap();
        Self::Postgres { url: format!("{base}/{name}"), server: server.to_owned() }
    }

    /// As `WXGATE_DATABASE_URL`.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite://{}", path.display()),
            Self::Postgres { url, .. } => url.clone(),
        }
    }

    /// Changes rows behind the gateway's back, such as to let time pass.
    pub async fn execute(&self, sql: &str) {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match self {
            Self::Sqlite(_) => {
                let mut connection = SqliteConnection::connect(&self.url()).await.unwrap();
                sql.execute(&mut connection).await.unwrap();
            }
            Self::Postgres { url, .. } => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                sql.execute(&mut connection).await.unwrap();
            }
        }
    }

    /// The one number that a query yields.
    pub async fn number(&self, sql: &str) -> i64 {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match self {
            Self::Sqlite(_) => {
                let mut connection = SqliteConnection::connect(&self.url()).await.unwrap();
                sql.fetch_one(&mut connection).await.unwrap().get(0)
            }
            Self::Postgres { url, .. } => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                sql.fetch_one(&mut connection).await.unwrap().get(0)
            }
        }
    }

    /// Holds it, so that nothing can be written, until that is released.
    pub async fn hold(&self) -> Hold {
        match self {
            Self::Sqlite(_) => {
                let mut connection = SqliteConnection::connect(&self.url()).await.unwrap();
                sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut connection).await.unwrap();
                Hold::Sqlite(connection)
            }
            Self::Postgres { url, .. } => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                let hold = "BEGIN; LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE";
                sqlx::raw_sql(hold).execute(&mut connection).await.unwrap();
                Hold::Postgres(connection)
            }
        }
    }

    /// Removes it from the server.
    pub async fn drop(&self) {
        if let Self::Postgres { url, server } = self {
            let name = url.rsplit('/').next().unwrap();
            let mut connection = PgConnection::connect(server).await.unwrap();
            let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            sqlx::query(AssertSqlSafe(drop)).execute(&mut connection).await.unwrap();
        }
    }
}
