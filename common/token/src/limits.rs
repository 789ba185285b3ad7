//! How long a token is used, and how seldom it is asked for.

use std::time::Duration;

use crate::key::TokenKind;
use crate::store::RefreshTerms;

/// A token is renewed after this long even when it would live longer: WeChat's tokens live
/// 7200 s, and the rest is room for retries.
const RENEW_AFTER_AT_MOST: Duration = Duration::from_secs(7000);
/// A token is renewed this long before its end. Within WeChat's overlap of 300 s, so the old token
/// still works while the new one is fetched.
const RENEW_BEFORE_END: Duration = Duration::from_secs(200);
/// A ticket is renewed after this long, whatever is said of its life: WeChat always says 7200 s,
/// also of one that is nearly over.
const RENEW_TICKET_AFTER: Duration = Duration::from_secs(3500);

/// The keeper's limits. [`Limits::default`] is meant for WeChat; tests narrow them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a refresh holds the store's lock. When its process dies, others take over after
    /// this. Default 12 s: [`Self::fetch`] and time to store the result.
    pub hold: Duration,
    /// The longest one fetch may take. Default 9 s.
    pub fetch: Duration,
    /// A token younger than this is not refreshed, whatever is said about it. Default 60 s.
    pub min_age: Duration,
    /// The same of a ticket. Default 10 min: anybody with a browser can say that a signature does
    /// not fit, and 144 refreshes a day stay within [`Self::daily`].
    pub ticket_min_age: Duration,
    /// Refreshes of one token a day. Default 200: sixteen times what renewal on time needs (a
    /// renewal each 7000 s makes 12 a day), as many as a WeChat test account has, a tenth of the
    /// 2000 that an account has.
    pub daily: u32,
    /// How long a caller waits for a refresh that another process holds. Default 20 s, so that a
    /// lapsed hold is outlived.
    pub patience: Duration,
    /// How long storing a fetched token is repeated while the store is away. Default 10 s.
    pub store_retry: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            hold: Duration::from_secs(12),
            fetch: Duration::from_secs(9),
            min_age: Duration::from_mins(1),
            ticket_min_age: Duration::from_mins(10),
            daily: 200,
            patience: Duration::from_secs(20),
            store_retry: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// After how long a token that lives `expires_in` is renewed: `min(7000, expires_in - 200)`
    /// seconds, and never sooner than [`Self::min_age`]; a ticket after 3500 s.
    #[must_use]
    pub fn renew_after(&self, kind: TokenKind, expires_in: Duration) -> Duration {
        if kind.is_ticket() {
            return RENEW_TICKET_AFTER;
        }
        expires_in.saturating_sub(RENEW_BEFORE_END).min(RENEW_AFTER_AT_MOST).max(self.min_age)
    }

    pub(crate) fn terms(&self, kind: TokenKind) -> RefreshTerms {
        let min_age = if kind.is_ticket() { self.ticket_min_age } else { self.min_age };
        RefreshTerms { hold: self.hold, min_age, daily_limit: self.daily }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_200_s_before_its_end_after_7000_s_at_most_60_s_at_least() {
        let limits = Limits::default();
        for (expires_in, renew_after) in
            [(7200, 7000), (7201, 7000), (86_400, 7000), (7199, 6999), (300, 100), (260, 60), (0, 60)]
        {
            for kind in [TokenKind::Access, TokenKind::Component] {
                let given = limits.renew_after(kind, Duration::from_secs(expires_in));
                assert_eq!(given.as_secs(), renew_after, "expires_in {expires_in}");
            }
        }
    }

    #[test]
    fn a_ticket_is_renewed_after_3500_s_whatever_is_said_of_its_life() {
        for kind in [TokenKind::JsapiTicket, TokenKind::CardTicket] {
            for expires_in in [7200, 86_400, 300] {
                let given = Limits::default().renew_after(kind, Duration::from_secs(expires_in));
                assert_eq!(given.as_secs(), 3500, "expires_in {expires_in}");
            }
        }
    }
}
