//! Why a call with an app's token came to nothing.

use wxgate_token::KeeperError;

use crate::answer::Answer;
use crate::call::CallError;
use crate::credentials::CredentialError;
use crate::errcode::{Class, Family, advice, classify, is_unauthorised};

/// The longest `errmsg` that is passed on, in characters. WeChat's have up to about 200.
const MAX_ERRMSG_CHARS: usize = 500;

/// WeChat answered, and said no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("WeChat answered {errcode} '{errmsg}'")]
pub struct Refusal {
    /// Which interface said so.
    pub family: Family,
    /// WeChat's number; never 0.
    pub errcode: i64,
    /// WeChat's words.
    pub errmsg: String,
}

impl Refusal {
    pub(crate) fn of(family: Family, answer: &Answer) -> Self {
        let errmsg = answer.errmsg().chars().take(MAX_ERRMSG_CHARS).collect();
        Self { family, errcode: answer.errcode(), errmsg }
    }

    /// Whether it says that the account has not authorised its third-party platform, or does so no
    /// longer.
    #[must_use]
    pub fn is_unauthorised(&self) -> bool {
        is_unauthorised(self.errcode)
    }

    /// What follows from it.
    #[must_use]
    pub fn class(&self) -> Class {
        classify(self.family, self.errcode)
    }

    /// The refusal and, where it is known, what to do about it.
    #[must_use]
    pub fn explained(&self) -> String {
        match advice(self.family, self.errcode) {
            Some(advice) => format!("{self}. {advice}"),
            None => self.to_string(),
        }
    }
}

/// Why a call with an app's token came to nothing. Turns into the outcome of a job's attempt in
/// [`crate::outcome`].
#[derive(Debug, thiserror::Error)]
pub enum WeChatError {
    /// See [`crate::AppDirectory::app`]. WeChat was not asked to do anything.
    #[error("the app is unknown, disabled or has no secret")]
    UnknownApp,
    /// No token was there before the deadline. WeChat was not asked to do anything.
    #[error("no access token was there in time")]
    TokenTimeout,
    /// No token can be had. WeChat was not asked to do anything.
    #[error("there is no access token")]
    Token(#[source] KeeperError<CredentialError>),
    /// WeChat did not answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// WeChat answered, and said no: with [`Class::RefreshToken`] it refused a new token as well.
    #[error(transparent)]
    Refused(Refusal),
}

impl WeChatError {
    /// Whether the call may have taken effect although no answer tells.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        matches!(self, Self::Call(error) if error.is_ambiguous())
    }

    /// Whether the cause is that the account has not authorised its third-party platform, or does
    /// so no longer: only a new authorisation helps.
    #[must_use]
    pub fn is_unauthorised(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.is_unauthorised(),
            Self::Token(error) => credential_error(error).is_some_and(CredentialError::is_unauthorised),
            Self::UnknownApp | Self::TokenTimeout | Self::Call(_) => false,
        }
    }
}

/// Why the source gave no token, if that is what the keeper says.
pub(crate) fn credential_error(error: &KeeperError<CredentialError>) -> Option<&CredentialError> {
    match error {
        KeeperError::Source(error) => Some(error),
        _ => None,
    }
}
