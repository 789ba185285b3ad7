//! Each third-party platform, and the apps on it, as WeChat judges them.
//!
//! Tokens are asked for as the gateway asks, through the store: a token fetched behind its back would
//! be one that retires another, and would use up a refresh token.

use std::time::Duration;

use anyhow::bail;
use tokio::time::Instant;
use wxgate_settings::Settings;
use wxgate_store::model::operate::App;
use wxgate_store::model::platform::Component;
use wxgate_wechat::WeChat;

use super::Finding;
use crate::component::awaits_ticket;
use crate::wechat::explained;

/// For one platform or app, its token's renewal included.
const PATIENCE: Duration = Duration::from_secs(15);

/// Whether WeChat takes the platform's ticket, secret and token.
pub(super) async fn finding(settings: &Settings, wechat: &WeChat, component: &Component) -> Finding {
    let appid = &component.appid;
    let result = platform(settings, wechat, component).await;
    Finding::new(format!("platform {appid}"), result)
}

async fn platform(settings: &Settings, wechat: &WeChat, component: &Component) -> anyhow::Result<String> {
    if component.verify_ticket.is_none() {
        bail!("{}", awaits_ticket(settings, &component.appid));
    }
    // A token may be at hand from before; a code is asked for with it.
    wechat.pre_auth_code(&component.appid, Instant::now() + PATIENCE).await.map_err(explained)?;
    Ok("WeChat accepts its ticket, secret and token".to_owned())
}

/// Whether the app has authorised its platform.
pub(super) async fn authorisation(wechat: &WeChat, app: &App, platform: &str) -> anyhow::Result<String> {
    if !app.authorised {
        bail!(
            "it has not authorised platform {platform}: 'wxgate component authorize --component-appid {platform}' \
             prints the link for its administrator"
        );
    }
    wechat.access_token(&app.app_id, Instant::now() + PATIENCE).await.map_err(explained)?;
    Ok(format!("platform {platform} has a token for it"))
}
