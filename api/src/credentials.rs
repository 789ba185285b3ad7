//! What the two interfaces that hand out secrets tell of a client and its app: the tokens are those that
//! hold at that moment.

use std::sync::Arc;

use serde::Serialize;
use tokio::time::Instant;
use wxgate_secret::Secret;
use wxgate_token::Token;
use wxgate_wechat::{TicketKind, WeChat, WeChatError};

use crate::interface::{Field, Shape};
use crate::upstream::{WITHIN, refusal};
use crate::{Call, Refusal};

/// The tokens of a call's app.
pub(crate) struct Tokens {
    access: Token,
    component: Option<Token>,
}

impl Tokens {
    /// Newly fetched if need be.
    pub(crate) async fn of(call: &Call<'_>) -> Result<Self, Refusal> {
        let (app, component) = (call.app.app_id.clone(), call.app.component_appid.clone());
        let ask = |wechat| fetch(wechat, app, component);
        call.gateway.ask_wechat(ask).await?.map_err(refusal)
    }
}

async fn fetch(wechat: Arc<WeChat>, app: String, component: Option<String>) -> Result<Tokens, WeChatError> {
    let deadline = Instant::now() + WITHIN;
    let access = wechat.access_token(&app, deadline).await?;
    let component = match component {
        Some(component) => Some(wechat.component_token(&component, deadline).await?),
        None => None,
    };
    Ok(Tokens { access, component })
}

/// The ticket that card signatures of a call's app are made with.
pub(crate) async fn card_ticket(call: &Call<'_>) -> Result<Token, Refusal> {
    let app = call.app.app_id.clone();
    let ask = |wechat: Arc<WeChat>| async move {
        wechat.ticket(&app, TicketKind::Card, Instant::now() + WITHIN).await
    };
    call.gateway.ask_wechat(ask).await?.map_err(refusal)
}

/// The documented fields.
pub(crate) const FIELDS: [Field; 9] = [
    Field::new("client_code", Shape::Text, "用户code码", "The client"),
    Field::new("client_secret", Shape::Text, "用户code码对应的secret", "Its secret"),
    Field::new("app_id", Shape::Text, "app应用唯一标识", "Its app"),
    Field::new(
        "component_appid",
        Shape::Text,
        "第三方授权的component_appid",
        "The app's third-party platform",
    ),
    Field::new("app_sec", Shape::Text, "app应用唯一标识对应的secret", "The app's secret"),
    Field::new("is_third", Shape::Int, "是否为第三方", "1: the app is on a third-party platform, else 0"),
    Field::new("access_token", Shape::Text, "全局唯一票据", "The app's token; empty on a platform"),
    Field::new(
        "authorizer_access_token",
        Shape::Text,
        "第三方授权的authorizer_access_token",
        "The app's token on a platform, else empty",
    ),
    Field::new(
        "component_access_token",
        Shape::Text,
        "第三方授权的component_access_token",
        "The platform's own token, else empty",
    ),
];

/// As they are written.
#[derive(Serialize)]
pub(crate) struct Credentials<'a> {
    client_code: &'a str,
    client_secret: &'a str,
    app_id: &'a str,
    component_appid: &'a str,
    app_sec: &'a str,
    is_third: u8,
    access_token: &'a str,
    authorizer_access_token: &'a str,
    component_access_token: &'a str,
}

impl<'a> Credentials<'a> {
    /// An app of a platform has an `authorizer_access_token` in place of an `access_token`.
    pub(crate) fn new(call: &'a Call<'_>, tokens: &'a Tokens) -> Self {
        let access = tokens.access.expose();
        let (own, authorizer) = if tokens.component.is_some() { ("", access) } else { (access, "") };
        Self {
            client_code: &call.client.code,
            client_secret: exposed(call.client.secret.as_ref()),
            app_id: &call.app.app_id,
            component_appid: call.app.component_appid.as_deref().unwrap_or_default(),
            app_sec: exposed(call.app.secret.as_ref()),
            is_third: tokens.component.is_some().into(),
            access_token: own,
            authorizer_access_token: authorizer,
            component_access_token: tokens.component.as_ref().map_or("", Token::expose),
        }
    }
}

fn exposed(secret: Option<&Secret>) -> &str {
    secret.map_or("", Secret::expose)
}
