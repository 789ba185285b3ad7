//! The demo's caller: signs requests as any third party would.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use wxgate_secret::Secret;
use wxgate_signing::md5;

/// Who calls, and where.
pub(super) struct Caller {
    base: String,
    code: &'static str,
    secret: Secret,
    http: reqwest::Client,
}

impl Caller {
    pub(super) fn new(base: &str, code: &'static str, secret: Secret) -> anyhow::Result<Self> {
        wxgate_egress::install_crypto_provider();
        let http = reqwest::Client::builder().no_proxy().build().context("TLS cannot be set up")?;
        Ok(Self { base: base.to_owned(), code, secret, http })
    }

    /// Signs and sends a request; answers the whole envelope.
    pub(super) async fn call(&self, interface: &str, params: &[(&str, &str)]) -> anyhow::Result<Value> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs().to_string();
        let mut all = vec![("client_code", self.code), ("req_time", now.as_str())];
        all.extend_from_slice(params);
        let authcode = md5::authcode(all.iter().copied(), &self.secret);
        let pairs = all
            .iter()
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let request = self
            .http
            .post(format!("{}/weixinapi/{interface}?authcode={authcode}", self.base))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        let answer = request.send().await.context("the gateway did not answer")?.bytes().await?;
        serde_json::from_slice(&answer).context("the gateway's answer is no JSON")
    }
}
