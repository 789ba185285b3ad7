//! `wxgate component authorize`: the link to WeChat's page on which an app authorises a platform.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use reqwest::Url;
use serde::Serialize;
use tokio::time::Instant;
use wxgate_settings::Settings;
use wxgate_store::{DirectoryWatch, Store};
use wxgate_wechat::AccountKind;

use super::unknown_component;
use crate::output::{Output, Shown};
use crate::{fields, wechat};

/// For the platform's token, if there is none, and the code.
const PATIENCE: Duration = Duration::from_secs(15);

/// Which platform, and where the administrator goes afterwards.
#[derive(Args, Debug)]
pub(crate) struct AuthorizeArgs {
    /// The platform's id.
    #[arg(long, value_name = "P", value_parser = fields::name)]
    component_appid: String,
    /// Where WeChat's page leads when it is done, with `auth_code` added: http or https.
    #[arg(long, value_name = "U", value_parser = web_address)]
    redirect_uri: Url,
}

fn web_address(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|error| format!("is no web address: {error}"))?;
    if matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err("must be http or https".to_owned()) }
}

/// Asks WeChat for a code and prints the link.
pub(super) async fn run(
    settings: &Settings,
    store: &Arc<dyn Store>,
    args: AuthorizeArgs,
    output: Output,
) -> anyhow::Result<()> {
    let appid = args.component_appid;
    let directory = store.directory().await?;
    let component = directory.components.get(&appid).with_context(|| unknown_component(&appid))?;
    if component.verify_ticket.is_none() {
        bail!("{}", awaits_ticket(settings, &appid));
    }
    let wechat = wechat::client(settings, store, DirectoryWatch::fixed(directory))?;
    let code = wechat.pre_auth_code(&appid, Instant::now() + PATIENCE).await.map_err(wechat::explained)?;
    let redirect_uri = args.redirect_uri.as_str();
    let url = wechat.authorization_page_url(&appid, &code, redirect_uri, AccountKind::Official);
    output.show(&Page { component_appid: appid, url: url.into() })
}

/// What is missing of a platform that WeChat has not pushed a ticket to.
pub(crate) fn awaits_ticket(settings: &Settings, appid: &str) -> String {
    format!(
        "platform {appid} waits for its component_verify_ticket, which WeChat pushes every ten minutes: see that \
         {}/wx_service/component/{appid} is its authorisation event URL and can be reached",
        settings.public_url.as_str().trim_end_matches('/')
    )
}

/// The link.
#[derive(Debug, Serialize)]
struct Page {
    component_appid: String,
    url: String,
}

impl Shown for Page {
    fn text(&self) -> String {
        format!(
            "for the administrator of the app that is to authorise platform {}; works once, for ten minutes:\n{}",
            self.component_appid, self.url
        )
    }
}
