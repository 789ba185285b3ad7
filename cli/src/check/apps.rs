//! Each app's credentials, as WeChat judges them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::json;
use wxgate_secret::Secret;
use wxgate_settings::{BaseUrl, Settings};
use wxgate_store::DirectoryWatch;
use wxgate_store::model::operate::App;
use wxgate_wechat::{Family, advice};

use super::{Finding, platforms, upstream};
use crate::{open, wechat};

pub(super) async fn findings(settings: &Settings) -> Vec<Finding> {
    match all(settings).await {
        Ok(findings) => findings,
        Err(error) => vec![Finding::new("apps", Err(error))],
    }
}

async fn all(settings: &Settings) -> anyhow::Result<Vec<Finding>> {
    let store = open::as_it_is(settings).await?;
    let directory = store.directory().await?;
    let wechat = wechat::client(settings, &store, DirectoryWatch::fixed(directory.clone()))?;
    let client = upstream::client()?;
    let mut findings = Vec::new();
    for component in sorted(&directory.components) {
        findings.push(platforms::finding(settings, &wechat, component).await);
    }
    for app in sorted(&directory.apps).filter(|app| app.enabled) {
        let result = match &app.component_appid {
            Some(platform) => platforms::authorisation(&wechat, app, platform).await,
            None => credential(&client, &settings.wechat.api, app).await,
        };
        findings.push(Finding::new(format!("app {}", app.app_id), result));
    }
    Ok(findings)
}

/// By id.
fn sorted<T>(by_id: &HashMap<String, Arc<T>>) -> impl Iterator<Item = &T> {
    by_id.iter().collect::<BTreeMap<_, _>>().into_values().map(AsRef::as_ref)
}

async fn credential(client: &Client, base: &BaseUrl, app: &App) -> anyhow::Result<String> {
    let Some(secret) = &app.secret else {
        bail!("it has no secret: run 'wxgate app set --app-id {} --secret …'", app.app_id);
    };
    let verdict =
        ask(client, base, &app.app_id, secret).await.with_context(|| upstream::unreachable(base))?;
    if verdict.errcode != 0 {
        let advice = advice(Family::TokenFetch, verdict.errcode).unwrap_or_default();
        bail!("WeChat answered {} '{}'. {advice}", verdict.errcode, verdict.errmsg);
    }
    Ok("WeChat accepts its secret".to_owned())
}

/// What WeChat says of the credentials; its token is not even read.
#[derive(Deserialize)]
struct Verdict {
    #[serde(default)]
    errcode: i64,
    #[serde(default)]
    errmsg: String,
}

/// Asks for a stable token, also for apps that use the other kind: asked this way, WeChat retires
/// no token that is in use.
async fn ask(client: &Client, base: &BaseUrl, app_id: &str, secret: &Secret) -> anyhow::Result<Verdict> {
    let body = json!({ "grant_type": "client_credential", "appid": app_id, "secret": secret.expose() });
    let request = client
        .post(base.join("/cgi-bin/stable_token"))
        .header(CONTENT_TYPE, "application/json")
        .timeout(upstream::CALL)
        .body(body.to_string());
    let answer = request.send().await?.error_for_status()?.bytes().await?;
    serde_json::from_slice(&answer).context("its answer is not WeChat's")
}
