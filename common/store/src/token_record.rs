//! What is stored of a token, and the rules of `TokenStore` as pure functions: the dialects read a
//! record under a lock, ask here, and write it back.

use std::time::Duration;

use sqlx::FromRow;
use wxgate_job::millis;
use wxgate_secret::Keyring;
use wxgate_token::{NewToken, RefreshTerms, StoredToken, Ticket, TokenKey, TokenStoreError, Turn};

use crate::error::StoreError;
use crate::sealing;

/// Asia/Shanghai is eight hours ahead of UTC all the year round.
const SHANGHAI_MS: i64 = 8 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// What became of a token that was fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    /// It stands, by this call. A refresh token that came along replaces the account's.
    Stored,
    /// It stands since an earlier call, whose answer got lost.
    StoodAlready,
    /// A newer generation stands.
    NewerStands,
}

/// One row of `tokens`.
#[derive(Clone, Debug, Default, FromRow)]
pub(crate) struct TokenRecord {
    /// Sealed.
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) generation: i64,
    pub(crate) stored_at: i64,
    pub(crate) renew_at: i64,
    pub(crate) valid_until: i64,
    pub(crate) last_turn: i64,
    /// End of the hold of `last_turn`, if that is under way.
    pub(crate) held_until: Option<i64>,
    pub(crate) day: i64,
    pub(crate) refreshes: i64,
}

impl TokenRecord {
    pub(crate) fn token(
        &self,
        keys: &Keyring,
        key: &TokenKey,
        now: i64,
    ) -> Result<Option<StoredToken>, TokenStoreError> {
        let Some(sealed) = &self.value else { return Ok(None) };
        let value = sealing::open(keys, "tokens", &row_id(key), "value", sealed)
            .map_err(|error| TokenStoreError::Unreadable(Box::new(error)))?;
        Ok(Some(StoredToken {
            value,
            generation: self.generation,
            age: between(self.stored_at, now),
            renew_in: between(now, self.renew_at),
            valid_for: between(now, self.valid_until),
        }))
    }

    /// The decision of `TokenStore::begin_refresh`; the record is changed only with [`Turn::Yours`].
    pub(crate) fn begin(
        &mut self,
        keys: &Keyring,
        key: &TokenKey,
        seen: i64,
        terms: &RefreshTerms,
        now: i64,
    ) -> Result<Turn, TokenStoreError> {
        if self.generation > seen
            && self.valid_until > now
            && let Some(token) = self.token(keys, key, now)?
        {
            return Ok(Turn::Newer(token));
        }
        if self.held_until.is_some_and(|until| until > now) {
            return Ok(Turn::Busy);
        }
        let old_enough_at = self.stored_at + millis(terms.min_age);
        if self.value.is_some() && old_enough_at > now {
            return Ok(Turn::TooSoon { wait: between(now, old_enough_at) });
        }
        let day = day(now);
        let begun = if day == self.day { self.refreshes } else { 0 };
        if begun >= i64::from(terms.daily_limit) {
            return Ok(Turn::DailyLimit);
        }
        self.day = day;
        self.refreshes = begun + 1;
        self.last_turn += 1;
        self.held_until = Some(now + millis(terms.hold));
        Ok(Turn::Yours(Ticket::new(key.clone(), self.last_turn)))
    }

    /// The decision of `TokenStore::finish_refresh`.
    pub(crate) fn finish(&mut self, keys: &Keyring, ticket: &Ticket, token: &NewToken, now: i64) -> Finish {
        if self.generation > ticket.turn() {
            return Finish::NewerStands;
        }
        let stored = self.generation < ticket.turn();
        if stored {
            self.value = Some(sealing::seal(keys, "tokens", &row_id(ticket.key()), "value", &token.value));
            self.generation = ticket.turn();
            self.stored_at = now;
            self.renew_at = now + millis(token.renew_after);
            self.valid_until = now + millis(token.valid_for);
        }
        if self.last_turn == ticket.turn() {
            self.held_until = None;
        }
        if stored { Finish::Stored } else { Finish::StoodAlready }
    }

    /// The token came from an authorisation that is over. Refreshes begun until now find a newer
    /// generation and store nothing.
    pub(crate) fn supersede(&mut self) {
        self.last_turn += 1;
        self.generation = self.last_turn;
        (self.value, self.held_until) = (None, None);
    }

    /// The decision of `TokenStore::abandon_refresh`.
    pub(crate) fn abandon(&mut self, ticket: &Ticket) {
        if self.last_turn == ticket.turn() && self.held_until.take().is_some() {
            self.refreshes = (self.refreshes - 1).max(0);
        }
    }
}

/// The day of Asia/Shanghai, by which refreshes are counted.
pub(crate) const fn day(now: i64) -> i64 {
    (now + SHANGHAI_MS) / DAY_MS
}

fn row_id(key: &TokenKey) -> String {
    format!("{}\0{}", key.app, key.kind)
}

fn between(from: i64, to: i64) -> Duration {
    Duration::from_millis(u64::try_from(to - from).unwrap_or_default())
}

pub(crate) fn unavailable(error: sqlx::Error) -> TokenStoreError {
    TokenStoreError::Unavailable(Box::new(StoreError::of_statement(error)))
}
