//! Why a call brought no answer.

use std::error::Error;
use std::io;
use std::iter;

use crate::Refusal;
use crate::filter::ForbiddenAnswers;

/// Why there is no answer. No text, here or in the chain of sources, contains the URL: its query
/// carries a signature.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    /// Not called: the URL is unusable or leads to an address that must not be dialled.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The name was not found, or no name server answered.
    #[error("the host name could not be looked up")]
    Dns(#[source] reqwest::Error),
    /// No connection, or none in time.
    #[error("no connection could be made")]
    Connect(#[source] reqwest::Error),
    /// No TLS session: an untrusted or expired certificate, or no TLS at the other end.
    #[error("no TLS session could be made")]
    Tls(#[source] reqwest::Error),
    /// No answer by the deadline.
    #[error("no answer in time")]
    Timeout,
    /// The connection broke, or what came was not HTTP.
    #[error("the call broke off")]
    Other(#[source] reqwest::Error),
}

impl EgressError {
    /// Whether the request may have been written, and so may have taken effect.
    #[must_use]
    pub const fn is_ambiguous(&self) -> bool {
        match self {
            Self::Refused(_) | Self::Dns(_) | Self::Connect(_) | Self::Tls(_) => false,
            Self::Timeout | Self::Other(_) => true,
        }
    }
}

impl From<reqwest::Error> for EgressError {
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if chain(&error).any(<dyn Error>::is::<ForbiddenAnswers>) {
            Self::Refused(Refusal::Forbidden)
        } else if error.is_dns() {
            Self::Dns(error)
        } else if error.is_connect() {
            if chain(&error).any(is_tls) { Self::Tls(error) } else { Self::Connect(error) }
        } else if error.is_timeout() {
            Self::Timeout
        } else {
            Self::Other(error)
        }
    }
}

fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    iter::successors(Some(error), |&cause| cause.source())
}

/// An `io::Error` passes over what it wraps when asked for its source.
fn is_tls(cause: &(dyn Error + 'static)) -> bool {
    let wrapped = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    cause.is::<rustls::Error>() || wrapped.is_some_and(|wrapped| is_tls(wrapped))
}
