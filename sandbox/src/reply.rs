//! One answer, as an endpoint gives it and before a fault distorts it.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::Value;

/// The type that WeChat gives its JSON with; `encoding` is no standard parameter, and real.
const JSON: &str = "application/json; encoding=utf-8";

/// What goes back.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Empty: the answer names none.
    pub(crate) content_type: Cow<'static, str>,
    /// Headers beside the type and the length.
    pub(crate) headers: Vec<(Cow<'static, str>, String)>,
    pub(crate) body: Bytes,
    /// The return code, 0 for success also where the body omits it; none when this is no answer in
    /// WeChat's form.
    pub(crate) errcode: Option<i64>,
    /// Whether the call changed something: issued a token, sent a message.
    pub(crate) took_effect: bool,
    /// The number of a push that has to end before this goes out.
    pub(crate) after_push: Option<u64>,
}

impl Reply {
    /// A success that changed something.
    pub(crate) fn done(body: &Value) -> Self {
        Self { took_effect: true, ..Self::json(0, body) }
    }

    /// A success that changed nothing: what stood already is told again.
    pub(crate) fn unchanged(body: &Value) -> Self {
        Self::json(0, body)
    }

    /// A JSON answer with this return code.
    pub(crate) fn json(errcode: i64, body: &Value) -> Self {
        Self {
            status: 200,
            content_type: JSON.into(),
            headers: Vec::new(),
            body: Bytes::from(body.to_string()),
            errcode: Some(errcode),
            took_effect: false,
            after_push: None,
        }
    }

    /// An answer that is not in WeChat's form.
    pub(crate) fn foreign(
        status: u16,
        content_type: impl Into<Cow<'static, str>>,
        body: impl Into<Bytes>,
    ) -> Self {
        Self {
            status,
            content_type: content_type.into(),
            headers: Vec::new(),
            body: body.into(),
            errcode: None,
            took_effect: false,
            after_push: None,
        }
    }

    /// A success that hands out a file.
    pub(crate) fn file(content_type: impl Into<Cow<'static, str>>, body: Bytes) -> Self {
        Self { errcode: Some(0), ..Self::foreign(200, content_type, body) }
    }

    /// A page for a browser.
    pub(crate) fn page(html: String) -> Self {
        Self::foreign(200, "text/html; charset=utf-8", html)
    }

    /// Sends a browser elsewhere.
    pub(crate) fn redirect(address: String) -> Self {
        Self::foreign(302, "text/plain; charset=utf-8", "").with("Location", address)
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The word under which statistics count it.
    pub(crate) fn label(&self) -> String {
        match self.errcode {
            Some(errcode) => errcode.to_string(),
            None if self.status == 302 => "http 302".to_owned(),
            None if self.body.is_empty() => "empty".to_owned(),
            None => format!("http {}", self.status),
        }
    }
}
