//! One refresh: the store's lock, the fetch, the store.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, sleep, timeout};

use crate::error::KeeperError;
use crate::keeper::Token;
use crate::limits::Limits;
use crate::slot::Slot;
use crate::source::{FetchedToken, TokenSource};
use crate::store::{NewToken, StoredToken, Ticket, TokenStore, TokenStoreError, Turn};

/// How often the store is asked while another process refreshes, or while it is away.
const POLL: Duration = Duration::from_millis(100);

type Outcome<T, S> = Result<T, KeeperError<<S as TokenSource>::Error>>;

pub(crate) struct Refresher<S> {
    store: Arc<dyn TokenStore>,
    source: S,
    limits: Limits,
}

impl<S: TokenSource> Refresher<S> {
    pub(crate) fn new(store: Arc<dyn TokenStore>, source: S, limits: Limits) -> Self {
        Self { store, source, limits }
    }

    /// Refreshes the slot's token and notes the result there, before `flight` lets others look.
    pub(crate) async fn run(
        self: Arc<Self>,
        slot: Arc<Slot<S::Error>>,
        flight: OwnedMutexGuard<()>,
    ) -> Outcome<Token, S> {
        let result = self.refresh(&slot).await;
        match &result {
            Ok(_) => slot.forget_failures(),
            Err(error) => slot.pause(error.clone()),
        }
        drop(flight);
        result
    }

    async fn refresh(&self, slot: &Slot<S::Error>) -> Outcome<Token, S> {
        if slot.is_empty()
            && let Some(stored) = self.store.load(slot.key()).await?
        {
            slot.remember(stored);
            if let Some(token) = slot.usable() {
                return Ok(token);
            }
        }
        self.take_turn(slot).await
    }

    /// Asks for the lock until it is ours or somebody else's refresh is done.
    async fn take_turn(&self, slot: &Slot<S::Error>) -> Outcome<Token, S> {
        let terms = self.limits.terms(slot.key().kind);
        let begun = Instant::now();
        loop {
            match self.store.begin_refresh(slot.key(), slot.seen(), &terms).await? {
                Turn::Yours(ticket) => return self.fetch(slot, &ticket).await,
                Turn::Newer(stored) => return Ok(slot.remember(stored)),
                Turn::TooSoon { wait } => return Err(KeeperError::TooSoon { wait }),
                Turn::DailyLimit => return Err(KeeperError::DailyLimit),
                Turn::Busy if begun.elapsed() < self.limits.patience => sleep(POLL).await,
                Turn::Busy => return Err(KeeperError::HeldElsewhere),
            }
        }
    }

    async fn fetch(&self, slot: &Slot<S::Error>, ticket: &Ticket) -> Outcome<Token, S> {
        let refused = slot.refused_value();
        let fetch = self.source.fetch(slot.key(), refused.as_deref());
        match timeout(self.limits.fetch, fetch).await {
            Ok(Ok(fetched)) => self.keep(slot, ticket, fetched).await,
            Ok(Err(error)) => Err(self.abandon(ticket, KeeperError::Source(Arc::new(error))).await),
            Err(_elapsed) => Err(self.abandon(ticket, KeeperError::SourceTimeout).await),
        }
    }

    async fn abandon(&self, ticket: &Ticket, cause: KeeperError<S::Error>) -> KeeperError<S::Error> {
        if let Err(error) = self.store.abandon_refresh(ticket).await {
            let error = &error as &dyn std::error::Error;
            tracing::debug!(app = %ticket.key().app, error, "a hold is left to lapse");
        }
        cause
    }

    async fn keep(&self, slot: &Slot<S::Error>, ticket: &Ticket, fetched: FetchedToken) -> Outcome<Token, S> {
        let token = NewToken {
            value: fetched.value,
            renew_after: self.limits.renew_after(ticket.key().kind, fetched.expires_in),
            valid_for: fetched.expires_in,
            refresh_token: fetched.refresh_token,
        };
        let stored = match self.finish(ticket, &token).await? {
            Some(stored) => stored,
            None => self.load_newer(ticket).await?,
        };
        let (app, kind) = (&ticket.key().app, ticket.key().kind);
        tracing::info!(%app, %kind, generation = stored.generation, "token refreshed");
        Ok(slot.remember(stored))
    }

    /// Stores the token, repeatedly while the store is away: the source has retired the old one.
    async fn finish(
        &self,
        ticket: &Ticket,
        token: &NewToken,
    ) -> Result<Option<StoredToken>, TokenStoreError> {
        let begun = Instant::now();
        loop {
            match self.store.finish_refresh(ticket, token).await {
                Err(TokenStoreError::Unavailable(_)) if begun.elapsed() < self.limits.store_retry => {
                    sleep(POLL).await;
                }
                answer => return answer,
            }
        }
    }

    async fn load_newer(&self, ticket: &Ticket) -> Outcome<StoredToken, S> {
        self.store.load(ticket.key()).await?.ok_or(KeeperError::HeldElsewhere)
    }
}
