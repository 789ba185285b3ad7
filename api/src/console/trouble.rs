//! Why somebody did not get what was asked for, on both faces.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use wxgate_job::JobState;
use wxgate_operate::Verdict;
use wxgate_operate::app::AppError;
use wxgate_store::StoreError;

use super::access::Refused;
use crate::language::Language;

/// Why. `Display` is what `/admin` answers; the sources are for the log.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// No admin token, or a wrong one.
    #[error(transparent)]
    Access(#[from] Refused),
    /// The browser shows a name that may be a stranger's.
    #[error(
        "visit the console by an IP address, as localhost, or under the host name of WXGATE_PUBLIC_URL or one below it"
    )]
    ForeignName,
    /// A change that none of our own pages asked for, or one that is too old.
    #[error("this change was not asked for by a page of the console, or the page is too old")]
    Forged,
    /// No such address.
    #[error("there is nothing here")]
    NoSuchPage,
    /// No such job.
    #[error("there is no such job")]
    NoSuchJob,
    /// No such task.
    #[error("this process has no such task")]
    NoSuchTask,
    /// A field holds what cannot be used.
    #[error("{0} cannot be used")]
    Value(&'static str),
    /// A change that a job or callback does not allow.
    #[error("{}", .0.refusal().unwrap_or_default())]
    Refused(Verdict),
    /// A form in which nothing was chosen.
    #[error("nothing was chosen")]
    Nothing,
    /// The same is being done already, or too much is.
    #[error("this is being done already, or too many tasks are running in this process")]
    Busy,
    /// An app was not changed.
    #[error(transparent)]
    App(#[from] AppError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A page could not be written, or work was cut off.
    #[error("the gateway failed inside")]
    Ours(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Trouble {
    /// One row for each variant.
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::Access(Refused::Wrong) => StatusCode::UNAUTHORIZED,
            Self::Access(Refused::TooMany(_)) => StatusCode::TOO_MANY_REQUESTS,
            Self::ForeignName => StatusCode::MISDIRECTED_REQUEST,
            Self::Forged => StatusCode::FORBIDDEN,
            Self::NoSuchPage
            | Self::NoSuchJob
            | Self::NoSuchTask
            | Self::Refused(Verdict::NotFound)
            | Self::App(AppError::Unknown(_)) => StatusCode::NOT_FOUND,
            Self::Value(_)
            | Self::Nothing
            | Self::App(AppError::Invalid(_) | AppError::UnknownComponent(_)) => StatusCode::BAD_REQUEST,
            Self::Refused(_) | Self::Busy | Self::App(AppError::Exists(_)) => StatusCode::CONFLICT,
            Self::Store(StoreError::OutcomeUnknown(_))
            | Self::App(AppError::Store(StoreError::OutcomeUnknown(_))) => StatusCode::GATEWAY_TIMEOUT,
            Self::Store(StoreError::Unavailable(_))
            | Self::App(AppError::Store(StoreError::Unavailable(_))) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) | Self::App(AppError::Store(_)) | Self::Ours(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    /// Adds to the answer what HTTP wants to be said of it.
    pub(super) fn mark(&self, response: &mut HttpResponse) {
        let header = match self {
            Self::Access(Refused::Wrong) => (WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
            Self::Access(Refused::TooMany(wait)) => (RETRY_AFTER, wait.seconds.into()),
            _ => return,
        };
        response.headers_mut().insert(header.0, header.1);
    }

    /// Logs what somebody has to look at; whose fault is the asker's is told them alone.
    pub(super) fn log(&self) {
        if self.status().is_server_error() {
            tracing::error!(error = self as &dyn std::error::Error, "console.failed");
        } else {
            tracing::debug!(error = self as &dyn std::error::Error, "console.refused");
        }
    }

    /// What a page says: the heading, and what can be done.
    pub(super) fn words(&self, language: Language) -> (&'static str, String) {
        match language {
            Language::Chinese => (self.heading_zh(), self.sentence_zh()),
            Language::English => (self.heading_en(), format!("{}.", capitalised(&self.to_string()))),
        }
    }

    const fn heading_en(&self) -> &'static str {
        match self {
            Self::Access(_) => "Log in",
            Self::ForeignName => "Not under this name",
            Self::NoSuchPage | Self::NoSuchJob | Self::NoSuchTask => "Not found",
            Self::Forged | Self::Value(_) | Self::Refused(_) | Self::Nothing | Self::Busy | Self::App(_) => {
                "Nothing was changed"
            }
            Self::Store(_) | Self::Ours(_) => "This did not work",
        }
    }

    const fn heading_zh(&self) -> &'static str {
        match self {
            Self::Access(_) => "登录",
            Self::ForeignName => "不能用此域名访问",
            Self::NoSuchPage | Self::NoSuchJob | Self::NoSuchTask => "未找到",
            Self::Forged | Self::Value(_) | Self::Refused(_) | Self::Nothing | Self::Busy | Self::App(_) => {
                "未做任何改动"
            }
            Self::Store(_) | Self::Ours(_) => "操作未成功",
        }
    }

    fn sentence_zh(&self) -> String {
        match self {
            Self::Access(Refused::Wrong) => "管理口令不正确。".to_owned(),
            Self::Access(Refused::TooMany(wait)) => {
                format!("管理口令不正确，且错误次数过多，请在 {} 秒后重试。", wait.seconds)
            }
            Self::ForeignName => {
                "请用 IP 地址、localhost，或 WXGATE_PUBLIC_URL 的域名（及其子域名）访问控制台。".to_owned()
            }
            Self::Forged => "此操作不是由控制台页面发起，或页面已过期：请返回、刷新后重试。".to_owned(),
            Self::NoSuchPage => "没有这个页面。".to_owned(),
            Self::NoSuchJob => "没有这个任务，或已过保留期。".to_owned(),
            Self::NoSuchTask => "本进程没有这项批量操作。".to_owned(),
            Self::Value(field) => format!("输入有误：{field}。"),
            Self::Refused(verdict) => verdict_zh(*verdict),
            Self::Nothing => "没有选择任何一项。".to_owned(),
            Self::Busy => "同样的批量操作正在进行，或本进程的批量操作已达上限。".to_owned(),
            Self::App(AppError::Invalid(_)) => "密钥不能为空、首尾不能有空格，也不能含控制字符。".to_owned(),
            Self::App(AppError::Unknown(app)) => format!("没有应用 {app}。"),
            Self::App(AppError::Exists(app)) => format!("应用 {app} 已存在。"),
            Self::App(AppError::UnknownComponent(platform)) => format!("没有第三方平台 {platform}。"),
            Self::App(AppError::Store(_)) | Self::Store(_) => {
                "数据库暂时不可用，请稍后重试；重复同一操作是安全的。".to_owned()
            }
            Self::Ours(_) => "网关内部错误，请查看日志。".to_owned(),
        }
    }
}

fn verdict_zh(verdict: Verdict) -> String {
    match verdict {
        Verdict::Done => String::new(),
        Verdict::NotFound => "没有这个任务。".to_owned(),
        Verdict::NotOver(state) => {
            format!("任务{}，只有失败或等待外部的任务可以重试。", state_zh(state))
        }
        Verdict::Changed(state) => format!("任务已变化，现在{}：请刷新后再定。", state_zh(state)),
        Verdict::TooLate(state) => format!("任务{}，不能再取消。", state_zh(state)),
        Verdict::Ambiguous => "已有一次尝试可能生效，不能再取消。".to_owned(),
        Verdict::NoCallback => "没有这个回调，或它尚未结束。".to_owned(),
    }
}

/// A state in Chinese.
pub(super) const fn state_zh(state: JobState) -> &'static str {
    match state {
        JobState::Queued => "排队中",
        JobState::Running => "执行中",
        JobState::Waiting => "等待外部",
        JobState::Succeeded => "已成功",
        JobState::Failed => "已失败",
        JobState::Cancelled => "已取消",
    }
}

fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
