//! One signed request, and one bounded answer.

use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use reqwest::header::{AUTHORIZATION, DATE};
use reqwest::{Body, Method, RequestBuilder, Response};
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::account::below;
use crate::client::Upyun;
use crate::sign::{Signed, authorization};
use crate::{UpyunError, refusal};

/// The longest answer that is read into memory. A task's record has a few KiB.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// How long an answer to a small request may take. Upyun's take some tens of milliseconds: a
/// connection that is silent for longer is dead, and the call had better be made again.
const ANSWER: Duration = Duration::from_secs(10);

/// The longest silence within a body.
const SILENCE: Duration = Duration::from_secs(30);

/// A body together with what Upyun must know of it beforehand: it takes none in chunks of unknown
/// number.
pub(crate) struct Payload<'c> {
    pub(crate) content_type: &'c str,
    pub(crate) md5: &'c str,
    pub(crate) length: u64,
    pub(crate) body: Body,
}

impl Upyun {
    /// A signed request for `uri`, which begins with a slash and is escaped already.
    pub(crate) fn request(
        &self,
        base: &Url,
        method: Method,
        uri: &str,
        payload: Option<Payload<'_>>,
    ) -> RequestBuilder {
        let date = httpdate::fmt_http_date(SystemTime::now());
        let content_md5 = payload.as_ref().map(|payload| payload.md5);
        let signed = Signed { method: method.as_str(), uri, date: &date, content_md5 };
        let authorization = authorization(self.account(), signed);
        let request = self.http().request(method, below(base, uri));
        let request = request.header(DATE, date).header(AUTHORIZATION, authorization);
        match payload {
            Some(payload) => payload.add_to(request),
            None => request,
        }
    }
}

impl Payload<'_> {
    fn add_to(self, request: RequestBuilder) -> RequestBuilder {
        request
            .header("content-md5", self.md5)
            .header("content-type", self.content_type)
            // Given outright, it keeps a streamed body from going out chunked.
            .header("content-length", self.length)
            .body(self.body)
    }
}

/// Sends the request, unless `deadline` has passed, and waits for a 2xx, at most for [`ANSWER`].
///
/// # Errors
/// [`UpyunError`].
pub(crate) async fn send(request: RequestBuilder, deadline: Instant) -> Result<Response, UpyunError> {
    send_all(request, soon(deadline)).await
}

/// As [`send`], of a request whose body takes its time.
///
/// # Errors
/// [`UpyunError`].
pub(crate) async fn send_all(request: RequestBuilder, deadline: Instant) -> Result<Response, UpyunError> {
    if Instant::now() >= deadline {
        return Err(UpyunError::OutOfTime);
    }
    let sending = async {
        let response = request.send().await.map_err(UpyunError::from_transport)?;
        if response.status().is_success() {
            Ok(response)
        } else {
            Err(UpyunError::Refused(refusal::read(response).await))
        }
    };
    timeout_at(deadline, sending).await.unwrap_or(Err(UpyunError::TimedOut))
}

fn soon(deadline: Instant) -> Instant {
    deadline.min(Instant::now() + ANSWER)
}

/// Sends the request and reads the whole answer, both within [`ANSWER`].
///
/// # Errors
/// [`UpyunError`].
pub(crate) async fn exchange(request: RequestBuilder, deadline: Instant) -> Result<Bytes, UpyunError> {
    let deadline = soon(deadline);
    let mut response = send(request, deadline).await?;
    let mut whole = BytesMut::new();
    while let Some(chunk) = chunk(&mut response, deadline).await? {
        whole.extend_from_slice(&chunk);
        if whole.len() > MAX_ANSWER_BYTES {
            return Err(UpyunError::Unreadable);
        }
    }
    Ok(whole.freeze())
}

/// The next piece of the body, waited for at most for [`SILENCE`].
///
/// # Errors
/// [`UpyunError::TimedOut`], [`UpyunError::Broken`].
pub(crate) async fn chunk(response: &mut Response, deadline: Instant) -> Result<Option<Bytes>, UpyunError> {
    let end = deadline.min(Instant::now() + SILENCE);
    let next = timeout_at(end, response.chunk()).await.map_err(|_late| UpyunError::TimedOut)?;
    next.map_err(UpyunError::from_transport)
}
