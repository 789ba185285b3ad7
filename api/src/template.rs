//! The body of a template message: what callers may send as `tpl_data`, and what WeChat is sent.
//!
//! WeChat gets the caller's own text: numbers of any size and the order of fields stay as they are.
//! Two things are changed: `\uXXXX` escapes, which WeChat refuses, become the characters they stand for
//! ([`unescape`]), and a message without a `client_msg_id` gets one, by which WeChat knows a repeat.

mod depth;
mod unescape;

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use depth::MOST_NESTED;

use crate::refusal::{Sentence, said};

/// A template message, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    /// The request body for WeChat.
    pub(crate) body: String,
    /// Whom it is for.
    pub(crate) touser: String,
}

/// Why a text is no template message.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TemplateError {
    #[error("must be a JSON object")]
    NotAnObject,
    #[error("is not JSON ({0})")]
    NotJson(#[source] serde_json::Error),
    #[error("{0}")]
    Repeated(#[source] serde_json::Error),
    #[error("{0} must be a non-empty string")]
    NotAText(&'static str),
    #[error("is nested deeper than {MOST_NESTED} levels")]
    TooDeep,
    #[error("contains \\u0000")]
    Nul,
    #[error("contains half of a surrogate pair")]
    LoneSurrogate,
}

impl From<&TemplateError> for Sentence {
    fn from(error: &TemplateError) -> Self {
        let zh = match error {
            TemplateError::NotAnObject => "须为JSON对象".to_owned(),
            TemplateError::NotJson(error) | TemplateError::Repeated(error) => {
                format!("不是有效的JSON（{error}）")
            }
            TemplateError::NotAText(field) => format!("{field}须为非空文本"),
            TemplateError::TooDeep => format!("嵌套超过{MOST_NESTED}层"),
            TemplateError::Nul => "含有\\u0000".to_owned(),
            TemplateError::LoneSurrogate => "含有不完整的代理对".to_owned(),
        };
        said(zh, error.to_string())
    }
}

/// The fields that matter here. `null` counts as absent; a repeated field is an error, since sender and
/// WeChat could each read another one of them.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    touser: Option<&'a RawValue>,
    #[serde(borrow)]
    template_id: Option<&'a RawValue>,
    #[serde(borrow)]
    client_msg_id: Option<&'a RawValue>,
}

impl Template {
    /// Reads what a caller sent. `msg_id` makes an id for a message that has none.
    pub(crate) fn read(text: &str, msg_id: impl FnOnce() -> String) -> Result<Self, TemplateError> {
        let text = text.trim_ascii();
        if !text.starts_with('{') {
            return Err(TemplateError::NotAnObject);
        }
        if depth::of(text) > MOST_NESTED {
            return Err(TemplateError::TooDeep);
        }
        let fields: Fields<'_> = serde_json::from_str(text).map_err(unreadable)?;
        let touser = non_empty("touser", fields.touser)?;
        non_empty("template_id", fields.template_id)?;
        let body = unescape::unescape(text)?;
        let body = if fields.client_msg_id.is_some() {
            non_empty("client_msg_id", fields.client_msg_id)?;
            body.into_owned()
        } else {
            with_msg_id(&body, &msg_id())
        };
        Ok(Self { body, touser })
    }
}

fn unreadable(error: serde_json::Error) -> TemplateError {
    // A field may hold anything, so the one fault in otherwise readable JSON is a field given twice.
    if error.is_data() { TemplateError::Repeated(error) } else { TemplateError::NotJson(error) }
}

fn non_empty(name: &'static str, value: Option<&RawValue>) -> Result<String, TemplateError> {
    let text = value.and_then(|value| serde_json::from_str::<Cow<'_, str>>(value.get()).ok());
    match text {
        Some(text) if !text.trim().is_empty() => Ok(text.into_owned()),
        _ => Err(TemplateError::NotAText(name)),
    }
}

/// Puts the id in front of the object's other fields, of which there are at least two.
fn with_msg_id(object: &str, msg_id: &str) -> String {
    let fields = object.strip_prefix('{').unwrap_or(object);
    [r#"{"client_msg_id":""#, msg_id, r#"","#, fields].concat()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn read(text: &str) -> Result<Template, TemplateError> {
        Template::read(text, || "made-here".to_owned())
    }

    #[test]
    fn a_message_without_an_id_gets_one_and_keeps_its_text() {
        let text = r#"{ "touser" : "o1","template_id":"t","data":{"n":{"value":12345678901234567890.10}}}"#;
        let template = read(text).unwrap();
        assert_eq!(template.touser, "o1");
        assert_eq!(template.body, format!(r#"{{"client_msg_id":"made-here",{}"#, &text[1..]));
        assert!(serde_json::from_str::<serde_json::Value>(&template.body).is_ok());
    }

    #[test]
    fn the_callers_own_id_is_kept() {
        let text = r#"{"touser":"o1","template_id":"t","client_msg_id":"mine"}"#;
        assert_eq!(read(text).unwrap().body, text);
        let absent = r#"{"touser":"o1","template_id":"t","data":{"client_msg_id":"inner"}}"#;
        assert!(read(absent).unwrap().body.starts_with(r#"{"client_msg_id":"made-here","touser""#));
    }

    #[test]
    fn escapes_become_characters() {
        let text = r#"{"touse\u0072":"o1","template_id":"t","client_msg_id":"m","data":"\u5496\u5561 \ud83d\ude00"}"#;
        let template = read(text).unwrap();
        assert_eq!(template.touser, "o1");
        assert_eq!(
            template.body,
            r#"{"touser":"o1","template_id":"t","client_msg_id":"m","data":"咖啡 😀"}"#
        );
    }

    #[test]
    fn what_is_no_message_is_refused_with_its_fault() {
        let nested = format!(
            r#"{{"touser":"o","template_id":"t","data":{}{}}}"#,
            "[".repeat(MOST_NESTED),
            "]".repeat(MOST_NESTED)
        );
        for (text, fault) in [
            ("", "must be a JSON object"),
            ("hello", "must be a JSON object"),
            ("[]", "must be a JSON object"),
            ("\"{}\"", "must be a JSON object"),
            (r#"{"touser":"o","template_id":"t""#, "is not JSON"),
            (r#"{"touser":"o","template_id":"t"}}"#, "is not JSON"),
            (r#"{"touser":"o","template_id":"t",}"#, "is not JSON"),
            ("{\"touser\":\"o\",\"template_id\":\"t\",\"data\":\"\n\"}", "is not JSON"),
            (r#"{"touser":"o","touser":"p","template_id":"t"}"#, "duplicate field `touser`"),
            ("{}", "touser must be"),
            (r#"{"touser":"","template_id":"t"}"#, "touser must be"),
            (r#"{"touser":null,"template_id":"t"}"#, "touser must be"),
            (r#"{"touser":["o"],"template_id":"t"}"#, "touser must be"),
            (r#"{"touser":"o"}"#, "template_id must be"),
            (r#"{"touser":"o","template_id":7}"#, "template_id must be"),
            (r#"{"touser":"o","template_id":"t","client_msg_id":""}"#, "client_msg_id must be"),
            (r#"{"touser":"o","template_id":"t","client_msg_id":5}"#, "client_msg_id must be"),
            (r#"{"touser":"o","template_id":"t","data":"\u0000"}"#, "contains \\u0000"),
            (r#"{"touser":"o","template_id":"t","data":"\ud83d!"}"#, "half of a surrogate pair"),
            (&nested, "nested deeper than 32 levels"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(fault), "{text}: {error}");
        }
    }
}
