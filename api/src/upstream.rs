//! Asking WeChat for a caller: what WeChat answers is handed on as it came, and why it did not answer
//! becomes a refusal that says what is known.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::time::Instant;
use wxgate_token::{KeeperError, TokenStoreError};
use wxgate_wechat::{CallError, CredentialError, Endpoint, WeChat, WeChatError};

use crate::language::Language;
use crate::once::Work;
use crate::refusal::{Sentence, said};
use crate::{Answer, Call, Refusal};

/// The longest that WeChat is waited for, a new token included. The keeper allows 9 s for one.
pub(crate) const WITHIN: Duration = Duration::from_secs(15);

/// The body of a request to WeChat: what is `None` is left out.
pub(crate) fn body(request: &impl Serialize) -> Result<Bytes, Refusal> {
    let mut body = serde_json::to_value(request).map_err(Refusal::internal)?;
    if let Value::Object(fields) = &mut body {
        fields.retain(|_, value| !value.is_null());
    }
    Ok(Bytes::from(body.to_string()))
}

/// Hands a request to WeChat and its answer back, for a request with an effect.
pub(crate) fn pass_on(call: &Call<'_>, endpoint: Endpoint, body: Bytes) -> Work {
    pass_on_and(call, endpoint, body, |_wechat, answer| handed_on(answer))
}

/// The same, with what becomes of WeChat's answer.
pub(crate) fn pass_on_and<F>(call: &Call<'_>, endpoint: Endpoint, body: Bytes, then: F) -> Work
where
    F: FnOnce(&WeChat, &wxgate_wechat::Answer) -> Result<Answer, Refusal> + Send + 'static,
{
    let (wechat, app) = (Arc::clone(&call.gateway.wechat), call.app.app_id.clone());
    async move {
        let answer = wechat.call_json(&app, endpoint, body, Instant::now() + WITHIN).await;
        then(&wechat, &answer.map_err(refusal)?)
    }
    .boxed()
}

/// Hands a request to WeChat and its answer back, for a request without an effect.
pub(crate) async fn look_up(call: &Call<'_>, endpoint: Endpoint, body: Bytes) -> Result<Answer, Refusal> {
    look_up_by(call, pass_on(call, endpoint, body)).await
}

/// The same for work that asks more than once.
pub(crate) async fn look_up_by(call: &Call<'_>, work: Work) -> Result<Answer, Refusal> {
    let answer = call.gateway.at_home(work).await?;
    answer.map_err(|refusal| match refusal {
        Refusal::UpstreamBroken { reason, cause } => Refusal::NoEffect { reason, cause },
        other => other,
    })
}

/// WeChat's answer, byte for byte as long as it is JSON.
pub(crate) fn handed_on(answer: &wxgate_wechat::Answer) -> Result<Answer, Refusal> {
    let text = answer.json().into_owned();
    RawValue::from_string(text).map(Answer::verbatim).map_err(Refusal::internal)
}

/// What a caller is told when WeChat did not answer.
pub(crate) fn refusal(error: WeChatError) -> Refusal {
    if error.is_unauthorised() {
        return Refusal::PlatformNotAuthorised;
    }
    match error {
        WeChatError::UnknownApp => Refusal::UnknownApp,
        WeChatError::Token(error) => without_token(error),
        WeChatError::Call(CallError::TimedOut) => Refusal::UpstreamTimeout("WeChat"),
        WeChatError::Call(error) if error.is_ambiguous() => {
            Refusal::UpstreamBroken { reason: (&error).into(), cause: error.into() }
        }
        // WeChat refused a new token as well, so it did nothing.
        WeChatError::Refused(refusal) => Refusal::UpstreamFailed((&refusal).into()),
        WeChatError::TokenTimeout | WeChatError::Call(_) => {
            Refusal::NoEffect { reason: (&error).into(), cause: error.into() }
        }
    }
}

fn without_token(error: KeeperError<CredentialError>) -> Refusal {
    let KeeperError::Store(store) = &error else {
        let why = Sentence::from(&error);
        let zh = format!("没有access_token：{}", why.in_language(Language::Chinese));
        let reason = said(zh, format!("there is no access token: {why}"));
        return Refusal::NoEffect { reason, cause: error.into() };
    };
    match **store {
        TokenStoreError::Unavailable(_) => Refusal::NotReady(error.into()),
        TokenStoreError::Unreadable(_) => Refusal::internal(error),
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::io;

    use super::*;

    fn told(error: WeChatError) -> (u16, bool) {
        let refusal = refusal(error);
        (refusal.codes().1, refusal.leaves_doubt())
    }

    #[test]
    fn a_caller_is_told_what_is_known() {
        let source = |error| WeChatError::Token(KeeperError::Source(Arc::new(error)));
        let store = |error: fn(Box<dyn Error + Send + Sync>) -> TokenStoreError| {
            WeChatError::Token(KeeperError::Store(Arc::new(error(Box::new(io::Error::other("away"))))))
        };
        for (error, retcode_and_doubt) in [
            (WeChatError::Call(CallError::TimedOut), (504, true)),
            (WeChatError::Call(CallError::Unreadable), (504, true)),
            (WeChatError::Call(CallError::Status(502)), (504, true)),
            (WeChatError::Call(CallError::Status(429)), (502, false)),
            (WeChatError::Call(CallError::OutOfTime), (502, false)),
            (WeChatError::TokenTimeout, (502, false)),
            (WeChatError::Token(KeeperError::DailyLimit), (502, false)),
            (store(TokenStoreError::Unavailable), (503, false)),
            (store(TokenStoreError::Unreadable), (500, true)),
            (source(CredentialError::NoToken), (502, false)),
            (source(CredentialError::Unauthorised), (114, false)),
            (WeChatError::UnknownApp, (112, false)),
        ] {
            let shown = error.to_string();
            assert_eq!(told(error), retcode_and_doubt, "{shown}");
        }
    }

    #[test]
    fn only_what_is_there_is_sent() {
        #[derive(Serialize)]
        struct Request {
            text: &'static str,
            number: Option<i64>,
            absent: Option<i64>,
        }
        let request = Request { text: "值", number: Some(-3), absent: None };
        assert!(body(&request).is_ok_and(|body| body == r#"{"text":"值","number":-3}"#));
    }
}
