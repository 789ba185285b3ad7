//! Signed requests, and ways to spoil them.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use wxgate_secret::Secret;
use wxgate_signing::{Authcode, hmac_sha256, md5};

use crate::http::head_and_body;
use crate::support::now_s;

/// The secret of every client in these tests that has one.
pub const SECRET: &str = "a-client-secret";

/// A message that is well formed.
pub const MESSAGE: &str =
    r#"{"touser":"oSandboxUser01","template_id":"t","data":{"thing1":{"value":"咖啡"}}}"#;

/// A request to one interface. Signed by the document's scheme unless told otherwise.
#[derive(Clone, Debug)]
pub struct Request {
    interface: &'static str,
    params: Vec<(String, String)>,
    authcode: Option<String>,
    strong: bool,
}

impl Request {
    pub fn to(interface: &'static str) -> Self {
        let request = Self { interface, params: Vec::new(), authcode: None, strong: false };
        request.with("client_code", "shop").with("req_time", now_s())
    }

    /// A message that will be accepted.
    pub fn send() -> Self {
        Self::to("async_send_tpl").with("tpl_data", MESSAGE)
    }

    pub fn with(self, name: &str, value: impl ToString) -> Self {
        let mut request = self.without(name);
        request.params.push((name.to_owned(), value.to_string()));
        request
    }

    pub fn without(mut self, name: &str) -> Self {
        self.params.retain(|(known, _)| known != name);
        self
    }

    /// The same name once more.
    pub fn and_again(mut self, name: &str, value: &str) -> Self {
        self.params.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn strong(self) -> Self {
        Self { strong: true, ..self }
    }

    pub fn authcode(self, authcode: impl Into<String>) -> Self {
        Self { authcode: Some(authcode.into()), ..self }
    }

    /// The authcode that the owner of [`SECRET`] would send.
    pub fn signature(&self) -> Authcode {
        let secret = Secret::new(SECRET);
        let params = || self.params.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        if self.strong {
            hmac_sha256::authcode(self.interface, params(), &secret)
        } else {
            md5::authcode(params(), &secret)
        }
    }

    pub fn fingerprint(&self) -> [u8; 16] {
        let params = self.params.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        wxgate_signing::fingerprint(self.interface, params)
    }

    pub fn form(&self) -> String {
        let escaped = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pairs = self.params.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
        pairs.collect::<Vec<_>>().join("&")
    }

    /// Path and query, the authcode in it.
    pub fn target(&self) -> String {
        let authcode = self.authcode.clone().unwrap_or_else(|| self.signature().to_string());
        format!("/weixinapi/{}?authcode={authcode}", self.interface)
    }

    pub fn post(&self) -> Vec<u8> {
        let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
        head_and_body("POST", &self.target(), headers, self.form().as_bytes())
    }

    /// As multipart: the parameters, then these parts as they stand, with their heads.
    pub fn multipart(&self, parts: &[Vec<u8>]) -> Vec<u8> {
        let texts = self.params.iter().map(|(name, value)| text_part(name, value));
        let parts = texts.chain(parts.iter().cloned());
        let body = parts.flat_map(|part| [b"--border\r\n".to_vec(), part, b"\r\n".to_vec()].concat());
        let body: Vec<u8> = body.chain(b"--border--\r\n".iter().copied()).collect();
        let headers = "Content-Type: multipart/form-data; boundary=border\r\n";
        head_and_body("POST", &self.target(), headers, &body)
    }

    /// The same without a word on its length, and all but the end of it, which never comes.
    pub fn endless(&self, parts: &[Vec<u8>]) -> Vec<u8> {
        let whole = self.multipart(parts);
        let head = whole.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
        let body = whole[head..].strip_suffix(b"\r\n--border--\r\n").unwrap();
        let headers = "Transfer-Encoding: chunked\r\nContent-Type: multipart/form-data; boundary=border\r\n";
        let head = head_and_body("POST", &self.target(), headers, b"");
        [&head, format!("{:x}\r\n", body.len() + 1).as_bytes(), body].concat()
    }

    /// Everything in the query.
    pub fn get(&self) -> Vec<u8> {
        head_and_body("GET", &format!("{}&{}", self.target(), self.form()), "", b"")
    }
}

/// A text of a multipart body.
pub fn text_part(name: &str, value: &str) -> Vec<u8> {
    format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}").into_bytes()
}

/// A file of a multipart body.
pub fn file_part(name: &str, content: &[u8]) -> Vec<u8> {
    let disposition = format!("Content-Disposition: form-data; name=\"media\"; filename=\"{name}\"\r\n");
    [disposition.as_bytes(), b"Content-Type: application/octet-stream\r\n\r\n", content].concat()
}
