//! Secrets on their way into and out of rows. The row's identity is bound into each sealed value.

use wxgate_secret::{Keyring, Secret};

use crate::error::StoreError;

/// Seals one column of one row.
pub(crate) fn seal(keys: &Keyring, table: &str, id: &str, column: &str, secret: &Secret) -> Vec<u8> {
    keys.seal(&identity(table, id, column), secret)
}

/// As [`seal`], for a column that may be empty.
pub(crate) fn seal_some(
    keys: &Keyring,
    table: &str,
    id: &str,
    column: &str,
    secret: Option<&Secret>,
) -> Option<Vec<u8>> {
    secret.map(|secret| seal(keys, table, id, column, secret))
}

/// Opens one column of one row.
pub(crate) fn open(
    keys: &Keyring,
    table: &'static str,
    id: &str,
    column: &str,
    sealed: &[u8],
) -> Result<Secret, StoreError> {
    keys.open(&identity(table, id, column), sealed).map_err(|source| StoreError::Sealed {
        table,
        id: id.to_owned(),
        source,
    })
}

/// As [`open`], for a column that may be empty.
pub(crate) fn open_some(
    keys: &Keyring,
    table: &'static str,
    id: &str,
    column: &str,
    sealed: Option<Vec<u8>>,
) -> Result<Option<Secret>, StoreError> {
    sealed.map(|sealed| open(keys, table, id, column, &sealed)).transpose()
}

fn identity(table: &str, id: &str, column: &str) -> String {
    format!("{table}\0{id}\0{column}")
}
