//! Where tokens come from.

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use wxgate_secret::Secret;

use crate::key::TokenKey;

/// A token as its source handed it out.
#[derive(Clone, Debug)]
pub struct FetchedToken {
    /// The token.
    pub value: Secret,
    /// How long it lives from now on, as its source says.
    pub expires_in: Duration,
    /// The account's refresh token as it came with the token, where there is such a thing: from
    /// now on the only one that surely works.
    pub refresh_token: Option<Secret>,
}

/// Asks for a token. Every call may retire the token before it, so only the [`crate::Keeper`]
/// calls this, one at a time for each key over all processes.
pub trait TokenSource: Send + Sync + 'static {
    /// Why no token came. Its text must hold no secret: it is shown and logged.
    type Error: Error + Send + Sync + 'static;

    /// Fetches a token. `refused` is the token that a call was refused with, when that is why a
    /// new one is wanted: the answer must be another one, wherever the source can see to that.
    ///
    /// The future is dropped after [`crate::Limits::fetch`].
    ///
    /// # Errors
    /// The source's own.
    fn fetch(
        &self,
        key: &TokenKey,
        refused: Option<&Secret>,
    ) -> impl Future<Output = Result<FetchedToken, Self::Error>> + Send;
}
