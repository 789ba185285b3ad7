//! Pushes as WeChat makes them, and ways to spoil them.

use sha1::{Digest, Sha1};
use wxgate_push::AesKey;
use wxgate_secret::Secret;

use crate::http::{Reply, head_and_body};
use crate::support::{TestGateway, now_s};

pub const TOKEN: &str = "invented_token";
pub const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

/// One push to one address. Signed as it should be, unless told otherwise.
#[derive(Clone, Debug)]
pub struct TestPush {
    path: String,
    token: String,
    timestamp: i64,
    sealed_for: Option<String>,
    left_out: Vec<&'static str>,
    query: String,
    xml: String,
}

impl TestPush {
    pub fn to(path: &str, xml: impl Into<String>) -> Self {
        Self {
            path: format!("/wx_service/{path}"),
            token: TOKEN.to_owned(),
            timestamp: now_s(),
            sealed_for: None,
            left_out: Vec::new(),
            query: String::new(),
            xml: xml.into(),
        }
    }

    pub fn sealed_for(mut self, app_id: &str) -> Self {
        self.sealed_for = Some(app_id.to_owned());
        self
    }

    pub fn unsealed(mut self) -> Self {
        self.sealed_for = None;
        self
    }

    pub fn signed_with(mut self, token: &str) -> Self {
        token.clone_into(&mut self.token);
        self
    }

    pub fn made_at(mut self, timestamp: i64) -> Self {
        self.timestamp = timestamp;
        self
    }

    /// Without this part of the query.
    pub fn without(mut self, name: &'static str) -> Self {
        self.left_out.push(name);
        self
    }

    /// With more in the query.
    pub fn and(mut self, query: &str) -> Self {
        self.query = format!("&{query}");
        self
    }

    /// The request's bytes.
    pub fn post(&self) -> Vec<u8> {
        let body = match &self.sealed_for {
            None => self.xml.clone(),
            Some(app_id) => {
                let sealed = self.sealed(app_id);
                format!("<xml><ToUserName>gh_1</ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>")
            }
        };
        head_and_body("POST", &self.target(), "Content-Type: text/xml\r\n", body.as_bytes())
    }

    /// As WeChat asks whether the address is ours.
    pub fn ask(&self) -> Vec<u8> {
        head_and_body("GET", &self.target(), "", b"")
    }

    fn target(&self) -> String {
        let timestamp = self.timestamp.to_string();
        let mut parts = vec![
            ("signature", signature(&[&self.token, &timestamp, NONCE])),
            ("timestamp", timestamp.clone()),
            ("nonce", NONCE.to_owned()),
        ];
        if let Some(app_id) = &self.sealed_for {
            let sealed = self.sealed(app_id);
            parts.push(("encrypt_type", "aes".to_owned()));
            parts.push(("msg_signature", signature(&[&self.token, &timestamp, NONCE, &sealed])));
        }
        parts.retain(|(name, _)| !self.left_out.contains(name));
        let parts: Vec<_> = parts.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}?{}{}", self.path, parts.join("&"), self.query)
    }

    fn sealed(&self, app_id: &str) -> String {
        let key = AesKey::parse(&Secret::new(AES_KEY)).unwrap();
        key.seal(self.xml.as_bytes(), app_id, *b"0123456789abcdef")
    }
}

const NONCE: &str = "1234567890";

fn signature(values: &[&str]) -> String {
    let mut values = values.to_vec();
    values.sort_unstable();
    hex::encode(Sha1::digest(values.concat()))
}

impl TestGateway {
    pub async fn push(&self, push: &TestPush) -> Reply {
        self.send(&push.post()).await
    }

    /// Taken: WeChat forgets it.
    pub async fn takes(&self, push: &TestPush) {
        let reply = self.push(push).await;
        assert_eq!((reply.status, reply.body.as_str()), (200, "success"), "{push:?}");
    }

    /// Not taken, with this status.
    pub async fn rejects(&self, push: &TestPush, status: u16) {
        let reply = self.push(push).await;
        assert_eq!((reply.status, reply.body.as_str()), (status, ""), "{push:?}");
    }
}
