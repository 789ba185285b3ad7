//! A third-party platform's token, and with it the tokens of the accounts that authorised it.

use bytes::Bytes;
use wxgate_secret::Secret;
use wxgate_token::{FetchedToken, TokenKey};

use super::{CredentialError, Credentials, token_in};
use crate::call::post;
use crate::directory::PlatformApp;
use crate::errcode::Family;

impl Credentials {
    /// The platform's token, for the newest ticket that WeChat has pushed to it.
    pub(super) async fn component_token(
        &self,
        component_appid: &str,
    ) -> Result<FetchedToken, CredentialError> {
        let component = self.apps.component(component_appid).ok_or(CredentialError::UnknownPlatform)?;
        let ticket = self.apps.verify_ticket(component_appid).await.map_err(CredentialError::VerifyTicket)?;
        let ticket = ticket.ok_or(CredentialError::NoVerifyTicket)?;
        let body = serde_json::json!({
            "component_appid": component.appid,
            "component_appsecret": component.secret.expose(),
            "component_verify_ticket": ticket.expose(),
        });
        let request = post(&self.endpoints.component_token, &[], Bytes::from(body.to_string()));
        token_in(&self.ask(request).await?, "component_access_token")
    }

    /// The account's token, for its refresh token. The next refresh token comes with it.
    pub(super) async fn authorizer_token(
        &self,
        app_id: &str,
        platform: &PlatformApp,
    ) -> Result<FetchedToken, CredentialError> {
        let refresh_token = self.apps.refresh_token(app_id).await?.ok_or(CredentialError::Unauthorised)?;
        let body = serde_json::json!({
            "component_appid": platform.component_appid,
            "authorizer_appid": app_id,
            "authorizer_refresh_token": refresh_token.expose(),
        });
        let (url, body) = (&self.endpoints.authorizer_token, Bytes::from(body.to_string()));
        let key = TokenKey::component(&platform.component_appid);
        let answer = self
            .ask_with(key, Family::AuthorizerFetch, |token| {
                post(url, &[("component_access_token", token.expose())], body.clone())
            })
            .await?;
        let next = answer.text("authorizer_refresh_token").filter(|token| !token.is_empty());
        let token = token_in(&answer, "authorizer_access_token")?;
        Ok(FetchedToken { refresh_token: next.map(Secret::new), ..token })
    }
}
