//! What a caller sends: a signed `async_send_tpl` with a body of about 600 bytes, each to an openid and with a
//! callback address that carry the request's number, by which it is recognised further on.

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::http::number_after;
use crate::signature::authcode;

/// Begins every openid of the load; 22 digits follow, which makes 28 characters like a real one.
pub(crate) const OPENID: &str = "oBench";
/// A template message before and after the openid. Its texts are of an ordinary order notice.
pub(crate) const BEFORE_OPENID: &str = r#"{"touser":""#;
pub(crate) const AFTER_OPENID: &str = r#"","template_id":"BenchTemplate000000000000000000000000000001","url":"https://shop.example/orders/4711","data":{"thing1":{"value":"咖啡两杯"},"time2":{"value":"2026-01-01 12:00"},"amount3":{"value":"58.00"},"thing4":{"value":"明天送到"}}}"#;
/// Where the receiver of callbacks expects a request's number.
pub const CALLBACK_PATH: &str = "/callback/";

/// Whom the load is sent as, and whereto.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The intake's `host:port`.
    pub intake: String,
    /// Where callbacks go: `host:port`.
    pub receiver: String,
    /// The app that the client acts for.
    pub app_id: String,
    /// The client's code.
    pub client_code: String,
    /// The client's secret.
    pub client_secret: String,
    /// Requests are to be sent on only then (Unix seconds).
    pub send_at: Option<u64>,
}

impl Caller {
    /// The bytes of request `number`, signed for this second.
    #[must_use]
    pub fn request(&self, number: u64) -> Vec<u8> {
        let req_time = unix_seconds().to_string();
        let tpl_data = format!("{BEFORE_OPENID}{}{AFTER_OPENID}", openid(number));
        let callback_url = format!("http://{}{CALLBACK_PATH}{number}", self.receiver);
        let send_at = self.send_at.map(|at| at.to_string());
        let mut parameters = vec![
            ("client_code", self.client_code.as_str()),
            ("req_time", &req_time),
            ("callback_url", &callback_url),
            ("tpl_data", &tpl_data),
        ];
        parameters.extend(send_at.as_deref().map(|at| ("send_at", at)));
        let body = encode_form(&parameters);
        let mut request = Vec::with_capacity(1024);
        // Writing to a Vec cannot fail.
        let _ = write!(
            request,
            "POST /weixinapi/async_send_tpl?authcode={} HTTP/1.1\r\nHost: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            authcode(&parameters, &self.client_secret),
            self.intake,
            body.len(),
        );
        request
    }
}

/// The openid of request `number`.
#[must_use]
pub fn openid(number: u64) -> String {
    format!("{OPENID}{number:022}")
}

/// The number of the request whose openid stands in this message body.
#[must_use]
pub fn number_in_message(body: &[u8]) -> Option<u64> {
    number_after(body, OPENID.as_bytes())
}

fn encode_form(parameters: &[(&str, &str)]) -> String {
    let mut body = String::with_capacity(800);
    for (name, value) in parameters {
        if !body.is_empty() {
            body.push('&');
        }
        body.push_str(name);
        body.push('=');
        body.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
    }
    body
}

/// Now.
#[must_use]
pub fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::http::position;
    use crate::signature::decode_form;

    fn caller() -> Caller {
        Caller {
            intake: "127.0.0.1:8080".into(),
            receiver: "127.0.0.1:9090".into(),
            app_id: "wx".into(),
            client_code: "bench".into(),
            client_secret: "secret".into(),
            send_at: None,
        }
    }

    #[test]
    fn a_request_is_signed_over_what_it_says() {
        let request = caller().request(7);
        let body = &request[position(&request, b"\r\n\r\n").unwrap() + 4..];
        let parameters = decode_form(body).unwrap();
        let signed = authcode(&parameters, "secret");
        assert!(position(&request, format!("?authcode={signed} ").as_bytes()).is_some());
        assert!(parameters.contains(&("callback_url".into(), "http://127.0.0.1:9090/callback/7".into())));
    }

    #[test]
    fn the_number_is_found_in_the_message_and_the_message_is_json() {
        let request = caller().request(4711);
        let body = &request[position(&request, b"\r\n\r\n").unwrap() + 4..];
        let (_, message) =
            decode_form(body).unwrap().into_iter().find(|(name, _)| name == "tpl_data").unwrap();
        assert_eq!(number_in_message(message.as_bytes()), Some(4711));
        let parsed: serde_json::Value = serde_json::from_str(&message).unwrap();
        assert_eq!(parsed["touser"], openid(4711));
        assert_eq!(openid(4711).len(), 28);
    }

    #[test]
    fn a_body_has_about_600_bytes() {
        let request = caller().request(1);
        let size = request.len() - position(&request, b"\r\n\r\n").unwrap() - 4;
        assert!((550..650).contains(&size), "{size}");
    }
}
