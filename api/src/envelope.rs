//! The documented answer: always `retcode`, `data` and `msg`.

use std::fmt;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::Refusal;
use crate::language::Language;

/// What a handler answers when all went well: the text of `data`. `Debug` does not show it, since it may
/// hold secrets.
#[derive(Clone)]
pub struct Answer {
    data: Box<RawValue>,
}

impl Answer {
    /// Any value.
    ///
    /// # Errors
    /// [`Refusal::Internal`] for a value that JSON cannot hold.
    pub fn of(value: &impl Serialize) -> Result<Self, Refusal> {
        to_raw_value(value).map(Self::verbatim).map_err(Refusal::internal)
    }

    /// JSON that is handed on as it is, byte for byte.
    #[must_use]
    pub fn verbatim(data: Box<RawValue>) -> Self {
        Self { data }
    }

    /// The text of `data`.
    #[must_use]
    pub fn data(&self) -> &RawValue {
        &self.data
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}

/// The response to a request, with `msg` in this language, and its retcode.
pub(crate) fn respond(result: &Result<Answer, Refusal>, language: Language) -> (u16, HttpResponse) {
    match result {
        Ok(answer) => (200, http(StatusCode::OK, 200, answer.data.get(), "")),
        Err(refusal) => {
            let (status, retcode) = refusal.codes();
            let data = match refusal {
                Refusal::StillWorking { poll } => poll.get(),
                _ => "null",
            };
            let mut response = http(status, retcode, data, &refusal.in_language(language));
            if let Some(pause) = refusal.retry_after() {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(pause.as_secs()));
            }
            (retcode, response)
        }
    }
}

fn http(status: StatusCode, retcode: u16, data: &str, msg: &str) -> HttpResponse {
    const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
    HttpResponse::build(status).insert_header((CONTENT_TYPE, JSON)).body(envelope(retcode, data, msg))
}

fn envelope(retcode: u16, data: &str, msg: &str) -> String {
    // A text always fits into JSON.
    let msg = serde_json::to_string(msg).unwrap_or_default();
    format!(r#"{{"retcode":{retcode},"data":{data},"msg":{msg}}}"#)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn the_three_fields_come_in_the_documents_order() {
        assert_eq!(envelope(200, "10", ""), r#"{"retcode":200,"data":10,"msg":""}"#);
        assert_eq!(
            envelope(400, "null", "a \"b\"\n值"),
            r#"{"retcode":400,"data":null,"msg":"a \"b\"\n值"}"#
        );
    }

    #[test]
    fn still_working_hands_out_what_to_poll_with() {
        let poll = serde_json::value::to_raw_value(&serde_json::json!({ "job_id": 7 })).unwrap();
        let (retcode, response) = respond(&Err(Refusal::StillWorking { poll }), Language::English);
        assert_eq!((retcode, response.status()), (202, StatusCode::OK));
        let body = actix_web::body::MessageBody::try_into_bytes(response.into_body()).unwrap();
        assert!(body.starts_with(br#"{"retcode":202,"data":{"job_id":7},"msg":""#));
    }
}
