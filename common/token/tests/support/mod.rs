//! A source that is told what to answer, and a store that can go away.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Semaphore, watch};
use wxgate_secret::Secret;
use wxgate_token::testing::MemoryTokenStore;
use wxgate_token::testing::refresh_tokens::Accounts;
use wxgate_token::{
    FetchedToken, Keeper, Limits, NewToken, RefreshTerms, StoredToken, Ticket, TokenKey, TokenKind,
    TokenSource, TokenStore, TokenStoreError, Turn,
};

pub type TestKeeper = Keeper<Source>;

/// The key that all tests use.
pub fn key() -> TokenKey {
    TokenKey::access("wx5andb0x00000001")
}

/// The key of a ticket of the same app.
pub fn ticket() -> TokenKey {
    TokenKey { kind: TokenKind::CardTicket, ..key() }
}

pub fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// Keepers ('processes') that share one store and one source.
pub struct World {
    pub source: Source,
    pub store: Arc<FlakyStore>,
}

impl World {
    pub fn new() -> Self {
        Self { source: Source::default(), store: Arc::default() }
    }

    pub fn keeper(&self) -> Arc<TestKeeper> {
        self.keeper_with(Limits::default())
    }

    pub fn keeper_with(&self, limits: Limits) -> Arc<TestKeeper> {
        let store = Arc::clone(&self.store) as Arc<dyn TokenStore>;
        Arc::new(Keeper::new(store, self.source.clone(), limits))
    }

    /// A refresh that begins and ends at once, with a token from elsewhere.
    pub async fn another_process_stores(&self, value: &str) {
        let terms = RefreshTerms { hold: secs(0), min_age: secs(60), daily_limit: 9 };
        let turn = self.store.begin_refresh(&key(), 0, &terms).await.unwrap();
        let Turn::Yours(ticket) = turn else { panic!("nobody else is in turn: {turn:?}") };
        let value = Secret::new(value);
        let token = NewToken { value, renew_after: secs(7000), valid_for: secs(7200), refresh_token: None };
        self.store.finish_refresh(&ticket, &token).await.unwrap();
    }
}

/// Hands out `T1`, `T2` …, each living 7200 s, unless told to fail or to wait.
#[derive(Clone, Default)]
pub struct Source(Arc<Inner>);

struct Inner {
    fetches: watch::Sender<usize>,
    failures: Mutex<VecDeque<&'static str>>,
    gate: Semaphore,
    refused: Mutex<Vec<Option<String>>>,
    brings_refresh_tokens: AtomicBool,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            fetches: watch::Sender::new(0),
            failures: Mutex::default(),
            gate: Semaphore::new(Semaphore::MAX_PERMITS / 2),
            refused: Mutex::default(),
            brings_refresh_tokens: AtomicBool::default(),
        }
    }
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoToken(pub &'static str);

impl Source {
    /// Fetches begun so far.
    pub fn fetches(&self) -> usize {
        *self.0.fetches.borrow()
    }

    /// Returns when the `n`th fetch has begun.
    pub async fn begun(&self, n: usize) {
        self.0.fetches.subscribe().wait_for(|fetches| *fetches >= n).await.unwrap();
    }

    /// From now on fetches wait.
    pub fn shut(&self) {
        self.0.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// Lets `n` waiting or coming fetches through.
    pub fn let_through(&self, n: usize) {
        self.0.gate.add_permits(n);
    }

    /// The next `n` fetches fail.
    pub fn fail(&self, n: usize) {
        self.0.failures.lock().unwrap().extend(std::iter::repeat_n("busy", n));
    }

    /// From now on `R1`, `R2` … come with the tokens.
    pub fn bring_refresh_tokens(&self) {
        self.0.brings_refresh_tokens.store(true, SeqCst);
    }

    /// With which refused token each fetch was asked for.
    pub fn refused(&self) -> Vec<Option<String>> {
        self.0.refused.lock().unwrap().clone()
    }
}

impl TokenSource for Source {
    type Error = NoToken;

    async fn fetch(&self, _key: &TokenKey, refused: Option<&Secret>) -> Result<FetchedToken, NoToken> {
        self.0.refused.lock().unwrap().push(refused.map(|token| token.expose().to_owned()));
        let mut n = 0;
        self.0.fetches.send_modify(|fetches| {
            *fetches += 1;
            n = *fetches;
        });
        self.0.gate.acquire().await.unwrap().forget();
        match self.0.failures.lock().unwrap().pop_front() {
            Some(reason) => Err(NoToken(reason)),
            None => Ok(FetchedToken {
                value: Secret::new(format!("T{n}")),
                expires_in: secs(7200),
                refresh_token: self
                    .0
                    .brings_refresh_tokens
                    .load(SeqCst)
                    .then(|| Secret::new(format!("R{n}"))),
            }),
        }
    }
}

/// The store in memory, with a cable that can be pulled.
#[derive(Default)]
pub struct FlakyStore {
    store: MemoryTokenStore,
    away: AtomicBool,
    pub calls: AtomicUsize,
}

impl FlakyStore {
    pub fn set_away(&self, away: bool) {
        self.away.store(away, SeqCst);
    }

    pub async fn refresh_token(&self, app: &str) -> Option<String> {
        self.store.refresh_token(app).await.map(|token| token.expose().to_owned())
    }

    fn reach(&self) -> Result<&MemoryTokenStore, TokenStoreError> {
        self.calls.fetch_add(1, SeqCst);
        if self.away.load(SeqCst) {
            return Err(TokenStoreError::Unavailable("the cable is pulled".into()));
        }
        Ok(&self.store)
    }
}

#[async_trait]
impl TokenStore for FlakyStore {
    async fn load(&self, key: &TokenKey) -> Result<Option<StoredToken>, TokenStoreError> {
        self.reach()?.load(key).await
    }

    async fn begin_refresh(
        &self,
        key: &TokenKey,
        seen: i64,
        terms: &RefreshTerms,
    ) -> Result<Turn, TokenStoreError> {
        self.reach()?.begin_refresh(key, seen, terms).await
    }

    async fn finish_refresh(
        &self,
        ticket: &Ticket,
        token: &NewToken,
    ) -> Result<Option<StoredToken>, TokenStoreError> {
        self.reach()?.finish_refresh(ticket, token).await
    }

    async fn abandon_refresh(&self, ticket: &Ticket) -> Result<(), TokenStoreError> {
        self.reach()?.abandon_refresh(ticket).await
    }
}
