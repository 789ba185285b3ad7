//! Where pushes go, and under whose signature.

use serde::{Deserialize, Serialize};
use url::Url;

use super::envelope::Key;
use crate::apps::App;
use crate::refused::Refused;
use crate::state::State;

/// The account's own name in messages (`gh_…`), where none is set.
pub(super) const ORIGINAL_ID: &str = "gh_sandbox0001";

/// Where an app's pushes go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushTarget {
    /// The address, http or https.
    pub url: String,
    /// What signatures are made with.
    pub token: String,
    /// The 43 characters that the AES key is made of; needed in every mode but the plain one.
    #[serde(default)]
    pub aes_key: Option<String>,
    /// How the body is sent.
    #[serde(default)]
    pub mode: PushMode,
    /// The account's own name in messages.
    #[serde(default = "original_id")]
    pub original_id: String,
}

/// How a push's body is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PushMode {
    /// As it is.
    #[default]
    Plain,
    /// As it is, and encrypted beside that.
    Compatible,
    /// Encrypted only.
    Aes,
}

/// Where one push goes.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) url: Url,
    pub(crate) token: String,
    pub(crate) key: Option<Key>,
    pub(crate) mode: PushMode,
    pub(crate) recipient: Recipient,
    /// The appid at the end of what is encrypted.
    pub(crate) sealed_for: String,
}

/// Who the encrypted envelope says it is for.
#[derive(Clone, Debug)]
pub(crate) enum Recipient {
    /// An account, by its own name.
    Account(String),
    /// A third-party platform, by its appid.
    Platform(String),
}

fn original_id() -> String {
    ORIGINAL_ID.to_owned()
}

impl PushTarget {
    /// A plain one.
    #[must_use]
    pub fn new(url: impl Into<String>, token: impl Into<String>) -> Self {
        let (url, token) = (url.into(), token.into());
        Self { url, token, aes_key: None, mode: PushMode::Plain, original_id: original_id() }
    }

    /// The same, encrypted.
    #[must_use]
    pub fn encrypted(mut self, aes_key: impl Into<String>) -> Self {
        self.aes_key = Some(aes_key.into());
        self.mode = PushMode::Aes;
        self
    }

    pub(crate) fn check(&self) -> Result<(), Refused> {
        check_url("push.url", &self.url)?;
        match &self.aes_key {
            Some(key) => check_key("push.aes_key", key),
            None if self.mode == PushMode::Plain => Ok(()),
            None => Err(Refused::script("push.aes_key is needed in this mode")),
        }
    }

    fn address(&self, app_id: &str) -> Option<Address> {
        Some(Address {
            url: Url::parse(&self.url).ok()?,
            token: self.token.clone(),
            key: self.aes_key.as_deref().and_then(Key::parse),
            mode: self.mode,
            recipient: Recipient::Account(self.original_id.clone()),
            sealed_for: app_id.to_owned(),
        })
    }
}

/// Where an app's messages and events go: its own address, else that of the platform which it
/// authorised.
pub(crate) fn destination(state: &State, app: &App) -> Option<Address> {
    match &app.push {
        Some(target) => target.address(&app.app_id),
        None => state.platforms.message_address(&app.app_id, original_id()),
    }
}

/// Whether pushes can go there.
pub(crate) fn check_url(what: &str, url: &str) -> Result<(), Refused> {
    let parsed = Url::parse(url).ok();
    let is_sound = parsed.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if is_sound { Ok(()) } else { Err(Refused::script(format!("{what} is an http or https address"))) }
}

/// Whether an AES key can be made of it.
pub(crate) fn check_key(what: &str, key: &str) -> Result<(), Refused> {
    let sentence = || Refused::script(format!("{what} has 43 characters of letters and digits"));
    Key::parse(key).map(drop).ok_or_else(sentence)
}
