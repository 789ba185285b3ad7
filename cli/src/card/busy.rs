//! Asking WeChat again when it says that it is busy. What has no answer is not asked again: it may have
//! taken effect, and whoever watches can judge.

use std::time::Duration;

use anyhow::anyhow;
use wxgate_token::KeeperError;
use wxgate_wechat::{Class, CredentialError, Refusal, WeChatError};

use crate::output::Output;
use crate::wechat::explained;

/// Attempts for one call.
const ATTEMPTS: u32 = 4;
/// After the first, unless WeChat asks for more; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// A call that came to nothing.
#[derive(Debug)]
pub(super) struct Failed {
    /// It may have taken effect all the same.
    pub(super) in_doubt: bool,
    /// WeChat's number, if it refused.
    pub(super) errcode: Option<i64>,
    pub(super) error: anyhow::Error,
}

impl From<anyhow::Error> for Failed {
    fn from(error: anyhow::Error) -> Self {
        Self { in_doubt: false, errcode: None, error }
    }
}

/// Asks, and asks again while WeChat says that it is busy; each time says so.
///
/// # Errors
/// Why there is no answer, with what to do.
pub(super) async fn patiently<T>(
    output: Output,
    mut ask: impl AsyncFnMut() -> Result<T, WeChatError>,
) -> Result<T, Failed> {
    let mut pause = FIRST_PAUSE;
    for attempt in 1.. {
        let error = match ask().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let Some((refusal, at_least)) = for_now(&error) else {
            let errcode = refusal(&error).map(|refusal| refusal.errcode);
            return Err(Failed { in_doubt: error.is_ambiguous(), errcode, error: explained(error) });
        };
        if attempt == ATTEMPTS {
            return Err(anyhow!("{refusal}, {attempt} times in a row: give it some time").into());
        }
        let wait = pause.max(at_least);
        output.say(&format!("        {refusal}: asking again in {} s", wait.as_secs()))?;
        tokio::time::sleep(wait).await;
        pause *= 2;
    }
    Err(anyhow!("WeChat was not asked").into())
}

/// What WeChat refused for the moment only, and the least time to wait.
fn for_now(error: &WeChatError) -> Option<(&Refusal, Duration)> {
    let refusal = refusal(error)?;
    match refusal.class() {
        Class::Again => Some((refusal, Duration::ZERO)),
        Class::AgainAfter(wait) => Some((refusal, wait)),
        _ => None,
    }
}

fn refusal(error: &WeChatError) -> Option<&Refusal> {
    match error {
        WeChatError::Refused(refusal) => Some(refusal),
        WeChatError::Token(KeeperError::Source(source)) => match &**source {
            CredentialError::Refused(refusal) => Some(refusal),
            _ => None,
        },
        _ => None,
    }
}
