//! Rows of apps and clients, and the opening of their secrets.

use sqlx::FromRow;
use wxgate_job::decide::OnAmbiguity;
use wxgate_secret::Keyring;

use crate::error::StoreError;
use crate::model::operate::{App, CallbackFormat, Client, Signing, TokenMode};
use crate::rows::undecodable;
use crate::sealing::open_some;

#[derive(FromRow)]
pub(crate) struct AppRow {
    app_id: String,
    enabled: bool,
    secret: Option<Vec<u8>>,
    token_mode: String,
    event_token: Option<Vec<u8>>,
    aes_key: Option<Vec<u8>>,
    component_appid: Option<String>,
    safe_push_only: bool,
    rate: Option<i32>,
    concurrency: Option<i32>,
}

impl AppRow {
    pub(crate) fn open(self, keys: &Keyring) -> Result<App, StoreError> {
        let open = |column: &str, sealed| open_some(keys, "apps", &self.app_id, column, sealed);
        Ok(App {
            enabled: self.enabled,
            secret: open("secret", self.secret)?,
            token: known("apps", &self.app_id, &self.token_mode, TokenMode::parse)?,
            event_token: open("event_token", self.event_token)?,
            aes_key: open("aes_key", self.aes_key)?,
            component_appid: self.component_appid,
            safe_push_only: self.safe_push_only,
            rate: self.rate.map(i32::cast_unsigned),
            concurrency: self.concurrency.map(i32::cast_unsigned),
            app_id: self.app_id,
        })
    }
}

#[derive(FromRow)]
pub(crate) struct ClientRow {
    code: String,
    secret: Option<Vec<u8>>,
    app_id: Option<String>,
    open: bool,
    allow: String,
    callback_secret: Option<Vec<u8>>,
    callback_format: String,
    signing: String,
    on_ambiguity: String,
}

impl ClientRow {
    pub(crate) fn open(self, keys: &Keyring) -> Result<Client, StoreError> {
        let open = |column: &str, sealed| open_some(keys, "clients", &self.code, column, sealed);
        Ok(Client {
            secret: open("secret", self.secret)?,
            app_id: self.app_id,
            open: self.open,
            allow: self.allow.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            callback_secret: open("callback_secret", self.callback_secret)?,
            callback_format: known("clients", &self.code, &self.callback_format, CallbackFormat::parse)?,
            signing: known("clients", &self.code, &self.signing, Signing::parse)?,
            on_ambiguity: known("clients", &self.code, &self.on_ambiguity, OnAmbiguity::parse)?,
            code: self.code,
        })
    }
}

fn known<T>(
    table: &'static str,
    id: &str,
    text: &str,
    parse: fn(&str) -> Option<T>,
) -> Result<T, StoreError> {
    parse(text).ok_or_else(|| undecodable(table, id, format!("'{text}' is not known to this version")))
}
