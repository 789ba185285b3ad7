//! What the processes share about a token. The documentation of [`TokenStore`] is the
//! specification for whoever implements it in SQL; `testing::conformance` checks it.

use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;
use wxgate_secret::Secret;

use crate::key::TokenKey;

/// A token as stored. All durations are counted by the store's clock at the moment of the answer,
/// since the clocks of machines differ.
#[derive(Clone, Debug)]
pub struct StoredToken {
    /// The token.
    pub value: Secret,
    /// The [`Ticket::turn`] that stored it: positive, and greater than that of any older token of
    /// this key.
    pub generation: i64,
    /// Time since it was stored.
    pub age: Duration,
    /// Time until it should be renewed; zero when that is due.
    pub renew_in: Duration,
    /// Time until it ends; zero when it ended.
    pub valid_for: Duration,
}

/// A token to be stored.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The token.
    pub value: Secret,
    /// After how long it should be renewed.
    pub renew_after: Duration,
    /// How long it lives.
    pub valid_for: Duration,
    /// The account's refresh token that came with it: stored with the token, or not at all.
    pub refresh_token: Option<Secret>,
}

/// The right to refresh one token: handed out by [`TokenStore::begin_refresh`].
#[derive(Debug, PartialEq, Eq)]
pub struct Ticket {
    key: TokenKey,
    turn: i64,
}

impl Ticket {
    /// For implementations of [`TokenStore`]: `turn` is positive and greater than any other handed
    /// out for `key`.
    #[must_use]
    pub fn new(key: TokenKey, turn: i64) -> Self {
        Self { key, turn }
    }

    /// Which token may be refreshed.
    #[must_use]
    pub fn key(&self) -> &TokenKey {
        &self.key
    }

    /// The number of this refresh, and the generation of the token that it stores.
    #[must_use]
    pub fn turn(&self) -> i64 {
        self.turn
    }
}

/// The terms on which a refresh may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshTerms {
    /// How long the ticket keeps others away.
    pub hold: Duration,
    /// A token younger than this is not refreshed.
    pub min_age: Duration,
    /// Refreshes of this token in one day.
    pub daily_limit: u32,
}

/// What [`TokenStore::begin_refresh`] decided.
#[derive(Debug)]
pub enum Turn {
    /// Go and fetch; then [`TokenStore::finish_refresh`] or [`TokenStore::abandon_refresh`].
    Yours(Ticket),
    /// There is a newer token than the one seen: use it.
    Newer(StoredToken),
    /// Another refresh holds the lock: ask again in a moment.
    Busy,
    /// The token seen was stored only just now.
    TooSoon {
        /// Time until it is old enough.
        wait: Duration,
    },
    /// The day's refreshes are used up.
    DailyLimit,
}

/// Why the store gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum TokenStoreError {
    /// It cannot be reached, or failed for the moment. Whether a write took effect is unknown.
    #[error("the token store is not available")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// What is stored cannot be read, for instance since the key that sealed it is gone.
    #[error("a stored token cannot be read")]
    Unreadable(#[source] Box<dyn Error + Send + Sync>),
}

/// Tokens, and the lock for their refresh, shared by all processes. One record for each key: the
/// token with its generation, the last turn handed out, the live hold (turn and end), and the
/// day's count of refreshes. Every verb is one transaction and goes by the store's own clock.
///
/// An account on a third-party platform has a refresh token besides, one for each [`TokenKey::app`].
/// It is kept where accounts are kept; this trait only replaces it, in [`Self::finish_refresh`].
/// Whoever stores one that came otherwise (the account authorised the platform anew) does so in one
/// transaction with this, under the lock of the account's [`TokenKey::access`] record: the last turn
/// and the generation are both set to one more than the last turn handed out, the token is cleared,
/// the hold ends. A refresh that was begun with the older refresh token then finds a newer generation
/// and stores neither its token nor its refresh token. `testing::refresh_tokens` checks it.
#[async_trait]
pub trait TokenStore: Send + Sync {
    /// The token as stored, even when it is due or has ended; `None` when there never was one.
    ///
    /// # Errors
    /// [`TokenStoreError`].
    async fn load(&self, key: &TokenKey) -> Result<Option<StoredToken>, TokenStoreError>;

    /// Asks to refresh the token whose generation is `seen` (0: none). The first that holds decides:
    ///
    /// 1. The stored token's generation is greater than `seen` and it has not ended:
    ///    [`Turn::Newer`], whether due or not.
    /// 2. A hold is live, which is neither finished nor abandoned nor lapsed: [`Turn::Busy`].
    /// 3. The stored token is younger than `min_age`: [`Turn::TooSoon`].
    /// 4. `daily_limit` refreshes or more were begun today (a day in Asia/Shanghai, UTC+8, where
    ///    WeChat counts) and not abandoned: [`Turn::DailyLimit`].
    /// 5. [`Turn::Yours`]: the turn is one more than the last one handed out, the hold lives for
    ///    `hold`, the day's count goes up by one. All of that is durable before the answer.
    ///
    /// Two calls at once never both get [`Turn::Yours`]. Everything but the last changes nothing.
    ///
    /// # Errors
    /// [`TokenStoreError`]. A ticket that was given but whose answer got lost lapses like that of a
    /// dead process.
    async fn begin_refresh(
        &self,
        key: &TokenKey,
        seen: i64,
        terms: &RefreshTerms,
    ) -> Result<Turn, TokenStoreError>;

    /// Stores the fetched token under the generation [`Ticket::turn`], durable before the answer,
    /// and ends the hold if it is still this ticket's.
    ///
    /// * `None`: a newer generation stands, and nothing changed. An older token never replaces a
    ///   newer one.
    /// * A hold that lapsed does not matter by itself, not even when another refresh has begun: its
    ///   token will get the greater generation. Its hold stays.
    /// * A refresh token that came along replaces the account's in the same transaction, if the
    ///   token is stored by this very call, and only then.
    /// * Repeating the call after an error is harmless: when this turn's token is stored already,
    ///   it is answered as it stands.
    ///
    /// # Errors
    /// [`TokenStoreError`].
    async fn finish_refresh(
        &self,
        ticket: &Ticket,
        token: &NewToken,
    ) -> Result<Option<StoredToken>, TokenStoreError>;

    /// The fetch failed: ends the hold and takes the refresh off the day's count, so that an outage
    /// does not use up the day. Does nothing when the hold is not this ticket's any more.
    ///
    /// # Errors
    /// [`TokenStoreError`]; the hold then ends by lapsing.
    async fn abandon_refresh(&self, ticket: &Ticket) -> Result<(), TokenStoreError>;
}
