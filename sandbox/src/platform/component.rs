//! What one third-party platform is.

use serde::{Deserialize, Serialize};

use crate::apps::Setting;
use crate::pushes::{check_key, check_url};
use crate::refused::Refused;

/// The appid of the ready-made platform.
pub const COMPONENT_APP_ID: &str = "wx5andbc0mp000001";
/// Its secret.
pub const COMPONENT_SECRET: &str = "sandbox-component-secret";
/// What its pushes are signed with.
const TOKEN: &str = "sandboxcomponenttoken";
/// What its pushes are encrypted with.
const AES_KEY: &str = "sandboxsandboxsandboxsandboxsandboxsandbox1";

/// One third-party platform. Everything about it is invented, and therefore shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Its appid.
    pub component_appid: String,
    /// Its secret.
    pub secret: String,
    /// What its pushes, and those of the accounts that authorised it, are signed with.
    pub token: String,
    /// The 43 characters that the AES key is made of. Everything pushed to a platform is encrypted.
    pub aes_key: String,
    /// Where its tickets and the events of authorisation go.
    #[serde(default)]
    pub event_url: Option<String>,
    /// Where messages and events of its accounts go; `$APPID$` in it becomes the account's appid.
    #[serde(default)]
    pub message_url: Option<String>,
    /// For how many seconds a refresh token still works after another took its place. None: until
    /// that other one was used. 0: not at all.
    #[serde(default)]
    pub refresh_grace_s: Option<u32>,
}

/// What is to be different about a platform; what is not named stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ComponentChange {
    /// Another secret.
    pub secret: Option<String>,
    /// Another token for signatures.
    pub token: Option<String>,
    /// Another key.
    pub aes_key: Option<String>,
    /// Another address for tickets and events, or none.
    pub event_url: Setting<String>,
    /// Another address for its accounts' messages, or none.
    pub message_url: Setting<String>,
    /// Another grace for refresh tokens.
    pub refresh_grace_s: Setting<u32>,
}

impl Component {
    /// The ready-made one.
    pub(super) fn ready_made() -> Self {
        Self {
            component_appid: COMPONENT_APP_ID.to_owned(),
            secret: COMPONENT_SECRET.to_owned(),
            token: TOKEN.to_owned(),
            aes_key: AES_KEY.to_owned(),
            event_url: None,
            message_url: None,
            refresh_grace_s: None,
        }
    }

    pub(super) fn check(&self) -> Result<(), Refused> {
        for (what, text) in
            [("component_appid", &self.component_appid), ("secret", &self.secret), ("token", &self.token)]
        {
            let is_sound = (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
            if !is_sound {
                return Err(Refused::script(format!("{what} has 1 to 128 visible ASCII characters")));
            }
        }
        check_key("aes_key", &self.aes_key)?;
        self.event_url.as_ref().map_or(Ok(()), |url| check_url("event_url", url))?;
        self.message_url.as_ref().map_or(Ok(()), |url| check_url("message_url", url))
    }
}

impl ComponentChange {
    pub(super) fn apply(self, component: &mut Component) {
        let texts = [
            (self.secret, &mut component.secret),
            (self.token, &mut component.token),
            (self.aes_key, &mut component.aes_key),
        ];
        for (new, old) in texts {
            if let Some(new) = new {
                *old = new;
            }
        }
        self.event_url.apply(&mut component.event_url);
        self.message_url.apply(&mut component.message_url);
        self.refresh_grace_s.apply(&mut component.refresh_grace_s);
    }
}
