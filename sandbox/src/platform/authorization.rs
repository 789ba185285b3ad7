//! One account's authorisation of a platform, and the refresh tokens that stand for it.

use serde::Serialize;

use crate::clock::Moment;

/// An account that authorised a platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Authorized {
    /// The account's appid.
    pub app: String,
    /// The refresh token that was given out last.
    pub refresh_token: String,
    /// Since when, in Unix seconds of the sandbox's clock.
    pub auth_time: i64,
}

/// The authorisation with the refresh tokens that work.
#[derive(Debug)]
pub(super) struct Authorization {
    pub(super) since_s: i64,
    current: String,
    /// The one before, and when it was replaced.
    former: Option<(String, Moment)>,
}

impl Authorization {
    pub(super) fn new(refresh_token: String, since_s: i64) -> Self {
        Self { since_s, current: refresh_token, former: None }
    }

    pub(super) fn current(&self) -> &str {
        &self.current
    }

    /// Puts `next` in the place of the refresh token that was presented; false when that one does
    /// not work. Whoever presents the newest shows that he has it: the one before ends then.
    pub(super) fn rotate(
        &mut self,
        presented: &str,
        next: String,
        grace_s: Option<u32>,
        now: Moment,
    ) -> bool {
        let in_grace = |at: Moment| grace_s.is_none_or(|seconds| now < at + i64::from(seconds) * 1000);
        if presented == self.current {
            self.former = Some((std::mem::replace(&mut self.current, next), now));
            return true;
        }
        let works = self.former.as_ref().is_some_and(|(former, at)| former == presented && in_grace(*at));
        if works {
            self.current = next;
        }
        works
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rotate(authorization: &mut Authorization, presented: &str, next: &str, grace_s: Option<u32>) -> bool {
        authorization.rotate(presented, next.to_owned(), grace_s, 5_000)
    }

    #[test]
    fn the_token_before_works_until_the_new_one_was_used() {
        let mut authorization = Authorization::new("r1".to_owned(), 0);
        assert!(rotate(&mut authorization, "r1", "r2", None));
        assert!(rotate(&mut authorization, "r1", "r3", None));
        assert!(!rotate(&mut authorization, "r2", "r4", None));
        assert!(rotate(&mut authorization, "r3", "r5", None));
        assert!(!rotate(&mut authorization, "r1", "r6", None));
        assert_eq!(authorization.current(), "r5");
    }

    #[test]
    fn a_grace_of_zero_ends_it_at_once() {
        let mut authorization = Authorization::new("r1".to_owned(), 0);
        assert!(rotate(&mut authorization, "r1", "r2", Some(0)));
        assert!(!rotate(&mut authorization, "r1", "r3", Some(0)));
        assert!(authorization.rotate("r1", "r3".to_owned(), Some(1), 5_999));
        assert!(!authorization.rotate("r1", "r4".to_owned(), Some(1), 6_000));
    }
}
