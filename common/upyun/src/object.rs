//! Files in the bucket.

use std::fmt;

use bytes::Bytes;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, Method, RequestBuilder, Response};
use tokio::time::Instant;

use crate::call::{Payload, chunk, send, send_all};
use crate::client::Upyun;
use crate::{ObjectPath, UpyunError};

/// What Upyun knows of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// Bytes, unless it does not say.
    pub length: Option<u64>,
    /// As it was put, or guessed from the name.
    pub content_type: Option<String>,
    /// MD5 in lower-case hexadecimal.
    pub md5: Option<String>,
}

/// A file that is being read. Holds one piece of it at a time.
pub struct Object {
    response: Response,
    deadline: Instant,
}

impl Upyun {
    /// Stores a file under `path`, in place of whatever was there: the whole of it, or nothing.
    /// `body` must have `length` bytes and `md5` (lower-case hexadecimal), or Upyun refuses. It may
    /// take all the time until `deadline`: whether it gets on is for the caller to watch.
    ///
    /// # Errors
    /// [`UpyunError`].
    pub async fn put(
        &self,
        path: &ObjectPath,
        content_type: &str,
        md5: &str,
        length: u64,
        body: Body,
        deadline: Instant,
    ) -> Result<(), UpyunError> {
        let payload = Payload { content_type, md5, length, body };
        send_all(self.object_request(Method::PUT, path, Some(payload)), deadline).await.map(drop)
    }

    /// What Upyun knows of the file; `None` when there is none.
    ///
    /// # Errors
    /// [`UpyunError`].
    pub async fn head(&self, path: &ObjectPath, deadline: Instant) -> Result<Option<Info>, UpyunError> {
        let answer = send(self.object_request(Method::HEAD, path, None), deadline).await;
        Ok(unless_absent(answer)?.map(|response| Info::of(&response)))
    }

    /// The file, to be read piece by piece, all by `deadline`; `None` when there is none.
    ///
    /// # Errors
    /// [`UpyunError`].
    pub async fn get(&self, path: &ObjectPath, deadline: Instant) -> Result<Option<Object>, UpyunError> {
        let answer = send(self.object_request(Method::GET, path, None), deadline).await;
        Ok(unless_absent(answer)?.map(|response| Object { response, deadline }))
    }

    /// Removes the file; that there is none is fine.
    ///
    /// # Errors
    /// [`UpyunError`].
    pub async fn delete(&self, path: &ObjectPath, deadline: Instant) -> Result<(), UpyunError> {
        let answer = send(self.object_request(Method::DELETE, path, None), deadline).await;
        unless_absent(answer).map(drop)
    }

    fn object_request(
        &self,
        method: Method,
        path: &ObjectPath,
        payload: Option<Payload<'_>>,
    ) -> RequestBuilder {
        let uri = format!("/{}{}", self.account().bucket, path.escaped());
        self.request(&self.bases().api, method, &uri, payload)
    }
}

impl Info {
    /// HEAD names the length in a header of Upyun's own.
    fn of(response: &Response) -> Self {
        let length = text(response, "x-upyun-file-size").or_else(|| text(response, CONTENT_LENGTH.as_str()));
        Self {
            length: length.and_then(|digits| digits.parse().ok()),
            content_type: text(response, CONTENT_TYPE.as_str()),
            md5: text(response, "content-md5"),
        }
    }
}

impl Object {
    /// Bytes, unless Upyun does not say.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// As it was put, or guessed from the name.
    #[must_use]
    pub fn content_type(&self) -> Option<String> {
        text(&self.response, CONTENT_TYPE.as_str())
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// [`UpyunError::TimedOut`] when the deadline passes first or nothing comes for 30 s, [`UpyunError::Broken`] when the
    /// file breaks off before its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, UpyunError> {
        chunk(&mut self.response, self.deadline).await
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object").field("length", &self.length()).finish_non_exhaustive()
    }
}

fn unless_absent(answer: Result<Response, UpyunError>) -> Result<Option<Response>, UpyunError> {
    match answer {
        Err(error) if error.is_absence() => Ok(None),
        answer => answer.map(Some),
    }
}

fn text(response: &Response, name: &str) -> Option<String> {
    Some(response.headers().get(name)?.to_str().ok()?.to_owned())
}
