//! The one place where what WeChat said becomes the outcome of a job's attempt.
//!
//! Codes of the failures: `wechat` (it refused; with its `errcode`), `timeout`, `unreachable`,
//! `connection_lost`, `http_status`, `unreadable_answer`, `token` (none can be had), `store`.

use std::time::Duration;

use serde_json::json;
use wxgate_job::{Failure, Outcome};
use wxgate_token::KeeperError;

use crate::call::CallError;
use crate::credentials::CredentialError;
use crate::errcode::Class;
use crate::error::{Refusal, WeChatError};
use crate::template::Sent;

/// The pause when an app's refreshes of the day are used up: the keeper asks the store again each
/// minute, and the day may be hours from its end.
const DAILY_LIMIT_PAUSE: Duration = Duration::from_mins(10);

impl From<Sent> for Outcome {
    /// Done. A duplicate counts as sent: its `errcode` is 0 to the caller, and WeChat's own answer
    /// is told in words. `delivery` is known only from a later receipt.
    fn from(sent: Sent) -> Self {
        let errmsg = match sent {
            Sent { duplicate: true, errcode, ref errmsg, .. } => {
                format!("ok (sent before: WeChat answered {errcode} '{errmsg}')")
            }
            Sent { errmsg, .. } => errmsg,
        };
        Self::Done(json!({ "errcode": 0, "errmsg": errmsg, "msgid": sent.msgid, "delivery": null }))
    }
}

impl From<WeChatError> for Outcome {
    fn from(error: WeChatError) -> Self {
        match error {
            WeChatError::UnknownApp => Outcome::AppAtFault(Failure::new("token", error.to_string())),
            WeChatError::TokenTimeout => again(Failure::new("timeout", error.to_string())),
            WeChatError::Token(error) => without_token(&error),
            WeChatError::Call(error) => without_answer(&error),
            WeChatError::Refused(refusal) => refused(&refusal),
        }
    }
}

fn without_answer(error: &CallError) -> Outcome {
    if matches!(error, CallError::OutOfTime) {
        return Outcome::Interrupted;
    }
    let failure = Failure::new(error.code(), error.to_string());
    Outcome::Again { failure, at_least: Duration::ZERO, ambiguous: error.is_ambiguous() }
}

fn refused(refusal: &Refusal) -> Outcome {
    let failure = Failure::new("wechat", refusal.explained()).with_errcode(refusal.errcode);
    match refusal.class() {
        // A second refusal of the token: the next attempt gets a newer one.
        Class::Again | Class::RefreshToken => again(failure),
        Class::AgainAfter(wait) | Class::TooOftenForUser(wait) => again_after(wait, failure),
        Class::Quota => Outcome::Quota(failure),
        Class::AppAtFault => Outcome::AppAtFault(failure),
        // Calls that count a repeat as done do so themselves; to all others it is a refusal.
        Class::AlreadyDone | Class::Permanent => Outcome::GiveUp(failure),
    }
}

/// Nothing was sent, so nothing is ambiguous.
fn without_token(error: &KeeperError<CredentialError>) -> Outcome {
    let failure = |code| Failure::new(code, format!("there is no access token: {error}"));
    match error {
        KeeperError::Store(_) => again(failure("store")),
        KeeperError::Source(error) => without_credentials(error),
        KeeperError::TooSoon { wait } => again_after(*wait, failure("token")),
        KeeperError::DailyLimit => again_after(DAILY_LIMIT_PAUSE, failure("token")),
        KeeperError::SourceTimeout | KeeperError::HeldElsewhere | KeeperError::Interrupted => {
            again(failure("token"))
        }
    }
}

fn without_credentials(error: &CredentialError) -> Outcome {
    let failure = |code| Failure::new(code, format!("there is no access token: {error}"));
    match error {
        CredentialError::Refused(refusal) => refused(refusal),
        CredentialError::UnknownApp | CredentialError::UnknownPlatform | CredentialError::Unauthorised => {
            Outcome::AppAtFault(failure("token"))
        }
        CredentialError::RefreshToken(_) | CredentialError::VerifyTicket(_) => again(failure("store")),
        CredentialError::Token(error) => without_token(error),
        CredentialError::TokenTimeout => again(failure("timeout")),
        CredentialError::Call(call) => {
            again(Failure::new(call.code(), format!("there is no access token: {call}")))
        }
        CredentialError::NoVerifyTicket | CredentialError::NoToken | CredentialError::RefusedTokenAgain => {
            again(failure("token"))
        }
    }
}

fn again(failure: Failure) -> Outcome {
    again_after(Duration::ZERO, failure)
}

fn again_after(at_least: Duration, failure: Failure) -> Outcome {
    Outcome::Again { failure, at_least, ambiguous: false }
}
