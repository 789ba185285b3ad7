//! Why there is no token.

use std::sync::Arc;
use std::time::Duration;

use crate::store::TokenStoreError;

/// Why the keeper has no token to give. Cheap to clone: all who wait for one refresh get the same.
#[derive(Debug, thiserror::Error)]
pub enum KeeperError<E> {
    /// The shared store did not answer, so nothing was fetched either.
    #[error("the token store is not available")]
    Store(#[source] Arc<TokenStoreError>),
    /// The source gave no token.
    #[error("no token could be fetched")]
    Source(#[source] Arc<E>),
    /// The source did not answer within [`crate::Limits::fetch`].
    #[error("fetching a token took too long")]
    SourceTimeout,
    /// The token was refused although it is fresh: somebody else may be fetching tokens for the
    /// same app.
    #[error("the token was refused, but it was refreshed only just now; wait {} s", wait.as_secs())]
    TooSoon {
        /// Time until it may be refreshed.
        wait: Duration,
    },
    /// The day's refreshes are used up.
    #[error("the token was refreshed too often today")]
    DailyLimit,
    /// Another process holds the refresh and did not come to an end.
    #[error("another process is refreshing the token and has not finished")]
    HeldElsewhere,
    /// The refresh ended without a result: a panic, or the runtime is going down.
    #[error("the refresh of the token was interrupted")]
    Interrupted,
}

// Not derived: that would ask for `E: Clone`.
impl<E> Clone for KeeperError<E> {
    fn clone(&self) -> Self {
        match self {
            Self::Store(source) => Self::Store(Arc::clone(source)),
            Self::Source(source) => Self::Source(Arc::clone(source)),
            Self::SourceTimeout => Self::SourceTimeout,
            Self::TooSoon { wait } => Self::TooSoon { wait: *wait },
            Self::DailyLimit => Self::DailyLimit,
            Self::HeldElsewhere => Self::HeldElsewhere,
            Self::Interrupted => Self::Interrupted,
        }
    }
}

impl<E> From<TokenStoreError> for KeeperError<E> {
    fn from(source: TokenStoreError) -> Self {
        Self::Store(Arc::new(source))
    }
}
