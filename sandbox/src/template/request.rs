//! The body of a template send, checked as far as its shape goes.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::errcode::{CLIENT_MSG_ID_SIZE, DATA_FORMAT, INVALID_CHARSET, INVALID_WEAPP_APPID, Refusal};
use crate::incoming::Incoming;

/// Longest `client_msg_id`, in bytes. Not documented here; mass sending, which has the same field,
/// allows 64.
const LONGEST_CLIENT_MSG_ID: usize = 64;

/// What is to be sent, to whom. Fields not named here (`topcolor`, a `color` beside `data`) are
/// taken and ignored.
#[derive(Debug, Deserialize)]
pub(super) struct Send {
    /// Missing counts as empty: an invalid openid.
    #[serde(default)]
    pub(super) touser: String,
    #[serde(default)]
    pub(super) template_id: String,
    pub(super) url: Option<String>,
    pub(super) miniprogram: Option<Value>,
    pub(super) client_msg_id: Option<String>,
    /// Field name to `{"value": …}`.
    pub(super) data: Map<String, Value>,
}

pub(super) fn parse(call: &Incoming, refuse_escapes: bool) -> Result<Send, Refusal> {
    if refuse_escapes && has_unicode_escape(&call.body) {
        return Err(INVALID_CHARSET.into());
    }
    let mut send =
        Send::deserialize(call.json().ok_or(DATA_FORMAT)?).map_err(|_shape| Refusal::from(DATA_FORMAT))?;
    check_mini_program(send.miniprogram.as_ref())?;
    send.client_msg_id = send.client_msg_id.filter(|id| !id.is_empty());
    match &send.client_msg_id {
        Some(id) if id.len() > LONGEST_CLIENT_MSG_ID => Err(CLIENT_MSG_ID_SIZE.into()),
        _ => Ok(send),
    }
}

/// Inside `miniprogram`, `appid` is required. An empty object means none.
fn check_mini_program(miniprogram: Option<&Value>) -> Result<(), Refusal> {
    let Some(miniprogram) = miniprogram else { return Ok(()) };
    let fields = miniprogram.as_object().ok_or(DATA_FORMAT)?;
    let appid = fields.get("appid").and_then(Value::as_str).unwrap_or_default();
    if fields.is_empty() || !appid.is_empty() { Ok(()) } else { Err(INVALID_WEAPP_APPID.into()) }
}

/// Whether the JSON text has a `\uXXXX` escape; `\\u` is a backslash and a letter.
pub(crate) fn has_unicode_escape(json: &[u8]) -> bool {
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        if *byte == b'\\' && bytes.next() == Some(&b'u') {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errcode(body: &str) -> Option<i64> {
        parse(&Incoming::local("POST", "/", body), true).err().map(|refusal| refusal.errcode)
    }

    #[test]
    fn an_escape_is_found_and_an_escaped_backslash_is_none() {
        assert!(has_unicode_escape(br#"{"a":"\u4e2d"}"#));
        assert!(has_unicode_escape(br#"{"a":"\\\u4e2d"}"#));
        assert!(!has_unicode_escape(br#"{"a":"\\u4e2d \n \""}"#));
    }

    #[test]
    fn each_misshapen_body_has_its_code() {
        let long_id = format!(r#"{{"data":{{}},"client_msg_id":"{}"}}"#, "x".repeat(65));
        let bodies = [
            ("", Some(47001)),
            ("{", Some(47001)),
            ("[]", Some(47001)),
            (r#"{"touser":"o","template_id":"t"}"#, Some(47001)),
            (r#"{"data":"text"}"#, Some(47001)),
            (r#"{"data":{},"touser":7}"#, Some(47001)),
            (r#"{"data":{"a":{"value":"\u4e2d"}}}"#, Some(40033)),
            (r#"{"data":{},"miniprogram":{"pagepath":"a"}}"#, Some(40166)),
            (r#"{"data":{},"miniprogram":"wx"}"#, Some(47001)),
            (&long_id, Some(45067)),
            (r#"{"data":{},"miniprogram":{},"topcolor":"red","client_msg_id":""}"#, None),
        ];
        for (body, expected) in bodies {
            assert_eq!(errcode(body), expected, "{body}");
        }
    }
}
