//! The keeper: a token for every call, and one refresh for everybody who needs it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::OwnedMutexGuard;
use wxgate_secret::Secret;

use crate::error::KeeperError;
use crate::key::TokenKey;
use crate::limits::Limits;
use crate::refresh::Refresher;
use crate::slot::{Slot, View};
use crate::source::TokenSource;
use crate::store::TokenStore;

/// A token to call with. Cheap to clone; `Debug` does not show it.
#[derive(Clone, Debug)]
pub struct Token {
    value: Arc<Secret>,
    generation: i64,
}

impl Token {
    pub(crate) fn new(value: Secret, generation: i64) -> Self {
        Self { value: Arc::new(value), generation }
    }

    /// The token's text: call this only where it is sent.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.value.expose()
    }

    /// Which token of its key this is: later ones have greater numbers. What
    /// [`Keeper::refused`] wants to know.
    #[must_use]
    pub fn generation(&self) -> i64 {
        self.generation
    }

    pub(crate) fn shared_value(&self) -> Arc<Secret> {
        Arc::clone(&self.value)
    }
}

/// Hands out tokens and has them refreshed. Tokens are renewed as they are used: the first caller
/// past the time of renewal starts it, and all go on with the old token meanwhile, also when the
/// renewal fails, until the old token ends.
///
/// A refresh runs in a task of its own: a caller who gives up waiting does not end it, since a
/// token fetched and then dropped would leave everybody with a retired one.
pub struct Keeper<S: TokenSource> {
    refresher: Arc<Refresher<S>>,
    slots: RwLock<HashMap<TokenKey, Arc<Slot<S::Error>>>>,
}

type Answer<S> = Result<Token, KeeperError<<S as TokenSource>::Error>>;

impl<S: TokenSource> Keeper<S> {
    /// A keeper that remembers nothing yet: it reads the store before it fetches.
    #[must_use]
    pub fn new(store: Arc<dyn TokenStore>, source: S, limits: Limits) -> Self {
        let refresher = Arc::new(Refresher::new(store, source, limits));
        Self { refresher, slots: RwLock::default() }
    }

    /// The token, if it can be had without waiting and needs no renewal.
    #[must_use]
    pub fn peek(&self, key: &TokenKey) -> Option<Token> {
        match self.known_slot(key)?.look() {
            View::Fresh(token) => Some(token),
            View::Due(_) | View::Missing | View::Paused(_) => None,
        }
    }

    /// The token: from memory as long as that is good, else from the store, else newly fetched.
    /// May be dropped at any time.
    ///
    /// # Errors
    /// [`KeeperError`]. After a failure everybody gets the same error for a while, and nobody is
    /// asked: 1 s after a failed fetch, doubling to 60 s; as long as [`KeeperError::TooSoon`] says.
    pub async fn token(&self, key: &TokenKey) -> Answer<S> {
        self.acquire(self.slot(key)).await
    }

    /// A call was refused with the token of this `generation`: gives a newer one. At once when
    /// there is one already, else after one refresh, however many callers in however many
    /// processes say so at the same time.
    ///
    /// # Errors
    /// As [`Self::token`]; above all [`KeeperError::TooSoon`] when the token refused is younger
    /// than [`Limits::min_age`].
    pub async fn refused(&self, key: &TokenKey, generation: i64) -> Answer<S> {
        let slot = self.slot(key);
        slot.refuse(generation);
        self.acquire(slot).await
    }

    /// Somebody says that the token of this `generation` does not work, and cannot prove it: has it
    /// renewed behind as soon as it is old enough ([`Limits::ticket_min_age`], [`Limits::min_age`]),
    /// while it serves on. Does nothing when there is a newer one. Needs a tokio runtime.
    pub fn doubt(&self, key: &TokenKey, generation: i64) {
        if let Some(slot) = self.known_slot(key) {
            slot.doubt(generation);
            if matches!(slot.look(), View::Due(_)) {
                self.renew_behind(&slot);
            }
        }
    }

    /// Ends the pause after failures, so that an operator's correction takes effect at once.
    pub fn forget_failures(&self, key: &TokenKey) {
        if let Some(slot) = self.known_slot(key) {
            slot.forget_failures();
        }
    }

    /// How many refreshes by this process have come to nothing since start, of each token that it has
    /// handed out or tried to.
    #[must_use]
    pub fn failures(&self) -> Vec<(TokenKey, u64)> {
        let slots = self.slots.read().unwrap_or_else(PoisonError::into_inner);
        slots.iter().map(|(key, slot)| (key.clone(), slot.failed())).collect()
    }

    async fn acquire(&self, slot: Arc<Slot<S::Error>>) -> Answer<S> {
        if let Some(answer) = self.at_hand(&slot) {
            return answer;
        }
        let flight = Arc::clone(&slot.flight).lock_owned().await;
        // Whoever waited for another caller's refresh finds its result here.
        if let Some(answer) = self.at_hand(&slot) {
            return answer;
        }
        let refresh = tokio::spawn(Arc::clone(&self.refresher).run(slot, flight));
        refresh.await.unwrap_or(Err(KeeperError::Interrupted))
    }

    fn at_hand(&self, slot: &Arc<Slot<S::Error>>) -> Option<Answer<S>> {
        match slot.look() {
            View::Fresh(token) => Some(Ok(token)),
            View::Due(token) => {
                self.renew_behind(slot);
                Some(Ok(token))
            }
            View::Paused(error) => Some(Err(error)),
            View::Missing => None,
        }
    }

    /// Starts the renewal, unless it runs already.
    fn renew_behind(&self, slot: &Arc<Slot<S::Error>>) {
        let Ok(flight) = Arc::clone(&slot.flight).try_lock_owned() else { return };
        // Another renewal may have ended between the look and the lock.
        if matches!(slot.look(), View::Due(_)) {
            tokio::spawn(renew(Arc::clone(&self.refresher), Arc::clone(slot), flight));
        }
    }

    fn known_slot(&self, key: &TokenKey) -> Option<Arc<Slot<S::Error>>> {
        self.slots.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn slot(&self, key: &TokenKey) -> Arc<Slot<S::Error>> {
        self.known_slot(key).unwrap_or_else(|| {
            let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
            let slot = slots.entry(key.clone()).or_insert_with(|| Arc::new(Slot::new(key.clone())));
            Arc::clone(slot)
        })
    }
}

impl<S: TokenSource> fmt::Debug for Keeper<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").finish_non_exhaustive()
    }
}

/// Nobody waits for a renewal on time, so its failure is told here.
async fn renew<S: TokenSource>(
    refresher: Arc<Refresher<S>>,
    slot: Arc<Slot<S::Error>>,
    flight: OwnedMutexGuard<()>,
) {
    let outcome = refresher.run(Arc::clone(&slot), flight).await;
    // A doubted token that is too young is as it should be.
    if let Err(error) = outcome
        && !matches!(error, KeeperError::TooSoon { .. })
    {
        let key = slot.key();
        tracing::warn!(
            app = %key.app,
            kind = %key.kind,
            error = &error as &dyn std::error::Error,
            "renewing a token failed; the old one serves on until it ends",
        );
    }
}
