//! What WeChat answered, read once.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::clean::cleaned;

/// A JSON answer, whatever content type it came with: WeChat sends `text/plain` on many
/// interfaces. `Debug` shows the verdict alone, since an answer may hold a token.
#[derive(Clone)]
pub struct Answer {
    errcode: i64,
    fields: Map<String, Value>,
    body: Bytes,
}

impl Answer {
    /// Reads a body. `None` when it is no JSON object, even after cleaning, or when its `errcode`
    /// is no integer: then it holds no verdict.
    pub(crate) fn read(body: Bytes) -> Option<Self> {
        let fields: Map<String, Value> =
            serde_json::from_slice(&body).or_else(|_refused| serde_json::from_str(&cleaned(&body))).ok()?;
        let errcode = match fields.get("errcode") {
            None | Some(Value::Null) => 0,
            Some(Value::String(digits)) => digits.trim().parse().ok()?,
            Some(other) => other.as_i64()?,
        };
        Some(Self { errcode, fields, body })
    }

    /// 0 for success, also where WeChat leaves it out.
    #[must_use]
    pub fn errcode(&self) -> i64 {
        self.errcode
    }

    /// WeChat's words, with its request id; empty where it has none. Its wording changes: decide
    /// by [`Self::errcode`] alone.
    #[must_use]
    pub fn errmsg(&self) -> &str {
        self.fields.get("errmsg").and_then(Value::as_str).unwrap_or_default()
    }

    /// The answer as it came, byte for byte.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The answer as strict JSON: as it came, unless only cleaning it made it so.
    #[must_use]
    pub fn json(&self) -> Cow<'_, str> {
        match serde_json::from_slice::<&RawValue>(&self.body) {
            Ok(json) => Cow::Borrowed(json.get()),
            Err(_) => Cow::Owned(cleaned(&self.body)),
        }
    }

    /// All fields, in WeChat's order.
    #[must_use]
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// A field of any kind.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }

    /// A field that is text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str)
    }

    /// A field that is a whole number, as a number or as text: exact up to 2^64, since message ids
    /// have 19 digits.
    #[must_use]
    pub fn whole(&self, name: &str) -> Option<u64> {
        whole(self.fields.get(name)?)
    }
}

/// A whole number, as a number or as text.
pub(crate) fn whole(value: &Value) -> Option<u64> {
    match value {
        Value::String(digits) => digits.trim().parse().ok(),
        other => other.as_u64(),
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("errcode", &self.errcode)
            .field("errmsg", &self.errmsg())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn read(body: &str) -> Option<Answer> {
        Answer::read(Bytes::copy_from_slice(body.as_bytes()))
    }

    #[test]
    fn success_is_an_errcode_of_0_or_none_and_a_numeric_text_is_a_number() {
        for (body, errcode) in [
            (r#"{"errcode":0,"errmsg":"ok"}"#, 0),
            (r#"{"access_token":"T"}"#, 0),
            (r#"{"errcode":null}"#, 0),
            (r#"{"errcode":"40001"}"#, 40001),
            (r#"{"errcode":-1}"#, -1),
        ] {
            assert_eq!(read(body).unwrap().errcode(), errcode, "{body}");
        }
    }

    #[test]
    fn what_holds_no_verdict_is_no_answer() {
        for body in ["", "<html>", "[]", "\"ok\"", r#"{"errcode":1.5}"#, r#"{"errcode":"x"}"#, "{"] {
            assert!(read(body).is_none(), "{body}");
        }
    }

    #[test]
    fn a_message_id_of_19_digits_stays_exact() {
        let answer = read(r#"{"msgid":3662956322040938501,"msg_id":"18446744073709551615"}"#).unwrap();
        assert_eq!(answer.whole("msgid"), Some(3_662_956_322_040_938_501));
        assert_eq!(answer.whole("msg_id"), Some(u64::MAX));
    }

    #[test]
    fn json_is_as_it_came_unless_it_had_to_be_cleaned() {
        let strict = "{\"errcode\" :0,\"msgid\":3662956322040938501,\"a\":\"\\/值\"}";
        assert_eq!(read(strict).unwrap().json(), strict);
        let broken = Answer::read(Bytes::from_static(b"{\"nickname\":\"a\x01\xff\"}")).unwrap();
        assert_eq!(broken.json(), "{\"nickname\":\"a\u{fffd}\"}");
    }

    #[test]
    fn a_debug_print_shows_the_verdict_and_no_token() {
        let answer = read(r#"{"errcode":0,"errmsg":"ok","access_token":"CANARY"}"#).unwrap();
        let printed = format!("{answer:?}");
        assert!(printed.contains("ok") && !printed.contains("CANARY"), "{printed}");
    }
}
