//! Tickets for signatures, asked for with the app's access token.

use wxgate_token::{FetchedToken, TokenKey};

use super::{CredentialError, Credentials, token_in};
use crate::call::get;
use crate::errcode::Family;

impl Credentials {
    /// A ticket of this type (`jsapi` or `wx_card`). While one lives, WeChat hands out the same.
    pub(super) async fn ticket(&self, app_id: &str, kind: &str) -> Result<FetchedToken, CredentialError> {
        let url = &self.endpoints.ticket;
        let answer = self
            .ask_with(TokenKey::access(app_id), Family::AppCall, |token| {
                get(url, &[("access_token", token.expose()), ("type", kind)])
            })
            .await?;
        token_in(&answer, "ticket")
    }
}
