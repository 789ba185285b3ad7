//! Redeeming a code, and refreshing what it was redeemed for; by the app itself, and by a platform.

use serde_json::{Value, json};

use super::logins::{Asker, Login, TOKEN_LIFE_S};
use super::request::Scope;
use crate::errcode::{
    APPID_MISSING, COMPONENT_APPID_MISSING, INVALID_APPID, INVALID_APPSECRET, INVALID_COMPONENT,
    INVALID_GRANT_TYPE, NOT_AUTHORIZED, OAUTH_CODE_MISSING, REFRESH_TOKEN_MISSING, Refusal, SECRET_MISSING,
};
use crate::platform::check_token;
use crate::reply::Reply;
use crate::session::Session;

pub(super) fn access_token(session: &Session<'_>) -> Result<Reply, Refusal> {
    let call = session.call;
    let app = call.query("appid").ok_or(APPID_MISSING)?;
    let secret = call.query("secret").ok_or(SECRET_MISSING)?;
    let account = session.state.accounts.find(app).ok_or(INVALID_APPID)?;
    if account.app().secret != secret {
        return Err(INVALID_APPSECRET.into());
    }
    redeem(session, Asker { app, component: None })
}

pub(super) fn refresh_token(session: &Session<'_>) -> Result<Reply, Refusal> {
    let app = session.call.query("appid").ok_or(APPID_MISSING)?;
    session.state.accounts.find(app).ok_or(INVALID_APPID)?;
    refresh(session, Asker { app, component: None })
}

pub(super) fn component_access_token(session: &Session<'_>) -> Result<Reply, Refusal> {
    redeem(session, through_platform(session)?)
}

pub(super) fn component_refresh_token(session: &Session<'_>) -> Result<Reply, Refusal> {
    refresh(session, through_platform(session)?)
}

/// A platform asks for an account that authorised it.
fn through_platform<'a>(session: &Session<'a>) -> Result<Asker<'a>, Refusal> {
    let app = session.call.query("appid").ok_or(APPID_MISSING)?;
    let component = session.call.query("component_appid").ok_or(COMPONENT_APPID_MISSING)?;
    if check_token(session)? != component {
        return Err(INVALID_COMPONENT.into());
    }
    if !session.state.platforms.is_authorized(component, app) {
        return Err(NOT_AUTHORIZED.into());
    }
    Ok(Asker { app, component: Some(component) })
}

fn redeem(session: &Session<'_>, asker: Asker<'_>) -> Result<Reply, Refusal> {
    let code = session.call.query("code").ok_or(OAUTH_CODE_MISSING)?;
    check_grant(session, "authorization_code")?;
    let mint = || session.state.chance.token();
    let login = session.state.logins.redeem(code, asker, session.now, mint)?;
    Ok(Reply::done(&told(&login)))
}

fn refresh(session: &Session<'_>, asker: Asker<'_>) -> Result<Reply, Refusal> {
    let token = session.call.query("refresh_token").ok_or(REFRESH_TOKEN_MISSING)?;
    check_grant(session, "refresh_token")?;
    let mint = || session.state.chance.token();
    let login = session.state.logins.refresh(token, asker, session.now, mint)?;
    Ok(Reply::done(&told(&login)))
}

fn check_grant(session: &Session<'_>, grant_type: &str) -> Result<(), Refusal> {
    let is_right = session.call.query("grant_type") == Some(grant_type);
    if is_right { Ok(()) } else { Err(INVALID_GRANT_TYPE.into()) }
}

fn told(login: &Login) -> Value {
    let mut told = json!({
        "access_token": login.access_token,
        "expires_in": TOKEN_LIFE_S,
        "refresh_token": login.refresh_token,
        "openid": login.openid,
        "scope": login.scope.name(),
    });
    if login.scope == Scope::UserInfo {
        told["unionid"] = union_id(&login.openid).into();
    }
    told
}

/// All of the sandbox's apps belong to one open-platform account, so each user has such an id.
pub(super) fn union_id(openid: &str) -> String {
    format!("u{openid}")
}
