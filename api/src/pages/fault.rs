//! Why a visitor sees another page than the one asked for.

use actix_web::http::StatusCode;
use askama::Template;
use wxgate_store::StoreError;

use super::frame::Frame;
use crate::Refusal;
use crate::language::Language;

/// Why. `Display` and the sources are for the log; visitors read [`Fault::words`], which hold nothing of
/// what goes on inside.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// No such address, short link or key; or its time is over.
    #[error("there is no such page, key or link")]
    NoSuchPage,
    /// The login was completed before.
    #[error("the login was completed before, or its state is unknown")]
    LoginOver,
    /// The user said no.
    #[error("the user did not agree to the login")]
    LoginRefused,
    /// The same login is being completed by another request.
    #[error("the login is still being completed")]
    StillBusy,
    /// WeChat did not do its part of a page.
    #[error("WeChat did not do its part")]
    WeChat(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What the caller stored is no web address.
    #[error("the stored address is neither http nor https")]
    NoAddress,
    /// The store, or we ourselves.
    #[error(transparent)]
    Ours(#[from] Refusal),
    /// A page could not be written.
    #[error("the page cannot be written")]
    Unwritable(#[from] askama::Error),
}

impl Fault {
    /// Of the store.
    pub(super) fn of_store(error: StoreError) -> Self {
        Self::Ours(Refusal::of_writing(error))
    }

    /// Of WeChat.
    pub(super) fn of_wechat(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::WeChat(error.into())
    }

    /// One row for each variant.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::NoSuchPage | Self::NoAddress => StatusCode::NOT_FOUND,
            Self::LoginOver => StatusCode::GONE,
            Self::LoginRefused => StatusCode::FORBIDDEN,
            Self::WeChat(_) => StatusCode::BAD_GATEWAY,
            Self::Ours(Refusal::Internal { .. }) | Self::Unwritable(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::StillBusy | Self::Ours(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Whether an operator has something to look at.
    pub(super) fn is_ours(&self) -> bool {
        self.status().is_server_error()
    }

    /// What visitors read: a heading, and what they can do.
    pub(super) fn words(&self, language: Language) -> (&'static str, &'static str) {
        let (zh, en) = match self {
            Self::NoSuchPage | Self::NoAddress => (
                ("页面不存在", "链接有误或已过期，请返回后重新打开。"),
                ("There is no such page", "The link is wrong or too old. Please go back and open it again."),
            ),
            Self::LoginOver => (
                ("登录已失效", "此登录链接已使用或已过期，请返回原页面重新登录。"),
                (
                    "This login is over",
                    "Its link was used before or is too old. Please go back and log in again.",
                ),
            ),
            Self::LoginRefused => (
                ("您未同意授权", "未经同意无法登录，如需继续请返回原页面重新登录。"),
                ("You did not agree", "We cannot log you in without it. To go on, go back and log in again."),
            ),
            Self::WeChat(_) | Self::StillBusy | Self::Ours(_) | Self::Unwritable(_) => (
                ("暂时无法完成", "服务繁忙，请稍后返回原页面重试。"),
                ("This did not work", "Please go back in a moment and try again."),
            ),
        };
        language.pick(zh, en)
    }

    /// By which an operator finds the cause in the log.
    fn reference(&self) -> &str {
        match self {
            Self::Ours(Refusal::Internal { reference, .. }) => reference,
            _ => "",
        }
    }
}

/// The page that says so.
#[derive(Template)]
#[template(path = "fault.html")]
pub(super) struct FaultPage<'a> {
    frame: &'a Frame,
    title: &'static str,
    sentence: &'static str,
    reference: &'a str,
}

impl<'a> FaultPage<'a> {
    pub(super) fn of(fault: &'a Fault, frame: &'a Frame) -> Self {
        let (title, sentence) = fault.words(frame.language);
        Self { frame, title, sentence, reference: fault.reference() }
    }
}
