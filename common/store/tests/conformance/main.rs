//! What every store must do. Each scenario runs against SQLite and against PostgreSQL from one text.
//!
//! PostgreSQL is the server of `WXGATE_TEST_POSTGRES_URL`, whose role may create databases; each
//! scenario gets a database of its own.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod callbacks;
mod fixture;
mod gates;
mod intake;
mod leases;
mod operate;
mod settings;
mod tokens;
mod work;

/// Makes two tests of each scenario, one for each dialect.
#[macro_export]
macro_rules! scenarios {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test] async fn $name() { $crate::fixture::on_sqlite(super::$name).await; })+
        }
        mod postgres {
            $(#[tokio::test] async fn $name() { $crate::fixture::on_postgres(super::$name).await; })+
        }
    };
}
