//! What can go wrong with a store, by what the caller may conclude from it.

use wxgate_secret::OpenError;

/// Why a verb did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store could not be reached or refused to begin: nothing was changed.
    #[error("the store cannot be reached")]
    Unavailable(#[source] sqlx::Error),
    /// The connection broke while a change was being committed: it may or may not have happened.
    #[error("the connection to the store broke before it confirmed")]
    OutcomeUnknown(#[source] sqlx::Error),
    /// The store refused the statement: nothing was changed.
    #[error("the store refused a statement")]
    Refused(#[source] sqlx::Error),
    /// A row holds what this version cannot read.
    #[error("{table} {id}: {reason}")]
    Undecodable {
        /// The table.
        table: &'static str,
        /// The row.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A sealed value could not be opened.
    #[error("{table} {id}: a secret cannot be read")]
    Sealed {
        /// The table.
        table: &'static str,
        /// The row.
        id: String,
        /// Why.
        #[source]
        source: OpenError,
    },
    /// The tables are not those of this version.
    #[error("{0}")]
    Schema(String),
}

impl StoreError {
    /// Sorts an error of a statement outside any commit, or of one that commits by itself.
    ///
    /// An answer of the server says that nothing happened. A broken connection says nothing,
    /// unless no connection was had in the first place.
    #[must_use]
    pub fn of_statement(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(refusal) if is_shutdown(refusal.code().as_deref()) => {
                Self::OutcomeUnknown(error)
            }
            sqlx::Error::Io(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::WorkerCrashed => Self::OutcomeUnknown(error),
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => Self::Unavailable(error),
            _ => Self::Refused(error),
        }
    }

    /// Sorts an error of what comes before any change: connecting, `BEGIN`.
    #[must_use]
    pub fn of_connecting(error: sqlx::Error) -> Self {
        Self::Unavailable(error)
    }

    /// Whether the change may have happened all the same.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::OutcomeUnknown(_))
    }
}

/// Class 57P of the SQL standard's codes as PostgreSQL uses it: the server ends the session
/// (57P01 `admin_shutdown`, 57P02 `crash_shutdown`, 57P03 `cannot_connect_now`), which may follow
/// a commit.
fn is_shutdown(code: Option<&str>) -> bool {
    code.is_some_and(|code| code.starts_with("57P"))
}
