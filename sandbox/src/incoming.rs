//! One request as the endpoints see it, free of any HTTP library.

use std::cell::OnceCell;
use std::net::SocketAddr;

use bytes::Bytes;
use serde_json::Value;
use url::form_urlencoded;

/// What somebody sent.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Bytes,
    pub(crate) peer: SocketAddr,
    /// The address that the client called the sandbox by, such as `http://127.0.0.1:8181`.
    pub(crate) base: String,
    /// The type that the body claims to have; empty when it claims none.
    pub(crate) content_type: String,
    query: Vec<(String, String)>,
    json: OnceCell<Option<Value>>,
}

impl Incoming {
    pub(crate) fn new(method: &str, path: &str, query: &str, body: Bytes, peer: SocketAddr) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            body,
            peer,
            base: String::new(),
            content_type: String::new(),
            json: OnceCell::new(),
        }
    }

    /// With what its head says beside method and path.
    pub(crate) fn with_head(mut self, base: String, content_type: &str) -> Self {
        self.base = base;
        content_type.clone_into(&mut self.content_type);
        self
    }

    /// A query parameter; an empty one counts as absent.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// All query parameters as they came.
    pub(crate) fn queries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The body as JSON, whatever `Content-Type` says or does not say; parsed once.
    pub(crate) fn json(&self) -> Option<&Value> {
        self.json.get_or_init(|| serde_json::from_slice(&self.body).ok()).as_ref()
    }

    /// A non-empty text field of a JSON body.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.json()?.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// The user that a message is for, where the call has one.
    pub(crate) fn touser(&self) -> Option<&str> {
        self.field("touser")
    }
}

#[cfg(test)]
impl Incoming {
    /// A request from 127.0.0.1, for tests.
    pub(crate) fn local(method: &str, path_and_query: &str, body: &str) -> Self {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let peer = SocketAddr::from(([127, 0, 0, 1], 40_000));
        Self::new(method, path, query, Bytes::copy_from_slice(body.as_bytes()), peer)
    }
}
