//! One key's token in the memory of this process: what callers read without waiting.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;
use wxgate_secret::Secret;

use crate::error::KeeperError;
use crate::keeper::Token;
use crate::key::TokenKey;
use crate::store::StoredToken;

/// The longest pause after failed fetches: they pause 1, 2, 4 … 60 s.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// Pause after the store failed or another process sat on the refresh.
const SHORT_PAUSE: Duration = Duration::from_secs(1);

/// What a caller finds.
pub(crate) enum View<E> {
    /// Use it.
    Fresh(Token),
    /// Use it, and have it renewed behind.
    Due(Token),
    /// A refresh has to be waited for.
    Missing,
    /// No token, and it is too early to ask again.
    Paused(KeeperError<E>),
}

pub(crate) struct Slot<E> {
    key: TokenKey,
    state: RwLock<State<E>>,
    /// Refreshes that came to nothing since start.
    failed: AtomicU64,
    /// Held by the one refresh of this process.
    pub(crate) flight: Arc<Mutex<()>>,
}

struct State<E> {
    current: Option<Current>,
    /// The highest generation that a call was refused with.
    refused: i64,
    /// The highest generation that somebody said does not work, without proof.
    doubted: i64,
    /// Failed fetches in a row.
    failures: u32,
    pause: Option<Pause<E>>,
}

struct Current {
    token: Token,
    renew_at: Instant,
    ends_at: Instant,
}

struct Pause<E> {
    until: Instant,
    error: KeeperError<E>,
}

impl<E> Slot<E> {
    pub(crate) fn new(key: TokenKey) -> Self {
        let state = State { current: None, refused: 0, doubted: 0, failures: 0, pause: None };
        Self { key, state: RwLock::new(state), failed: AtomicU64::new(0), flight: Arc::default() }
    }

    pub(crate) fn key(&self) -> &TokenKey {
        &self.key
    }

    pub(crate) fn look(&self) -> View<E> {
        let now = Instant::now();
        let state = self.read();
        let pause = state.pause.as_ref().filter(|pause| now < pause.until);
        match state.usable(now) {
            // While renewal pauses, the old token serves on.
            Some(current) if pause.is_some() || !state.is_due(current, now) => {
                View::Fresh(current.token.clone())
            }
            Some(current) => View::Due(current.token.clone()),
            None => pause.map_or(View::Missing, |pause| View::Paused(pause.error_at(now))),
        }
    }

    /// Whether nothing was read from the store yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.read().current.is_none()
    }

    /// Whether the token may still be used, due or not.
    pub(crate) fn usable(&self) -> Option<Token> {
        self.read().usable(Instant::now()).map(|current| current.token.clone())
    }

    /// The generation held here; 0 for none.
    pub(crate) fn seen(&self) -> i64 {
        self.read().current.as_ref().map_or(0, |current| current.token.generation())
    }

    /// The token of this slot, if a call was refused with it.
    pub(crate) fn refused_value(&self) -> Option<Arc<Secret>> {
        let state = self.read();
        let current = state.current.as_ref()?;
        (current.token.generation() <= state.refused).then(|| current.token.shared_value())
    }

    pub(crate) fn refuse(&self, generation: i64) {
        if self.read().refused < generation {
            let mut state = self.write();
            state.refused = state.refused.max(generation);
        }
    }

    pub(crate) fn doubt(&self, generation: i64) {
        let mut state = self.write();
        state.doubted = state.doubted.max(generation);
    }

    /// Takes over what the store has, unless something newer is here already.
    pub(crate) fn remember(&self, stored: StoredToken) -> Token {
        let now = Instant::now();
        let token = Token::new(stored.value, stored.generation);
        let mut state = self.write();
        if state.current.as_ref().is_none_or(|c| c.token.generation() <= token.generation()) {
            state.current = Some(Current {
                token: token.clone(),
                renew_at: now + stored.renew_in,
                ends_at: now + stored.valid_for,
            });
        }
        token
    }

    pub(crate) fn forget_failures(&self) {
        let mut state = self.write();
        state.failures = 0;
        state.pause = None;
    }

    /// Refreshes that came to nothing since start.
    pub(crate) fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    /// Keeps everybody from asking again for a while: they get the same error.
    pub(crate) fn pause(&self, error: KeeperError<E>) {
        // A token that is too young to be renewed is as it should be.
        if !matches!(error, KeeperError::TooSoon { .. }) {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
        let mut state = self.write();
        let wait = match &error {
            KeeperError::Source(_) | KeeperError::SourceTimeout => {
                state.failures = state.failures.saturating_add(1);
                pause_after(state.failures)
            }
            KeeperError::TooSoon { wait } => *wait,
            KeeperError::DailyLimit => LONGEST_PAUSE,
            KeeperError::Store(_) | KeeperError::HeldElsewhere | KeeperError::Interrupted => SHORT_PAUSE,
        };
        state.pause = Some(Pause { until: Instant::now() + wait, error });
    }

    // A panic while a lock is held leaves whole values behind: each write is one assignment.
    fn read(&self) -> RwLockReadGuard<'_, State<E>> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State<E>> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E> State<E> {
    fn usable(&self, now: Instant) -> Option<&Current> {
        self.current.as_ref().filter(|c| c.token.generation() > self.refused && now < c.ends_at)
    }

    fn is_due(&self, current: &Current, now: Instant) -> bool {
        now >= current.renew_at || current.token.generation() <= self.doubted
    }
}

impl<E> Pause<E> {
    fn error_at(&self, now: Instant) -> KeeperError<E> {
        match &self.error {
            KeeperError::TooSoon { .. } => KeeperError::TooSoon { wait: self.until - now },
            other => other.clone(),
        }
    }
}

/// 1 s after the first failure, doubling up to [`LONGEST_PAUSE`].
fn pause_after(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(6);
    Duration::from_secs(1 << doublings).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(generation: i64) -> StoredToken {
        let hour = Duration::from_hours(1);
        let value = Secret::new(format!("T{generation}"));
        StoredToken { value, generation, age: Duration::ZERO, renew_in: hour, valid_for: hour }
    }

    #[test]
    fn an_older_token_does_not_replace_a_newer_in_memory() {
        let slot = Slot::<()>::new(TokenKey::access("wx1"));
        slot.remember(stored(2));
        slot.remember(stored(1));
        assert!(matches!(slot.look(), View::Fresh(token) if token.expose() == "T2"));
    }

    #[test]
    fn pauses_double_from_1_s_to_60_s() {
        let pauses = [1, 2, 3, 6, 7, 8, u32::MAX].map(|failures| pause_after(failures).as_secs());
        assert_eq!(pauses, [1, 2, 4, 32, 60, 60, 60]);
    }
}
