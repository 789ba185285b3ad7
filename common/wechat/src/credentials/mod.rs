//! Fetches tokens and tickets: an app's access token with its secret ([`own`]) or through its
//! third-party platform ([`platform`]), tickets with the access token ([`ticket`]).

pub mod error;
mod own;
mod platform;
mod ticket;

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use reqwest::Request;
use tokio::time::Instant;
use wxgate_secret::Secret;
use wxgate_token::{FetchedToken, Keeper, KeeperError, Token, TokenKey, TokenKind, TokenSource};

use crate::answer::Answer;
use crate::authorised::{Caller, accepted};
use crate::bases::Endpoints;
use crate::call::{CallError, Http, exchange};
use crate::directory::AppDirectory;
use crate::errcode::Family;
use crate::force::ForceBudget;

pub use error::CredentialError;

/// The longest one call for a token may take. Two of them fit into the 9 s that the keeper allows.
const CALL_LIMIT: Duration = Duration::from_secs(4);
/// The longest that a token may take which is asked for with another one, that one's own renewal
/// included. Within the keeper's 9 s, so that the cause of a failure gets through.
const CHAIN_LIMIT: Duration = Duration::from_secs(8);
/// How long a token lives when WeChat does not say (it always does, and says this).
const USUAL_LIFE: Duration = Duration::from_hours(2);

/// The source of tokens for `wxgate_token`'s keeper.
pub struct Credentials {
    http: Http,
    endpoints: Endpoints,
    apps: Arc<dyn AppDirectory>,
    forced: ForceBudget,
    /// The keeper whose source this is: some tokens are asked for with others.
    tokens: Weak<Keeper<Credentials>>,
}

impl Credentials {
    pub(crate) fn new(
        http: Http,
        endpoints: Endpoints,
        apps: Arc<dyn AppDirectory>,
        tokens: Weak<Keeper<Self>>,
    ) -> Self {
        Self { http, endpoints, apps, forced: ForceBudget::default(), tokens }
    }

    /// Asks without a token.
    async fn ask(&self, request: Request) -> Result<Answer, CredentialError> {
        let answer = exchange(&self.http, Family::TokenFetch, request, Instant::now() + CALL_LIMIT).await?;
        Ok(accepted(Family::TokenFetch, answer)?)
    }

    /// Asks with the token of `key`, which is renewed if need be.
    async fn ask_with(
        &self,
        key: TokenKey,
        family: Family,
        request: impl Fn(&Token) -> Request,
    ) -> Result<Answer, CredentialError> {
        // Without a keeper nobody waits for the token any more.
        let tokens = self.tokens.upgrade().ok_or(KeeperError::Interrupted)?;
        let caller = Caller { http: &self.http, tokens: &tokens, key, family };
        let deadline = Instant::now() + CHAIN_LIMIT;
        Ok(caller.ask(deadline, |token| Ok::<_, CallError>(request(token))).await?)
    }
}

/// The token that an answer names so.
fn token_in(answer: &Answer, name: &str) -> Result<FetchedToken, CredentialError> {
    let value = answer.text(name).filter(|token| !token.is_empty()).ok_or(CredentialError::NoToken)?;
    let expires_in = answer.whole("expires_in").map_or(USUAL_LIFE, Duration::from_secs);
    Ok(FetchedToken { value: Secret::new(value), expires_in, refresh_token: None })
}

impl TokenSource for Credentials {
    type Error = CredentialError;

    async fn fetch(&self, key: &TokenKey, refused: Option<&Secret>) -> Result<FetchedToken, CredentialError> {
        match key.kind {
            TokenKind::Access => self.access_token(&key.app, refused).await,
            TokenKind::JsapiTicket => self.ticket(&key.app, "jsapi").await,
            TokenKind::CardTicket => self.ticket(&key.app, "wx_card").await,
            TokenKind::Component => self.component_token(&key.app).await,
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}
