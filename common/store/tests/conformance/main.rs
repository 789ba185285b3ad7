//! What every store must do. Each scenario runs against SQLite and against PostgreSQL from one text.
//!
//! PostgreSQL is the server of `WXGATE_TEST_POSTGRES_URL`, whose role may create databases; each
//! scenario gets a database of its own.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod at_once;
mod behind;
mod callbacks;
mod fixture;
mod gates;
mod insight;
mod intake;
mod leases;
mod once;
mod operate;
mod platforms;
mod pushes;
mod receipts;
mod resealing;
mod search;
mod settings;
mod sharing;
mod short_links;
mod springboards;
mod tokens;
mod upgrade;
mod waiting;
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

/// As [`scenarios`], for scenarios that have to know where the store is kept.
#[macro_export]
macro_rules! scenarios_at_a_place {
    ($($name:ident),+ $(,)?) => {
        mod sqlite_at {
            $(#[tokio::test] async fn $name() { $crate::fixture::on_sqlite_at(super::$name).await; })+
        }
        mod postgres_at {
            $(#[tokio::test] async fn $name() { $crate::fixture::on_postgres_at(super::$name).await; })+
        }
    };
}
