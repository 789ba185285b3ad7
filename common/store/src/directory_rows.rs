//! Rows of apps, platforms and clients, and the opening of their secrets.

use sqlx::FromRow;
use wxgate_job::decide::OnAmbiguity;
use wxgate_secret::{Keyring, Secret};

use crate::error::StoreError;
use crate::model::operate::{App, CallbackFormat, Client, Signing, TokenMode};
use crate::model::platform::Component;
use crate::model::rotation::Former;
use crate::rows::undecodable;
use crate::sealing::{open, open_some};

/// All apps, as [`AppRow`] reads them.
macro_rules! app_query {
    () => {
        "SELECT apps.*, EXISTS (
             SELECT 1 FROM authorisations JOIN components ON components.appid = authorisations.component_appid
             WHERE authorisations.app_id = apps.app_id
               AND authorisations.component_appid = apps.component_appid
         ) AS authorised FROM apps"
    };
}
pub(crate) use app_query;

#[derive(FromRow)]
pub(crate) struct AppRow {
    app_id: String,
    enabled: bool,
    secret: Option<Vec<u8>>,
    token_mode: String,
    event_token: Option<Vec<u8>>,
    aes_key: Option<Vec<u8>>,
    component_appid: Option<String>,
    authorised: bool,
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
            authorised: self.authorised,
            safe_push_only: self.safe_push_only,
            rate: self.rate.map(i32::cast_unsigned),
            concurrency: self.concurrency.map(i32::cast_unsigned),
            app_id: self.app_id,
        })
    }
}

#[derive(FromRow)]
pub(crate) struct ComponentRow {
    appid: String,
    secret: Vec<u8>,
    token: Vec<u8>,
    aes_key: Vec<u8>,
    verify_ticket: Option<Vec<u8>>,
}

impl ComponentRow {
    pub(crate) fn open(self, keys: &Keyring) -> Result<Component, StoreError> {
        let open = |column: &str, sealed: &[u8]| open(keys, "components", &self.appid, column, sealed);
        let ticket = self.verify_ticket.as_deref().map(|ticket| open("verify_ticket", ticket));
        Ok(Component {
            secret: open("secret", &self.secret)?,
            token: open("token", &self.token)?,
            aes_key: open("aes_key", &self.aes_key)?,
            verify_ticket: ticket.transpose()?,
            appid: self.appid,
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
    former_secret: Option<Vec<u8>>,
    former_secret_until: Option<i64>,
    former_callback_secret: Option<Vec<u8>>,
    former_callback_secret_until: Option<i64>,
}

impl ClientRow {
    pub(crate) fn open(self, keys: &Keyring) -> Result<Client, StoreError> {
        let open = |column: &str, sealed| open_some(keys, "clients", &self.code, column, sealed);
        Ok(Client {
            secret: open("secret", self.secret)?,
            former_secret: former(open("former_secret", self.former_secret)?, self.former_secret_until),
            app_id: self.app_id,
            open: self.open,
            allow: self.allow.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            callback_secret: open("callback_secret", self.callback_secret)?,
            former_callback_secret: former(
                open("former_callback_secret", self.former_callback_secret)?,
                self.former_callback_secret_until,
            ),
            callback_format: known("clients", &self.code, &self.callback_format, CallbackFormat::parse)?,
            signing: known("clients", &self.code, &self.signing, Signing::parse)?,
            on_ambiguity: known("clients", &self.code, &self.on_ambiguity, OnAmbiguity::parse)?,
            code: self.code,
        })
    }
}

fn former(secret: Option<Secret>, until: Option<i64>) -> Option<Former> {
    Some(Former { secret: secret?, until: until? })
}

fn known<T>(
    table: &'static str,
    id: &str,
    text: &str,
    parse: fn(&str) -> Option<T>,
) -> Result<T, StoreError> {
    parse(text).ok_or_else(|| undecodable(table, id, format!("'{text}' is not known to this version")))
}
