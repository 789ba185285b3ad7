//! Fetches access tokens with the apps' credentials.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::{Client, Request};
use tokio::time::Instant;
use wxgate_secret::Secret;
use wxgate_token::{FetchedToken, TokenKey, TokenKind, TokenSource};

use crate::answer::Answer;
use crate::bases::Endpoints;
use crate::call::{CallError, exchange, get, post};
use crate::errcode::Family;
use crate::error::Refusal;
use crate::force::ForceBudget;

/// The longest one call for a token may take. Two of them fit into the 9 s that the keeper allows.
const CALL_LIMIT: Duration = Duration::from_secs(4);
/// How long a token lives when WeChat does not say (it always does, and says this).
const USUAL_LIFE: Duration = Duration::from_hours(2);

/// Which of WeChat's two kinds of access token an app uses. They are isolated: fetching one does
/// not retire the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TokenMode {
    /// `cgi-bin/token`: each fetch retires the token before it. For an app that nobody else
    /// fetches tokens for.
    #[default]
    Normal,
    /// `cgi-bin/stable_token`: all who ask get the same token.
    Stable,
}

/// What is needed to fetch an app's token.
#[derive(Clone, Debug)]
pub struct App {
    /// The app id that WeChat gave.
    pub app_id: String,
    /// The app secret (WeChat: `AppSecret`).
    pub secret: Secret,
    /// Which kind of token it uses.
    pub token_mode: TokenMode,
}

/// Finds apps; they come and go while the gateway runs.
pub trait AppDirectory: Send + Sync {
    /// The app as it stands now; `None` when it is unknown, disabled or has no secret.
    fn app(&self, app_id: &str) -> Option<Arc<App>>;
}

/// Why no token was fetched.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// See [`AppDirectory::app`].
    #[error("the app is unknown, disabled or has no secret")]
    UnknownApp,
    /// WeChat did not answer.
    #[error("asking for a token failed")]
    Call(#[from] CallError),
    /// WeChat refused.
    #[error(transparent)]
    Refused(Refusal),
    /// WeChat said yes, but there is no token in its answer.
    #[error("WeChat's answer holds no token")]
    NoToken,
    /// WeChat keeps handing out the stable token that it refused, and may not be told to replace
    /// it, or not so soon.
    #[error("WeChat hands out the refused token again")]
    RefusedTokenAgain,
}

/// The source of access tokens for `wxgate_token`'s keeper.
pub struct Credentials {
    http: Client,
    endpoints: Endpoints,
    apps: Arc<dyn AppDirectory>,
    forced: ForceBudget,
}

impl Credentials {
    pub(crate) fn new(http: Client, endpoints: Endpoints, apps: Arc<dyn AppDirectory>) -> Self {
        Self { http, endpoints, apps, forced: ForceBudget::default() }
    }

    async fn normal_token(&self, app: &App) -> Result<FetchedToken, CredentialError> {
        let query =
            [("grant_type", "client_credential"), ("appid", &app.app_id), ("secret", app.secret.expose())];
        self.ask(get(&self.endpoints.token, &query)).await
    }

    async fn stable_token(&self, app: &App, force: bool) -> Result<FetchedToken, CredentialError> {
        let body = serde_json::json!({
            "grant_type": "client_credential",
            "appid": app.app_id,
            "secret": app.secret.expose(),
            "force_refresh": force,
        });
        let body = Bytes::from(body.to_string());
        self.ask(post(&self.endpoints.stable_token, &[], body)).await
    }

    /// Another stable token than the refused one. It may have been replaced long since by somebody
    /// else; only when WeChat hands out the refused one itself is it told to replace it.
    async fn other_stable_token(&self, app: &App, refused: &Secret) -> Result<FetchedToken, CredentialError> {
        let is_other = |token: &FetchedToken| token.value.expose() != refused.expose();
        let current = self.stable_token(app, false).await?;
        if is_other(&current) {
            return Ok(current);
        }
        if !self.forced.spend(&app.app_id) {
            return Err(CredentialError::RefusedTokenAgain);
        }
        let forced = self.stable_token(app, true).await?;
        is_other(&forced).then_some(forced).ok_or(CredentialError::RefusedTokenAgain)
    }

    async fn ask(&self, request: Request) -> Result<FetchedToken, CredentialError> {
        let answer = exchange(&self.http, request, Instant::now() + CALL_LIMIT).await?;
        if answer.errcode() != 0 {
            return Err(CredentialError::Refused(Refusal::of(Family::TokenFetch, &answer)));
        }
        token_in(&answer).ok_or(CredentialError::NoToken)
    }
}

fn token_in(answer: &Answer) -> Option<FetchedToken> {
    let value = answer.text("access_token").filter(|token| !token.is_empty())?;
    let expires_in = answer.whole("expires_in").map_or(USUAL_LIFE, Duration::from_secs);
    Some(FetchedToken { value: Secret::new(value), expires_in })
}

impl TokenSource for Credentials {
    type Error = CredentialError;

    async fn fetch(&self, key: &TokenKey, refused: Option<&Secret>) -> Result<FetchedToken, CredentialError> {
        let app = self.apps.app(&key.app).ok_or(CredentialError::UnknownApp)?;
        match (key.kind, app.token_mode, refused) {
            (TokenKind::Access, TokenMode::Normal, _) => self.normal_token(&app).await,
            (TokenKind::Access, TokenMode::Stable, None) => self.stable_token(&app, false).await,
            (TokenKind::Access, TokenMode::Stable, Some(refused)) => {
                self.other_stable_token(&app, refused).await
            }
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}
