//! One call to Upyun, free of any HTTP library.

use std::collections::HashMap;

use bytes::Bytes;
use url::form_urlencoded;

use super::problem::{CHUNKED, NEED_LENGTH, Problem};
use crate::faults::Spot;

/// What somebody sent.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query exactly as they stand in the request line: that is what is signed.
    pub(crate) target: String,
    pub(crate) body: Bytes,
    /// Names in lower case.
    headers: HashMap<String, String>,
}

impl Request {
    pub(crate) fn new(method: &str, target: &str, headers: HashMap<String, String>, body: Bytes) -> Self {
        Self { method: method.to_owned(), target: target.to_owned(), body, headers }
    }

    /// The path, still percent-encoded.
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// How many bytes its body is announced with. Bodies in chunks, whose length nobody knows, are
    /// refused, and so are uploads that do not say theirs.
    pub(crate) fn length(&self) -> Result<u64, Problem> {
        if self.header("transfer-encoding").is_some() {
            return Err(CHUNKED);
        }
        match self.header("content-length") {
            Some(length) => length.parse().map_err(|_| NEED_LENGTH),
            None if self.method == "PUT" => Err(NEED_LENGTH),
            None => Ok(0),
        }
    }

    /// A header; an empty one counts as absent.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(super) fn is_true(&self, name: &str) -> bool {
        self.header(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The headers whose names begin so, by name.
    pub(super) fn headers_of(&self, prefix: &str) -> Vec<(String, String)> {
        let matching = self.headers.iter().filter(|(name, _)| name.starts_with(prefix));
        let mut found: Vec<_> = matching.map(|(name, value)| (name.clone(), value.clone())).collect();
        found.sort();
        found
    }

    pub(super) fn queries(&self) -> Vec<(String, String)> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    pub(super) fn query(&self, name: &str) -> Option<String> {
        self.queries().into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The body as a url-encoded form.
    pub(super) fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// What kind of call it is.
    pub(crate) fn spot(&self) -> Spot {
        spot(&self.method, self.path())
    }
}

/// What kind of call a method and a path make.
pub(crate) fn spot(method: &str, path: &str) -> Spot {
    match (path.trim_end_matches('/'), method) {
        ("/pretreatment", _) => Spot::Submit,
        ("/status", _) => Spot::Status,
        ("/result", _) => Spot::Result,
        _ if path.starts_with("/public/") => Spot::Public,
        (_, "PUT") => Spot::Put,
        (_, "HEAD") => Spot::Head,
        (_, "DELETE") => Spot::Delete,
        (_, "POST") => Spot::Post,
        (_, "PATCH") => Spot::Patch,
        _ => Spot::Get,
    }
}
