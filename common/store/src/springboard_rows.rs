//! Rows of springboards, and what a login that cannot be begun is told.

use sqlx::FromRow;
use wxgate_secret::{Keyring, Secret};

use crate::error::StoreError;
use crate::model::springboard::{Login, Purpose, Springboard};
use crate::rows::undecodable;
use crate::sealing::{open_some, seal};

/// How long a springboard is kept.
pub(crate) const KEPT_MS: i64 = 30 * 86_400_000;

/// How long a repeat of a login is sent where the first was: browsers inside WeChat load such pages
/// twice.
const REPEATED_MS: i64 = 60_000;

#[derive(FromRow)]
pub(crate) struct SpringboardRow {
    key: String,
    client_code: String,
    app_id: String,
    purpose: String,
    user_data: Option<Vec<u8>>,
}

impl SpringboardRow {
    pub(crate) fn open(self, keys: &Keyring) -> Result<Springboard, StoreError> {
        let purpose = serde_json::from_str(&self.purpose)
            .map_err(|error| undecodable("springboards", &self.key, error.to_string()))?;
        let user = open_some(keys, "springboards", &self.key, "user_data", self.user_data)?;
        Ok(Springboard {
            key: self.key,
            client: self.client_code,
            app: self.app_id,
            purpose,
            user: user.map(|user| user.expose().to_owned()),
        })
    }
}

/// What is known of a user is personal, and kept like a secret.
pub(crate) fn seal_user(keys: &Keyring, key: &str, user: &str) -> Vec<u8> {
    seal(keys, "springboards", key, "user_data", &Secret::new(user))
}

pub(crate) fn purpose_text(purpose: &Purpose) -> String {
    // Only maps with keys that are no strings cannot be written, and there are none.
    serde_json::to_string(purpose).unwrap_or_default()
}

/// A login that could not be begun.
#[derive(FromRow)]
pub(crate) struct LoginRow {
    pub(crate) is_login: bool,
    pub(crate) code: Option<String>,
    pub(crate) finished_at: Option<i64>,
    pub(crate) redirect: Option<String>,
    pub(crate) now: i64,
}

impl LoginRow {
    /// What the browser is told that came with `code`.
    pub(crate) fn tell(self, code: &str) -> Login {
        let same = self.code.as_deref() == Some(code);
        match (self.finished_at, self.redirect) {
            _ if !self.is_login => Login::Unknown,
            (Some(at), Some(redirect)) if same && self.now < at + REPEATED_MS => Login::Repeat { redirect },
            // Whoever has the right may yet give it back.
            (None, _) => Login::Busy,
            _ => Login::Used,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_with_another_code_waits_for_the_first() {
        let code = Some("C".to_owned());
        let begun =
            || LoginRow { is_login: true, code: code.clone(), finished_at: None, redirect: None, now: 1 };
        assert_eq!(begun().tell("C"), Login::Busy);
        assert_eq!(begun().tell("D"), Login::Busy);
    }

    #[test]
    fn the_same_code_is_sent_the_same_way_for_a_minute() {
        let finished = |now| LoginRow {
            is_login: true,
            code: Some("C".to_owned()),
            finished_at: Some(1000),
            redirect: Some("https://shop.example/".to_owned()),
            now,
        };
        let repeat = Login::Repeat { redirect: "https://shop.example/".to_owned() };
        assert_eq!(finished(60_999).tell("C"), repeat);
        assert_eq!(finished(61_000).tell("C"), Login::Used);
        assert_eq!(finished(1001).tell("D"), Login::Used);
    }
}
