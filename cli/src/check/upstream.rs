//! Whether WeChat can be reached at all.

use std::time::Duration;

use anyhow::Context as _;
use reqwest::Client;
use wxgate_egress::upstream_client;
use wxgate_settings::{BaseUrl, Settings};

/// For name look-up, TCP and TLS.
const CONNECT: Duration = Duration::from_secs(3);

/// For a whole call.
pub(super) const CALL: Duration = Duration::from_secs(5);

/// Any answer will do, whatever its status: it shows that name, route and certificate are right.
pub(super) async fn wechat(settings: &Settings) -> anyhow::Result<String> {
    let base = &settings.wechat.api;
    let request = client()?.get(base.as_str()).timeout(CALL);
    let answer = request.send().await.map_err(reqwest::Error::without_url);
    answer.with_context(|| unreachable(base))?;
    Ok(format!("{base} answers"))
}

pub(super) fn client() -> anyhow::Result<Client> {
    upstream_client(CONNECT).context("TLS cannot be set up: are the system's CA certificates installed?")
}

pub(super) fn unreachable(base: &BaseUrl) -> String {
    format!("{base} cannot be reached: see to name look-up, firewall and WXGATE_WECHAT_API_BASE")
}
