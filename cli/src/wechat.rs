//! The client of WeChat's interfaces as processes and tools have it: by the settings, with the store's
//! apps, platforms and tokens.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use wxgate_egress::upstream_client;
use wxgate_job::Outcome;
use wxgate_settings::{BaseUrl, Settings};
use wxgate_store::{DirectoryWatch, Store};
use wxgate_token::Limits;
use wxgate_wechat::{Bases, WeChat, WeChatError};
use wxgate_worker::apps::Apps;

/// Connecting to WeChat or Upyun, name look-up and TLS included. Well below what a lease leaves for a
/// request, so that a connection that never came about is known as such.
pub(crate) const CONNECT: Duration = Duration::from_secs(3);

/// Makes the client.
///
/// # Errors
/// When TLS cannot be set up or a base address cannot be used.
pub(crate) fn client(
    settings: &Settings,
    store: &Arc<dyn Store>,
    directory: DirectoryWatch,
) -> anyhow::Result<WeChat> {
    Ok(WeChat::new(
        upstream_client(CONNECT)
            .context("TLS cannot be set up: are the system's CA certificates installed?")?,
        bases(settings)?,
        Arc::new(Apps::new(directory, Arc::clone(store))),
        Arc::clone(store) as Arc<_>,
        Limits::default(),
    ))
}

fn bases(settings: &Settings) -> anyhow::Result<Bases> {
    let parse = |base: &BaseUrl| base.as_str().parse().context("a WeChat address cannot be used");
    let wechat = &settings.wechat;
    Ok(Bases { api: parse(&wechat.api)?, mp: parse(&wechat.mp)?, open: parse(&wechat.open)? })
}

/// Why a call failed, in words for an operator: with WeChat's code and what to do about it.
pub(crate) fn explained(error: WeChatError) -> anyhow::Error {
    let plain = error.to_string();
    match Outcome::from(error) {
        Outcome::Again { failure, .. }
        | Outcome::Quota(failure)
        | Outcome::AppAtFault(failure)
        | Outcome::GiveUp(failure) => anyhow!(failure.message),
        _ => anyhow!(plain),
    }
}
