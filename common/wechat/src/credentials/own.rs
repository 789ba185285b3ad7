//! An app's access token, asked for with its own secret.

use bytes::Bytes;
use wxgate_secret::Secret;
use wxgate_token::FetchedToken;

use super::{CredentialError, Credentials, token_in};
use crate::call::{get, post};
use crate::directory::TokenMode;

/// Who asks.
struct Own<'a> {
    app_id: &'a str,
    secret: &'a Secret,
}

impl Credentials {
    pub(super) async fn access_token(
        &self,
        app_id: &str,
        refused: Option<&Secret>,
    ) -> Result<FetchedToken, CredentialError> {
        let app = self.apps.app(app_id).ok_or(CredentialError::UnknownApp)?;
        if let Some(platform) = &app.platform {
            return self.authorizer_token(app_id, platform).await;
        }
        let secret = app.secret.as_ref().ok_or(CredentialError::UnknownApp)?;
        let own = Own { app_id, secret };
        match (app.token_mode, refused) {
            (TokenMode::Normal, _) => self.normal_token(&own).await,
            (TokenMode::Stable, None) => self.stable_token(&own, false).await,
            (TokenMode::Stable, Some(refused)) => self.other_stable_token(&own, refused).await,
        }
    }

    async fn normal_token(&self, own: &Own<'_>) -> Result<FetchedToken, CredentialError> {
        let query =
            [("grant_type", "client_credential"), ("appid", own.app_id), ("secret", own.secret.expose())];
        token_in(&self.ask(get(&self.endpoints.token, &query)).await?, "access_token")
    }

    async fn stable_token(&self, own: &Own<'_>, force: bool) -> Result<FetchedToken, CredentialError> {
        let body = serde_json::json!({
            "grant_type": "client_credential",
            "appid": own.app_id,
            "secret": own.secret.expose(),
            "force_refresh": force,
        });
        let body = Bytes::from(body.to_string());
        token_in(&self.ask(post(&self.endpoints.stable_token, &[], body)).await?, "access_token")
    }

    /// Another stable token than the refused one. It may have been replaced long since by somebody
    /// else; only when WeChat hands out the refused one itself is it told to replace it.
    async fn other_stable_token(
        &self,
        own: &Own<'_>,
        refused: &Secret,
    ) -> Result<FetchedToken, CredentialError> {
        let is_other = |token: &FetchedToken| token.value.expose() != refused.expose();
        let current = self.stable_token(own, false).await?;
        if is_other(&current) {
            return Ok(current);
        }
        if !self.forced.spend(own.app_id) {
            return Err(CredentialError::RefusedTokenAgain);
        }
        let forced = self.stable_token(own, true).await?;
        is_other(&forced).then_some(forced).ok_or(CredentialError::RefusedTokenAgain)
    }
}
