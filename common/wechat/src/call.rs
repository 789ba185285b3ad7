//! One request, one answer, and an honest word about every failure in between.

use std::future::Future;

use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Method, Request, Response};
use tokio::time::{Instant, timeout_at};
use tracing::Instrument as _;
use tracing::field::Empty;
use url::Url;

use crate::answer::Answer;
use crate::calls::{self, Calls};
use crate::errcode::Family;

/// The longest answer that is read. WeChat's JSON answers have a few hundred bytes, the longest
/// lists some hundred KiB.
pub const MAX_ANSWER_BYTES: usize = 1 << 20;

/// Why there is no answer. [`Self::is_ambiguous`] says whether the request may have taken effect.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The deadline had passed before anything was written.
    #[error("no time was left to ask WeChat")]
    OutOfTime,
    /// No connection came about: the name, the address or the handshake failed. Certainly not
    /// written.
    #[error("WeChat cannot be reached")]
    NotSent(#[source] reqwest::Error),
    /// No whole answer came in time.
    #[error("WeChat did not answer in time")]
    TimedOut,
    /// The connection broke after the request may have been written: before the first byte of the
    /// answer or in the midst of it.
    #[error("the connection to WeChat broke")]
    Broken(#[source] reqwest::Error),
    /// Not a 2xx. WeChat itself says 200 whatever happens, so this is somebody on the way to it.
    #[error("the way to WeChat answered HTTP {0}")]
    Status(u16),
    /// A 2xx without a verdict: empty, no JSON, or over [`MAX_ANSWER_BYTES`].
    #[error("WeChat's answer cannot be read")]
    Unreadable,
}

impl CallError {
    /// Whether the request may have taken effect although no answer tells.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        match self {
            Self::OutOfTime | Self::NotSent(_) => false,
            Self::TimedOut | Self::Broken(_) | Self::Unreadable => true,
            // 5xx: whoever answered may have passed the request on first (502 and 504 say just
            // that). 429 and all others are said instead of passing it on.
            Self::Status(status) => *status >= 500,
        }
    }

    /// One stable word for the failure, as jobs show it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::OutOfTime | Self::TimedOut => "timeout",
            Self::NotSent(_) => "unreachable",
            Self::Broken(_) => "connection_lost",
            Self::Status(_) => "http_status",
            Self::Unreadable => "unreadable_answer",
        }
    }

    /// The URL holds the token or the secret, so it goes first of all.
    pub(crate) fn from_transport(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_connect() || error.is_builder() {
            Self::NotSent(error)
        } else if error.is_timeout() {
            Self::TimedOut
        } else {
            Self::Broken(error)
        }
    }
}

/// What calls go through.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    pub(crate) client: Client,
    pub(crate) calls: Calls,
}

/// A GET of `endpoint` with these query parameters.
pub(crate) fn get(endpoint: &Url, query: &[(&str, &str)]) -> Request {
    Request::new(Method::GET, with_query(endpoint, query))
}

/// A POST of a JSON body, which passes through byte for byte.
pub(crate) fn post(endpoint: &Url, query: &[(&str, &str)], body: Bytes) -> Request {
    let mut request = Request::new(Method::POST, with_query(endpoint, query));
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    request.headers_mut().insert(CONTENT_TYPE, json);
    *request.body_mut() = Some(body.into());
    request
}

pub(crate) fn with_query(endpoint: &Url, query: &[(&str, &str)]) -> Url {
    let mut url = endpoint.clone();
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    url
}

/// What a request can bring. The future of [`Self::receive`] may be dropped at any time.
pub(crate) trait Reply: Sized {
    /// Sends the request and reads as much as is needed to know WeChat's verdict.
    ///
    /// # Errors
    /// [`CallError`].
    fn receive(http: &Client, request: Request) -> impl Future<Output = Result<Self, CallError>> + Send;

    /// The verdict; 0 for success.
    fn errcode(&self) -> i64;
}

impl Reply for Answer {
    async fn receive(http: &Client, request: Request) -> Result<Self, CallError> {
        let mut response = begin(http, request).await?;
        let first = chunk(&mut response).await?.unwrap_or_default();
        Self::read(rest(first, response).await?).ok_or(CallError::Unreadable)
    }

    fn errcode(&self) -> i64 {
        self.errcode()
    }
}

/// Sends the request, unless `deadline` has passed, and receives the reply before it.
///
/// # Errors
/// [`CallError`].
pub(crate) async fn exchange<R: Reply>(
    http: &Http,
    family: Family,
    request: Request,
    deadline: Instant,
) -> Result<R, CallError> {
    if Instant::now() >= deadline {
        return Err(CallError::OutOfTime);
    }
    let span = tracing::debug_span!(
        "wechat.call",
        otel.kind = "client",
        family = calls::name(family),
        // Secrets are in queries and bodies.
        path = request.url().path(),
        errcode = Empty,
        failure = Empty
    );
    let reply = timeout_at(deadline, R::receive(&http.client, request)).instrument(span.clone()).await;
    let reply = reply.unwrap_or(Err(CallError::TimedOut));
    match &reply {
        Ok(reply) => span.record("errcode", reply.errcode()),
        Err(error) => span.record("failure", error.code()),
    };
    http.calls.count(family, reply.as_ref().map(R::errcode));
    reply
}

/// Sends the request and reads the head of a reply that is WeChat's own.
pub(crate) async fn begin(http: &Client, request: Request) -> Result<Response, CallError> {
    let response = http.execute(request).await.map_err(CallError::from_transport)?;
    if !response.status().is_success() {
        return Err(CallError::Status(response.status().as_u16()));
    }
    Ok(response)
}

/// The body that begins with `first`. One chunk, the usual case, is not copied.
pub(crate) async fn rest(first: Bytes, mut response: Response) -> Result<Bytes, CallError> {
    let mut next = chunk(&mut response).await?;
    if next.is_none() && first.len() <= MAX_ANSWER_BYTES {
        return Ok(first);
    }
    let mut whole = BytesMut::from(first.as_ref());
    while let Some(more) = next {
        whole.extend_from_slice(&more);
        if whole.len() > MAX_ANSWER_BYTES {
            return Err(CallError::Unreadable);
        }
        next = chunk(&mut response).await?;
    }
    Ok(whole.freeze())
}

pub(crate) async fn chunk(response: &mut Response) -> Result<Option<Bytes>, CallError> {
    response.chunk().await.map_err(CallError::from_transport)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[tokio::test]
    async fn past_the_deadline_not_even_a_connection_is_tried() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();

        let http = Http { client: Client::new(), calls: Calls::default() };
        let answer = exchange::<Answer>(&http, Family::AppCall, get(&url, &[]), Instant::now()).await;

        assert!(matches!(answer, Err(CallError::OutOfTime)));
        assert!(listener.accept().is_err());
    }
}
