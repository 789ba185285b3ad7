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
    /// An answer of the server says that nothing happened, and only for some of them that it never
    /// will. A broken connection says nothing, unless no connection was had in the first place.
    #[must_use]
    pub fn of_statement(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(answer) => match meaning(answer.code().as_deref().unwrap_or_default()) {
                Meaning::NeverWill => Self::Refused(error),
                Meaning::NotNow => Self::Unavailable(error),
                Meaning::Unknown => Self::OutcomeUnknown(error),
            },
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

/// What a database's answer says of the statement.
enum Meaning {
    /// It will always be refused: a value does not fit, a constraint is violated.
    NeverWill,
    /// It was refused for now: a deadlock, no room, read-only, busy, cut off for its length.
    NotNow,
    /// It may have been committed.
    Unknown,
}

/// PostgreSQL answers five characters of the SQL standard: classes 22 (data exception), 23
/// (constraint), 42 (syntax or access); 57P is the end of the session, which may follow a commit.
/// SQLite answers a number whose lowest byte is the primary code: 1 ERROR, 18 TOOBIG,
/// 19 CONSTRAINT, 20 MISMATCH; 10 IOERR, which may come from syncing a commit.
fn meaning(code: &str) -> Meaning {
    if code.len() == 5 {
        return match &code[..2] {
            "22" | "23" | "42" => Meaning::NeverWill,
            "57" if code.starts_with("57P") => Meaning::Unknown,
            _ => Meaning::NotNow,
        };
    }
    match code.parse::<u32>().map(|code| code & 0xff) {
        Ok(1 | 18 | 19 | 20) => Meaning::NeverWill,
        Ok(10) => Meaning::Unknown,
        _ => Meaning::NotNow,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_never_succeed_is_refused_for_good() {
        for code in ["22021", "23505", "42P01", "1", "2067", "19"] {
            assert!(matches!(meaning(code), Meaning::NeverWill), "{code}");
        }
        for code in ["40P01", "57014", "53100", "25006", "5", "13", "517"] {
            assert!(matches!(meaning(code), Meaning::NotNow), "{code}");
        }
        for code in ["57P01", "57P02", "10", "1034"] {
            assert!(matches!(meaning(code), Meaning::Unknown), "{code}");
        }
    }
}
