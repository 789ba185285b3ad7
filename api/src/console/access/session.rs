//! The session of a browser that was shown the admin token: a cookie that says when it began and was last
//! used, signed with a key made from the token.
//!
//! Nothing of it is kept here, so any number of processes behind one name honour it, and none of them forgets
//! it when it is started anew. Changing the admin token ends all sessions at once. Logging out takes the
//! cookie from the browser, and the process that was told does not honour a copy of it either; others would
//! until it lapses.

use std::collections::HashMap;

use hmac::{Hmac, KeyInit as _, Mac as _};
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use wxgate_secret::Secret;

/// The cookie's name.
pub(crate) const COOKIE: &str = "wxgate_console";

/// A session ends so long after the token was shown (s): a working day.
pub(super) const LONGEST_S: i64 = 12 * 3600;
/// And so long after it was last used (s).
const IDLE_S: i64 = 3600;
/// The cookie is written anew when it is older than this (s): not with every page.
const FRESH_S: i64 = 60;
/// The clocks of processes behind one name may differ by so much (s).
const SKEW_S: i64 = 60;

/// Signs sessions and knows them again.
pub(crate) struct Sessions {
    key: Hmac<Sha256>,
    /// Those logged out here, with the moment after which nobody honours them anyway.
    ended: Mutex<HashMap<[u8; 16], i64>>,
}

/// A browser's session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    id: [u8; 16],
    /// When the token was shown (Unix seconds).
    began: i64,
    /// When it was last used, as the cookie says.
    seen: i64,
}

impl Sessions {
    pub(super) fn new(token: &Secret) -> Self {
        let digest = Sha256::new().chain_update(b"wxgate console session\0").chain_update(token.expose());
        // As RFC 2104 prepares a key: padded with zeros to SHA-256's block.
        let mut key = [0; 64];
        key[..32].copy_from_slice(&digest.finalize());
        Self { key: Hmac::new(&key.into()), ended: Mutex::default() }
    }

    /// A new session.
    pub(crate) fn begin(now: i64) -> Session {
        Session { id: rand::random(), began: now, seen: now }
    }

    /// The session that a cookie stands for, while it lasts.
    pub(crate) fn read(&self, cookie: &str, now: i64) -> Option<Session> {
        let (signed, mac) = cookie.rsplit_once('.')?;
        let expected = self.sign("cookie", signed);
        if !bool::from(expected.as_bytes().ct_eq(mac.as_bytes())) {
            return None;
        }
        let session = Session::parse(signed)?;
        let lasts = session.seen <= now + SKEW_S && now < session.seen + IDLE_S && now < session.end();
        (lasts && !self.ended.lock().contains_key(&session.id)).then_some(session)
    }

    /// The cookie for a session that is used now.
    pub(crate) fn write(&self, session: &Session, now: i64) -> String {
        let signed = Session { seen: now, ..session.clone() }.text();
        let mac = self.sign("cookie", &signed);
        format!("{signed}.{mac}")
    }

    /// Honours it no longer.
    pub(crate) fn end(&self, session: &Session, now: i64) {
        let mut ended = self.ended.lock();
        ended.retain(|_, until| *until > now);
        ended.insert(session.id, session.end());
    }

    /// What each change that this session's pages ask for has to carry.
    pub(crate) fn form_token(&self, session: &Session) -> String {
        self.sign("form", &hex::encode(session.id))
    }

    /// Whether a change carries it.
    pub(crate) fn is_form_token(&self, session: &Session, given: &str) -> bool {
        self.form_token(session).as_bytes().ct_eq(given.as_bytes()).into()
    }

    fn sign(&self, purpose: &str, text: &str) -> String {
        let mac = self.key.clone().chain_update(purpose).chain_update("\n").chain_update(text);
        hex::encode(mac.finalize().into_bytes())
    }
}

impl Session {
    /// How long it lasts at most, from now (s).
    pub(crate) fn left(&self, now: i64) -> i64 {
        (self.end() - now).max(0)
    }

    /// Whether the cookie that it was read from is old enough to be written anew.
    pub(crate) fn is_stale(&self, now: i64) -> bool {
        now - self.seen > FRESH_S
    }

    fn end(&self) -> i64 {
        self.began + LONGEST_S
    }

    fn text(&self) -> String {
        format!("{}.{}.{}", hex::encode(self.id), self.began, self.seen)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let mut id = [0; 16];
        hex::decode_to_slice(parts.next()?, &mut id).ok()?;
        let session = Self { id, began: parts.next()?.parse().ok()?, seen: parts.next()?.parse().ok()? };
        parts.next().is_none().then_some(session)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn sessions() -> Sessions {
        Sessions::new(&Secret::new("token"))
    }

    fn cookie() -> (Session, String) {
        let session = Sessions::begin(NOW);
        let cookie = sessions().write(&session, NOW);
        (session, cookie)
    }

    #[test]
    fn another_process_with_the_same_token_honours_it_and_one_with_another_does_not() {
        let (session, cookie) = cookie();
        assert_eq!(sessions().read(&cookie, NOW), Some(session));
        assert_eq!(Sessions::new(&Secret::new("other")).read(&cookie, NOW), None);
    }

    #[test]
    fn it_lapses_when_unused_and_at_the_end_of_a_day() {
        let (session, cookie) = cookie();
        assert!(sessions().read(&cookie, NOW + IDLE_S - 1).is_some());
        assert_eq!(sessions().read(&cookie, NOW + IDLE_S), None);
        let used = |at| sessions().read(&sessions().write(&session, at), at);
        assert!(used(NOW + LONGEST_S - 1).is_some());
        assert_eq!(used(NOW + LONGEST_S), None);
        let future = sessions().write(&session, NOW + 1000);
        assert_eq!(sessions().read(&future, NOW), None);
    }

    #[test]
    fn an_altered_cookie_is_none() {
        let (_, cookie) = cookie();
        for index in 0..cookie.len() {
            let mut altered = cookie.clone().into_bytes();
            altered[index] ^= 1;
            let altered = String::from_utf8(altered).unwrap();
            assert_eq!(sessions().read(&altered, NOW), None, "{altered}");
        }
        for text in ["", ".", "a.b", &cookie[..cookie.len() - 1], &format!("{cookie}0")] {
            assert_eq!(sessions().read(text, NOW), None, "{text}");
        }
    }

    #[test]
    fn whoever_logged_out_is_out() {
        let (sessions, (session, cookie)) = (sessions(), cookie());
        sessions.end(&session, NOW);
        assert_eq!(sessions.read(&cookie, NOW), None);
        sessions.end(&Sessions::begin(NOW), NOW + LONGEST_S);
        assert_eq!(sessions.ended.lock().len(), 1, "what has lapsed is forgotten");
    }

    #[test]
    fn a_change_carries_its_own_sessions_token() {
        let (sessions, (session, cookie)) = (sessions(), cookie());
        let token = sessions.form_token(&session);
        assert!(sessions.is_form_token(&session, &token));
        for wrong in ["", &cookie, &sessions.form_token(&Sessions::begin(NOW))] {
            assert!(!sessions.is_form_token(&session, wrong), "{wrong}");
        }
    }
}
