//! One answer, as an endpoint gives it and before a fault distorts it.

use bytes::Bytes;
use serde_json::Value;

/// The type that WeChat gives its JSON with; `encoding` is no standard parameter, and real.
const JSON: &str = "application/json; encoding=utf-8";

/// What goes back.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: Bytes,
    /// The return code, 0 for success also where the body omits it; none when this is no answer in
    /// WeChat's form.
    pub(crate) errcode: Option<i64>,
    /// Whether the call changed something: issued a token, sent a message.
    pub(crate) took_effect: bool,
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
            content_type: JSON,
            body: Bytes::from(body.to_string()),
            errcode: Some(errcode),
            took_effect: false,
        }
    }

    /// An answer that is not in WeChat's form.
    pub(crate) fn foreign(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { status, content_type, body: body.into(), errcode: None, took_effect: false }
    }

    /// The word under which statistics count it.
    pub(crate) fn label(&self) -> String {
        match self.errcode {
            Some(errcode) => errcode.to_string(),
            None if self.body.is_empty() => "empty".to_owned(),
            None => format!("http {}", self.status),
        }
    }
}
