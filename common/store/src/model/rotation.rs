//! Secrets that were replaced and count on for a while, so that nobody has to change both ends at one moment.

use wxgate_secret::Secret;

use super::operate::Client;

/// A secret that was replaced.
#[derive(Clone, Debug)]
pub struct Former {
    /// The one before.
    pub secret: Secret,
    /// Until when it counts (Unix milliseconds, exclusive).
    pub until: i64,
}

impl Former {
    /// The secret, if it still counts.
    #[must_use]
    pub fn at(&self, now_ms: i64) -> Option<&Secret> {
        (now_ms < self.until).then_some(&self.secret)
    }
}

impl Client {
    /// The secret before its own, if requests may still be signed with that.
    #[must_use]
    pub fn former_secret_at(&self, now_ms: i64) -> Option<&Secret> {
        self.former_secret.as_ref()?.at(now_ms)
    }

    /// The callback secret before its own, if callbacks are still signed with that, too.
    #[must_use]
    pub fn former_callback_secret_at(&self, now_ms: i64) -> Option<&Secret> {
        self.former_callback_secret.as_ref()?.at(now_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_former_secret_counts_until_its_end_and_not_at_it() {
        let former = Former { secret: Secret::new("old"), until: 1_000 };
        assert_eq!(former.at(999).map(Secret::expose), Some("old"));
        assert!(former.at(1_000).is_none());
    }
}
