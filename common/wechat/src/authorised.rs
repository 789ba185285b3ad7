//! Calls with an app's access token: put in, and renewed once when WeChat refuses it.

use std::future::Future;

use reqwest::Request;
use tokio::time::{Instant, timeout_at};
use wxgate_token::{KeeperError, Token, TokenKey};

use crate::answer::Answer;
use crate::call::{CallError, exchange};
use crate::client::WeChat;
use crate::credentials::CredentialError;
use crate::errcode::{Class, Family, classify};
use crate::error::WeChatError;

impl WeChat {
    /// Sends what `request` makes with the app's token. When WeChat refuses the token, a newer one
    /// is waited for and the request is sent once more, as far as `deadline` allows. The answer is
    /// WeChat's last, whatever its `errcode`.
    pub(crate) async fn call_as(
        &self,
        app_id: &str,
        deadline: Instant,
        request: impl Fn(&Token) -> Request,
    ) -> Result<Answer, WeChatError> {
        if Instant::now() >= deadline {
            return Err(CallError::OutOfTime.into());
        }
        let (key, tokens) = (TokenKey::access(app_id), self.tokens());
        let token = match tokens.peek(&key) {
            Some(token) => token,
            None => in_time(deadline, tokens.token(&key)).await?,
        };
        let answer = exchange(self.http(), request(&token), deadline).await?;
        if classify(Family::AppCall, answer.errcode()) != Class::RefreshToken {
            return Ok(answer);
        }
        let newer = in_time(deadline, tokens.refused(&key, token.generation())).await?;
        Ok(exchange(self.http(), request(&newer), deadline).await?)
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
