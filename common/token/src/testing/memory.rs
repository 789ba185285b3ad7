//! A store for one process, on tokio's clock (which tests can stop and turn).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;
use wxgate_secret::Secret;

use super::refresh_tokens::Accounts;
use crate::key::TokenKey;
use crate::store::{NewToken, RefreshTerms, StoredToken, Ticket, TokenStore, TokenStoreError, Turn};

/// Keeps every promise of [`TokenStore`] but durability. Its days begin when it is made.
#[derive(Debug)]
pub struct MemoryTokenStore {
    made: Instant,
    records: Mutex<HashMap<TokenKey, Record>>,
    refresh_tokens: Mutex<HashMap<String, Secret>>,
}

#[derive(Debug, Default)]
struct Record {
    token: Option<Kept>,
    /// That of the token, or above it after a new authorisation.
    generation: i64,
    last_turn: i64,
    hold: Option<Hold>,
    day: u64,
    begun_that_day: u32,
}

#[derive(Debug)]
struct Kept {
    token: NewToken,
    since: Instant,
}

#[derive(Debug)]
struct Hold {
    turn: i64,
    until: Instant,
}

impl Default for MemoryTokenStore {
    fn default() -> Self {
        Self { made: Instant::now(), records: Mutex::default(), refresh_tokens: Mutex::default() }
    }
}

impl MemoryTokenStore {
    fn records(&self) -> MutexGuard<'_, HashMap<TokenKey, Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refresh_tokens(&self) -> MutexGuard<'_, HashMap<String, Secret>> {
        self.refresh_tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn today(&self) -> u64 {
        self.made.elapsed().as_secs() / 86_400
    }
}

impl Record {
    fn stored(&self) -> Option<StoredToken> {
        let kept = self.token.as_ref()?;
        let age = kept.since.elapsed();
        Some(StoredToken {
            value: kept.token.value.clone(),
            generation: self.generation,
            age,
            renew_in: kept.token.renew_after.saturating_sub(age),
            valid_for: kept.token.valid_for.saturating_sub(age),
        })
    }

    /// Why no refresh may begin, if so.
    fn objection(&self, seen: i64, terms: &RefreshTerms) -> Option<Turn> {
        let stored = self.stored();
        let age = stored.as_ref().map_or(Duration::MAX, |stored| stored.age);
        let newer = stored.filter(|s| s.generation > seen && !s.valid_for.is_zero());
        if let Some(stored) = newer {
            return Some(Turn::Newer(stored));
        }
        if self.hold.as_ref().is_some_and(|hold| Instant::now() < hold.until) {
            return Some(Turn::Busy);
        }
        if age < terms.min_age {
            return Some(Turn::TooSoon { wait: terms.min_age.saturating_sub(age) });
        }
        (self.begun_that_day >= terms.daily_limit).then_some(Turn::DailyLimit)
    }

    fn begin(&mut self, key: &TokenKey, hold: Duration) -> Turn {
        self.begun_that_day += 1;
        self.last_turn += 1;
        self.hold = Some(Hold { turn: self.last_turn, until: Instant::now() + hold });
        Turn::Yours(Ticket::new(key.clone(), self.last_turn))
    }

    /// Whether the hold was still this ticket's.
    fn release(&mut self, ticket: &Ticket) -> bool {
        self.hold.take_if(|hold| hold.turn == ticket.turn()).is_some()
    }
}

#[async_trait]
impl TokenStore for MemoryTokenStore {
    async fn load(&self, key: &TokenKey) -> Result<Option<StoredToken>, TokenStoreError> {
        Ok(self.records().get(key).and_then(Record::stored))
    }

    async fn begin_refresh(
        &self,
        key: &TokenKey,
        seen: i64,
        terms: &RefreshTerms,
    ) -> Result<Turn, TokenStoreError> {
        let today = self.today();
        let mut records = self.records();
        let record = records.entry(key.clone()).or_default();
        if record.day != today {
            (record.day, record.begun_that_day) = (today, 0);
        }
        Ok(match record.objection(seen, terms) {
            Some(objection) => objection,
            None => record.begin(key, terms.hold),
        })
    }

    async fn finish_refresh(
        &self,
        ticket: &Ticket,
        token: &NewToken,
    ) -> Result<Option<StoredToken>, TokenStoreError> {
        let mut records = self.records();
        let record = records.entry(ticket.key().clone()).or_default();
        record.release(ticket);
        if record.generation > ticket.turn() {
            return Ok(None);
        }
        if record.generation < ticket.turn() {
            record.generation = ticket.turn();
            record.token = Some(Kept { token: token.clone(), since: Instant::now() });
            if let Some(refresh_token) = &token.refresh_token {
                self.refresh_tokens().insert(ticket.key().app.clone(), refresh_token.clone());
            }
        }
        Ok(record.stored())
    }

    async fn abandon_refresh(&self, ticket: &Ticket) -> Result<(), TokenStoreError> {
        let mut records = self.records();
        let record = records.entry(ticket.key().clone()).or_default();
        if record.release(ticket) {
            record.begun_that_day = record.begun_that_day.saturating_sub(1);
        }
        Ok(())
    }
}

#[async_trait]
impl Accounts for MemoryTokenStore {
    async fn authorise(&self, app: &str, refresh_token: Secret) {
        let mut records = self.records();
        let record = records.entry(TokenKey::access(app)).or_default();
        record.last_turn += 1;
        record.generation = record.last_turn;
        (record.token, record.hold) = (None, None);
        self.refresh_tokens().insert(app.to_owned(), refresh_token);
    }

    async fn refresh_token(&self, app: &str) -> Option<Secret> {
        self.refresh_tokens().get(app).cloned()
    }
}
