//! Why no token was fetched.

use wxgate_token::{KeeperError, TokenStoreError};

use crate::call::CallError;
use crate::error::{Refusal, WeChatError, credential_error};

/// Why no token was fetched.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// See [`crate::AppDirectory::app`].
    #[error("the app is unknown, disabled or has no secret")]
    UnknownApp,
    /// See [`crate::AppDirectory::component`].
    #[error("the app's third-party platform is unknown")]
    UnknownPlatform,
    /// WeChat has not pushed a ticket to the platform yet.
    #[error(
        "the third-party platform waits for its component_verify_ticket, \
         which WeChat pushes to its authorization-event URL every ten minutes"
    )]
    NoVerifyTicket,
    /// The ticket could not be read.
    #[error("the third-party platform's ticket cannot be read")]
    VerifyTicket(#[source] TokenStoreError),
    /// There is no refresh token of the account's.
    #[error("the account has not authorised its third-party platform")]
    Unauthorised,
    /// The refresh token could not be read.
    #[error("the account's refresh token cannot be read")]
    RefreshToken(#[from] TokenStoreError),
    /// The token to ask with cannot be had.
    #[error("there is no token to ask with")]
    Token(#[from] KeeperError<CredentialError>),
    /// The token to ask with was not there in time.
    #[error("the token to ask with was not there in time")]
    TokenTimeout,
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

impl CredentialError {
    /// Whether the cause is that the account has not authorised its platform, or does so no longer.
    pub(crate) fn is_unauthorised(&self) -> bool {
        match self {
            Self::Unauthorised => true,
            Self::Refused(refusal) => refusal.is_unauthorised(),
            Self::Token(error) => credential_error(error).is_some_and(Self::is_unauthorised),
            _ => false,
        }
    }
}

impl From<WeChatError> for CredentialError {
    fn from(error: WeChatError) -> Self {
        match error {
            WeChatError::UnknownApp => Self::UnknownApp,
            WeChatError::TokenTimeout => Self::TokenTimeout,
            WeChatError::Token(error) => Self::Token(error),
            WeChatError::Call(error) => Self::Call(error),
            WeChatError::Refused(refusal) => Self::Refused(refusal),
        }
    }
}
