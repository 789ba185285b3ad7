//! Everything that a caller may be answered besides success: the whole catalogue.

mod chinese;
mod foreign;
mod sentence;

use std::error::Error;
use std::time::Duration;

use actix_web::http::StatusCode;
use serde_json::value::RawValue;
use wxgate_signing::{FormError, InvalidAuthcode, Scheme};
use wxgate_store::StoreError;
use wxgate_store::intake::IntakeError;

pub use sentence::Sentence;
pub(crate) use sentence::said;

/// What went wrong, for the log.
type Cause = Box<dyn Error + Send + Sync>;

/// When to try again after 503: the store or the server behind it was away a moment ago.
const NOT_READY_FOR: Duration = Duration::from_secs(5);

/// When to try again after an overload: the queue in front of the store lasts less than a second.
const OVERLOADED_FOR: Duration = Duration::from_secs(1);

/// Why a request was not answered with success. `Display` is the sentence in English,
/// [`Refusal::in_language`] the one that the caller reads; neither holds a value that the caller sent. Sources
/// are for the log.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Not over yet.
    #[error("still working: ask again with what data holds")]
    StillWorking {
        /// What to poll with (JSON).
        poll: Box<RawValue>,
    },
    /// No interface of that name.
    #[error("there is no such interface")]
    UnknownPath,
    /// Neither GET nor POST.
    #[error("this interface takes POST, or GET with all parameters in the query")]
    Method,
    /// The body is over the limit.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The limit (bytes).
        limit: usize,
    },
    /// The file is over the limit.
    #[error("the file is larger than {limit} bytes")]
    FileTooLarge {
        /// The limit (bytes).
        limit: usize,
    },
    /// The body did not come whole, or not in time.
    #[error("the body did not arrive whole within {} s", .within.as_secs())]
    BodyBroken {
        /// The time that it may take.
        within: Duration,
    },
    /// The parameters cannot be read.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The body is JSON, XML or multipart.
    #[error("the body must be form-encoded (application/x-www-form-urlencoded)")]
    NotAForm,
    /// A required parameter is absent or blank.
    #[error("parameter '{name}' is missing or blank")]
    Missing {
        /// Which.
        name: &'static str,
    },
    /// A required parameter is absent or blank among the texts in front of a file.
    #[error("parameter '{name}' is missing or blank: texts must stand in front of the file")]
    MissingBeforeFile {
        /// Which.
        name: &'static str,
    },
    /// The authcode is not in the query.
    #[error("authcode is missing: it belongs into the query, all else into the body")]
    NoAuthcode,
    /// No such client.
    #[error("there is no client of this client_code")]
    UnknownClient,
    /// The client is closed.
    #[error("this client_code is closed")]
    ClientClosed,
    /// The client has no secret.
    #[error("this client_code has no client_secret yet")]
    NoSecret,
    /// `req_time` is no time stamp.
    #[error("req_time must be Unix seconds, ten digits")]
    MalformedTime,
    /// `req_time` is off.
    #[error("req_time is {off} s off the time here ({now}); at most {at_most} s are taken")]
    Stale {
        /// How far off (s).
        off: u64,
        /// The time here (Unix seconds).
        now: i64,
        /// The most that is taken (s).
        at_most: u64,
    },
    /// The authcode is neither 32 nor 64 hex digits.
    #[error(transparent)]
    MalformedAuthcode(#[from] InvalidAuthcode),
    /// The authcode does not fit parameters and secret.
    #[error("authcode does not match the parameters")]
    WrongAuthcode,
    /// The client may not sign this way.
    #[error("this client must sign with {}", name_of(*.allowed))]
    SchemeNotAllowed {
        /// How it may sign.
        allowed: Scheme,
    },
    /// The authcode served another request in the last ten minutes.
    #[error("this authcode served another request: sign again with another req_time")]
    AuthcodeTaken,
    /// The client has not been granted the interface.
    #[error("interface {interface} is not granted to this client")]
    NotGranted {
        /// Which.
        interface: &'static str,
    },
    /// The interface is switched off.
    #[error("interface {interface} is switched off")]
    SwitchedOff {
        /// Which.
        interface: &'static str,
    },
    /// The client has no app.
    #[error("no app_id is set for this client")]
    NoApp,
    /// The client's app does not exist.
    #[error("the app of this client is not known here")]
    UnknownApp,
    /// The client's app is disabled.
    #[error("the app of this client is disabled")]
    AppDisabled,
    /// The app has no secret.
    #[error("the app of this client has no app secret")]
    AppWithoutSecret,
    /// The app's third-party platform may not act for it.
    #[error("the third-party platform of this client's app is not authorised")]
    PlatformNotAuthorised,
    /// A value cannot be used.
    #[error("{name}: {reason}")]
    Malformed {
        /// Which parameter.
        name: &'static str,
        /// What is wrong with it.
        reason: Sentence,
    },
    /// No such thing, or another client's.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// It cannot be done now.
    #[error("{0}")]
    Conflict(Sentence),
    /// The `request_id` belongs to a request with other content.
    #[error("request_id was used for a request with other content")]
    RequestIdTaken,
    /// Too many requests.
    #[error("too many requests")]
    TooMany {
        /// When to come again.
        retry_after: Duration,
    },
    /// A fault of ours.
    #[error("internal error; reference {reference}")]
    Internal {
        /// By which the cause is found in the log.
        reference: String,
        /// The cause.
        #[source]
        cause: Cause,
    },
    /// WeChat or another server answered with a failure.
    #[error("{0}")]
    UpstreamFailed(Sentence),
    /// WeChat could not be asked, or only something was to be read; certainly nothing took effect.
    #[error("{reason}; nothing took effect: the same request can be sent again")]
    NoEffect {
        /// What went wrong.
        reason: Sentence,
        /// The cause.
        #[source]
        cause: Cause,
    },
    /// Something is away for the moment; certainly nothing was stored.
    #[error("not ready; nothing was stored: send the same request again later")]
    NotReady(#[source] Cause),
    /// More comes than can be done; certainly nothing was stored.
    #[error("too much at once; nothing was stored: send the same request again later")]
    Overloaded,
    /// It may or may not have been stored.
    #[error("the outcome is unknown: repeat this same signed request unchanged; it cannot be sent twice")]
    OutcomeUnknown(#[source] Cause),
    /// WeChat or another server did not answer in time.
    #[error("{0} did not answer in time: repeat this same signed request unchanged")]
    UpstreamTimeout(&'static str),
    /// The connection to WeChat broke, and it may have taken effect.
    #[error("{reason}, and it may have taken effect: repeat this same signed request unchanged")]
    UpstreamBroken {
        /// What went wrong.
        reason: Sentence,
        /// The cause.
        #[source]
        cause: Cause,
    },
    /// The same request is being done, and takes its time.
    #[error("the same request is still under way: repeat this same signed request unchanged")]
    UnderWay,
    /// It may have taken effect, and done again it could take effect twice.
    #[error(
        "whether this request took effect is unknown, and it is not repeated: sign it anew if it is wanted again"
    )]
    NotRepeated(#[source] Option<Cause>),
}

impl Refusal {
    /// HTTP status and retcode: one row for each variant. Callers read `retcode`, so the status is
    /// 200 but where intermediaries act on it.
    #[must_use]
    pub const fn codes(&self) -> (StatusCode, u16) {
        const OK: StatusCode = StatusCode::OK;
        match self {
            Self::StillWorking { .. } => (OK, 202),
            Self::UnknownPath => (StatusCode::NOT_FOUND, 404),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, 405),
            Self::TooLarge { .. } | Self::FileTooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, 413),
            Self::Form(FormError::NotUtf8 | FormError::Repeated { .. })
            | Self::NotAForm
            | Self::Missing { .. }
            | Self::MissingBeforeFile { .. }
            | Self::NoAuthcode => (OK, 102),
            Self::UnknownClient => (OK, 104),
            Self::ClientClosed => (OK, 105),
            Self::NoSecret => (OK, 108),
            Self::MalformedTime | Self::Stale { .. } => (OK, 101),
            Self::MalformedAuthcode(_) => (OK, 109),
            Self::WrongAuthcode | Self::SchemeNotAllowed { .. } | Self::AuthcodeTaken => (OK, 103),
            Self::NotGranted { .. } => (OK, 106),
            Self::SwitchedOff { .. } => (OK, 107),
            Self::NoApp => (OK, 110),
            Self::UnknownApp | Self::AppDisabled => (OK, 112),
            Self::AppWithoutSecret => (OK, 113),
            Self::PlatformNotAuthorised => (OK, 114),
            Self::Form(FormError::Nul | FormError::ClientSecret)
            | Self::BodyBroken { .. }
            | Self::Malformed { .. } => (OK, 400),
            Self::NotFound(_) => (OK, 404),
            Self::Conflict(_) | Self::RequestIdTaken => (OK, 409),
            Self::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, 429),
            Self::Internal { .. } => (OK, 500),
            Self::UpstreamFailed(_) | Self::NoEffect { .. } => (OK, 502),
            Self::NotReady(_) | Self::Overloaded => (StatusCode::SERVICE_UNAVAILABLE, 503),
            Self::OutcomeUnknown(_)
            | Self::UpstreamTimeout(_)
            | Self::UpstreamBroken { .. }
            | Self::UnderWay
            | Self::NotRepeated(_) => (OK, 504),
        }
    }

    /// When to try again, where the answer says so.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooMany { retry_after } => Some(*retry_after),
            Self::NotReady(_) => Some(NOT_READY_FOR),
            Self::Overloaded => Some(OVERLOADED_FOR),
            _ => None,
        }
    }

    /// Whether the request may have taken effect although it was not answered with success.
    #[must_use]
    pub const fn leaves_doubt(&self) -> bool {
        matches!(
            self,
            Self::Internal { .. }
                | Self::OutcomeUnknown(_)
                | Self::UpstreamTimeout(_)
                | Self::UpstreamBroken { .. }
                | Self::NotRepeated(_)
        )
    }

    /// A fault of ours, under a new reference.
    pub(crate) fn internal(cause: impl Into<Cause>) -> Self {
        Self::Internal { reference: hex::encode(rand::random::<[u8; 8]>()), cause: cause.into() }
    }

    /// A value that cannot be used.
    pub(crate) fn malformed(name: &'static str, reason: impl Into<Sentence>) -> Self {
        Self::Malformed { name, reason: reason.into() }
    }

    /// Of a store that was only asked: whatever broke, nothing was changed.
    pub(crate) fn of_reading(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::OutcomeUnknown(_) | StoreError::Refused(_) => {
                Self::NotReady(error.into())
            }
            StoreError::Undecodable { .. } | StoreError::Sealed { .. } | StoreError::Schema(_) => {
                Self::internal(error)
            }
        }
    }

    /// Of a store that was to change something.
    pub(crate) fn of_writing(error: StoreError) -> Self {
        if error.is_unknown() { Self::OutcomeUnknown(error.into()) } else { Self::of_reading(error) }
    }
}

impl From<IntakeError> for Refusal {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::Overloaded => Self::Overloaded,
            IntakeError::NotStored(_) => Self::NotReady(error.into()),
            IntakeError::Unknown(_) => Self::OutcomeUnknown(error.into()),
        }
    }
}

fn name_of(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Md5 => "MD5 (an authcode of 32 hex digits)",
        Scheme::HmacSha256 => "HMAC-SHA256 (an authcode of 64 hex digits)",
    }
}

#[cfg(test)]
mod tests;
