//! Key rotation: which columns are sealed, and how a value is sealed anew.

use wxgate_secret::Keyring;

use crate::error::StoreError;
use crate::sealing;

/// A column of sealed values.
pub(crate) struct SealedColumn {
    table: &'static str,
    /// The columns that name a row, in the order in which [`sealing`] joins them.
    id: &'static [&'static str],
    column: &'static str,
}

/// All of them, in the order in which other transactions lock their tables. The check value is the
/// last: once it is sealed with a key, everything is.
pub(crate) const SEALED: [SealedColumn; 15] = [
    sealed("tokens", &["app_id", "kind"], "value"),
    sealed("apps", &["app_id"], "secret"),
    sealed("apps", &["app_id"], "event_token"),
    sealed("apps", &["app_id"], "aes_key"),
    sealed("authorisations", &["app_id"], "refresh_token"),
    sealed("clients", &["code"], "secret"),
    sealed("clients", &["code"], "callback_secret"),
    sealed("clients", &["code"], "former_secret"),
    sealed("clients", &["code"], "former_callback_secret"),
    sealed("components", &["appid"], "secret"),
    sealed("components", &["appid"], "token"),
    sealed("components", &["appid"], "aes_key"),
    sealed("components", &["appid"], "verify_ticket"),
    sealed("springboards", &["key"], "user_data"),
    sealed("meta", &["name"], "sealed"),
];

const fn sealed(table: &'static str, id: &'static [&'static str], column: &'static str) -> SealedColumn {
    SealedColumn { table, id, column }
}

impl SealedColumn {
    /// Selects the parts of the id, then the value, of rows whose value does not begin with `$1`; at
    /// most `$2` of them.
    pub(crate) fn select(&self) -> String {
        let Self { table, column, .. } = self;
        let id = self.id.join(", ");
        format!(
            "SELECT {id}, {column} FROM {table} WHERE substr({column}, 1, 4) <> $1 ORDER BY {id} LIMIT $2"
        )
    }

    /// Sets the value `$1` of the row whose id follows.
    pub(crate) fn update(&self) -> String {
        let Self { table, column, .. } = self;
        let id = self.id.iter().zip(2..).map(|(name, number)| format!("{name} = ${number}"));
        format!("UPDATE {table} SET {column} = $1 WHERE {}", id.collect::<Vec<_>>().join(" AND "))
    }

    /// How many columns name a row.
    pub(crate) const fn id_parts(&self) -> usize {
        self.id.len()
    }

    /// The same value, sealed with the first key.
    pub(crate) fn reseal(&self, keys: &Keyring, id: &[String], value: &[u8]) -> Result<Vec<u8>, StoreError> {
        let id = id.join("\0");
        let secret = sealing::open(keys, self.table, &id, self.column, value)?;
        Ok(sealing::seal(keys, self.table, &id, self.column, &secret))
    }
}
