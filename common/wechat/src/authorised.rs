//! Calls with a token: put in, and renewed once when WeChat refuses it.

use std::future::Future;

use reqwest::Request;
use tokio::time::{Instant, timeout_at};
use wxgate_token::{Keeper, KeeperError, Token, TokenKey};

use crate::answer::Answer;
use crate::call::{CallError, Http, Reply, exchange};
use crate::client::WeChat;
use crate::credentials::{CredentialError, Credentials};
use crate::errcode::{Class, Family, classify};
use crate::error::{Refusal, WeChatError};

/// Who calls, and with which token.
pub(crate) struct Caller<'a> {
    pub(crate) http: &'a Http,
    pub(crate) tokens: &'a Keeper<Credentials>,
    pub(crate) key: TokenKey,
    /// Tells whether a refusal is the token's.
    pub(crate) family: Family,
}

impl Caller<'_> {
    /// Sends what `request` makes with the token. When WeChat refuses the token, a newer one is
    /// waited for and the request is sent once more, as far as `deadline` allows. The reply is
    /// WeChat's last, whatever its `errcode`.
    pub(crate) async fn call<R: Reply>(
        &self,
        deadline: Instant,
        request: impl Fn(&Token) -> Result<Request, CallError>,
    ) -> Result<R, WeChatError> {
        if Instant::now() >= deadline {
            return Err(CallError::OutOfTime.into());
        }
        let token = self.token(deadline).await?;
        let reply: R = exchange(self.http, self.family, request(&token)?, deadline).await?;
        if classify(self.family, reply.errcode()) != Class::RefreshToken {
            return Ok(reply);
        }
        let newer = in_time(deadline, self.tokens.refused(&self.key, token.generation())).await?;
        Ok(exchange(self.http, self.family, request(&newer)?, deadline).await?)
    }

    /// As [`Self::call`]; a refusal is an error.
    pub(crate) async fn ask(
        &self,
        deadline: Instant,
        request: impl Fn(&Token) -> Result<Request, CallError>,
    ) -> Result<Answer, WeChatError> {
        accepted(self.family, self.call(deadline, request).await?)
    }

    /// The token to call with.
    pub(crate) async fn token(&self, deadline: Instant) -> Result<Token, WeChatError> {
        match self.tokens.peek(&self.key) {
            Some(token) => Ok(token),
            None => in_time(deadline, self.tokens.token(&self.key)).await,
        }
    }
}

impl WeChat {
    /// Calls with the app's access token.
    pub(crate) fn as_app(&self, app_id: &str) -> Caller<'_> {
        self.caller(TokenKey::access(app_id), Family::AppCall)
    }

    /// Calls with the platform's own token.
    pub(crate) fn as_platform(&self, component_appid: &str) -> Caller<'_> {
        self.caller(TokenKey::component(component_appid), Family::PlatformCall)
    }

    pub(crate) fn caller(&self, key: TokenKey, family: Family) -> Caller<'_> {
        Caller { http: self.http(), tokens: self.tokens(), key, family }
    }
}

/// The answer, unless it is a refusal.
pub(crate) fn accepted(family: Family, answer: Answer) -> Result<Answer, WeChatError> {
    match answer.errcode() {
        0 => Ok(answer),
        _ => Err(WeChatError::Refused(Refusal::of(family, &answer))),
    }
}

async fn in_time(
    deadline: Instant,
    token: impl Future<Output = Result<Token, KeeperError<CredentialError>>>,
) -> Result<Token, WeChatError> {
    match timeout_at(deadline, token).await {
        Ok(answer) => answer.map_err(WeChatError::Token),
        Err(_elapsed) => Err(WeChatError::TokenTimeout),
    }
}
