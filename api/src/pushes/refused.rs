//! Why a push was not taken.

use actix_web::http::StatusCode;
use wxgate_push::{Incomplete, Unopenable, Unreadable};
use wxgate_store::StoreError;
use wxgate_upyun::NotifyError;
use wxgate_wechat::WeChatError;

use crate::Refusal;

/// Why. For the log alone: whoever posted reads the status.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    /// Nothing here has that app id, or it has no token to verify pushes with.
    #[error("no app or platform here expects pushes at this address")]
    Unexpected,
    /// The app has no usable key, but its push is encrypted.
    #[error("the push is encrypted, and no usable AES key is set for it")]
    NoKey,
    /// The signature is wrong or not there.
    #[error("the signature is missing or wrong")]
    Signature,
    /// The time stamp is wrong or not there.
    #[error("the time stamp is missing or too far off")]
    Stale,
    /// It is not encrypted, but must be.
    #[error("the push is not encrypted, as it must be here")]
    Plain,
    /// It is not Upyun's, or says nothing of a task.
    #[error(transparent)]
    Upyun(#[from] NotifyError),
    /// See there.
    #[error(transparent)]
    Unopenable(#[from] Unopenable),
    /// See there.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// See there.
    #[error(transparent)]
    Incomplete(#[from] Incomplete),
    /// The body is too large or did not come, or we are at fault.
    #[error(transparent)]
    Other(#[from] Refusal),
    /// What it tells could not be stored.
    #[error("what the push tells was not stored")]
    NotStored(#[from] StoreError),
    /// WeChat was to be asked about it, and did not answer as hoped.
    #[error("WeChat did not tell what the push is about")]
    WeChat(#[from] WeChatError),
    /// It was not taken care of before WeChat hangs up.
    #[error("the push was not taken care of in time")]
    Late,
}

impl Refused {
    /// One row for each variant. After anything but 200 WeChat posts the push again.
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::Unexpected
            | Self::NoKey
            | Self::Signature
            | Self::Stale
            | Self::Plain
            | Self::Upyun(_)
            | Self::Unopenable(_) => StatusCode::FORBIDDEN,
            Self::Unreadable(_) | Self::Incomplete(_) | Self::Other(Refusal::BodyBroken { .. }) => {
                StatusCode::BAD_REQUEST
            }
            Self::Other(Refusal::TooLarge { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Other(_) | Self::NotStored(_) | Self::WeChat(_) | Self::Late => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    /// Whether anybody could have caused it. Not so [`Self::NoKey`], which comes after a signature.
    pub(super) const fn is_strangers(&self) -> bool {
        !matches!(self, Self::NoKey) && !matches!(self.status(), StatusCode::INTERNAL_SERVER_ERROR)
    }
}
