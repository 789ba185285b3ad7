//! The calls below `/cgi-bin/component`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::events::{new_refresh_token, push_ticket};
use super::register::Platform;
use crate::apps::Account;
use crate::endpoint::{Answer, Endpoint, Verb};
use crate::errcode::{
    APPID_MISSING, AUTH_CODE_EXPIRED, COMPONENT_APPID_MISSING, COMPONENT_TOKEN_EXPIRED,
    COMPONENT_TOKEN_MISSING, INVALID_APPID, INVALID_APPSECRET, INVALID_ARGS, INVALID_AUTH_CODE,
    INVALID_AUTHORIZER_REFRESH, INVALID_COMPONENT, INVALID_CREDENTIAL, INVALID_TICKET, NOT_AUTHORIZED,
    Refusal, SECRET_MISSING, TICKET_EXPIRED,
};
use crate::reply::Reply;
use crate::session::Session;
use crate::token;

/// How long a component's token works (documented: 7200 s).
const TOKEN_LIFE_S: i64 = 7200;
/// How long a pre-authorisation code works (documented: 1800 s; the samples show 600).
const PRE_AUTH_LIFE_S: i64 = 1800;
/// Most accounts in one answer of the list (documented: 500).
const LONGEST_LIST: u64 = 500;
/// The rights that every account grants: messages, users, accounts, web pages, cards, media.
const GRANTED: &[u32] = &[1, 2, 3, 4, 8, 11];

/// An endpoint of platforms, named by the body's `component_appid`.
pub(super) const fn post(path: &'static str, answer: Answer) -> Endpoint {
    Endpoint {
        path,
        verb: Verb::Post,
        has_secrets: true,
        app_of: |call, _| call.field("component_appid").map(str::to_owned),
        answer,
    }
}

pub(super) fn start_push_ticket(session: &Session<'_>) -> Result<Reply, Refusal> {
    let appid = by_secret(session, "component_secret")?;
    // The component was found just before.
    let _ = push_ticket(session.state, appid);
    Ok(Reply::done(&json!({"errcode": 0, "errmsg": "ok"})))
}

pub(super) fn component_token(session: &Session<'_>) -> Result<Reply, Refusal> {
    let appid = by_secret(session, "component_appsecret")?;
    let ticket = session.call.field("component_verify_ticket").ok_or(INVALID_TICKET)?;
    let token = session.state.chance.token();
    on(session, appid, |platform| {
        match platform.tickets.find(ticket, session.now) {
            None => return Err(INVALID_TICKET.into()),
            Some(((), true)) => return Err(TICKET_EXPIRED.into()),
            Some(((), false)) => {}
        }
        platform.tokens.insert(token.clone(), (), session.now + TOKEN_LIFE_S * 1000);
        Ok(())
    })?;
    Ok(Reply::done(&json!({"component_access_token": token, "expires_in": TOKEN_LIFE_S})))
}

pub(super) fn create_preauthcode(session: &Session<'_>) -> Result<Reply, Refusal> {
    let appid = authenticate(session)?;
    let code = format!("preauthcode@@@{}", session.state.chance.word(64));
    on(session, &appid, |platform| {
        platform.pre_auth_codes.insert(code.clone(), (), session.now + PRE_AUTH_LIFE_S * 1000);
        Ok(())
    })?;
    Ok(Reply::done(&json!({"pre_auth_code": code, "expires_in": PRE_AUTH_LIFE_S})))
}

pub(super) fn query_auth(session: &Session<'_>) -> Result<Reply, Refusal> {
    let appid = authenticate(session)?;
    let code = session.call.field("authorization_code").ok_or(INVALID_AUTH_CODE)?;
    let (app, refresh_token) = on(session, &appid, |platform| {
        let app = match platform.codes.find(code, session.now) {
            None => return Err(INVALID_AUTH_CODE.into()),
            Some((_, true)) => return Err(AUTH_CODE_EXPIRED.into()),
            Some((app, false)) => Arc::clone(app),
        };
        let authorization = platform.authorizations.get(&app).ok_or(NOT_AUTHORIZED)?;
        let refresh_token = authorization.current().to_owned();
        platform.codes.remove(code);
        Ok((app, refresh_token))
    })?;
    let account = session.state.accounts.find(&app).ok_or(INVALID_APPID)?;
    let mut info = granted(session, &account, &refresh_token);
    info["authorizer_appid"] = (*app).into();
    info["func_info"] = GRANTED.iter().map(|id| json!({"funcscope_category": {"id": id}})).collect();
    Ok(Reply::done(&json!({ "authorization_info": info })))
}

pub(super) fn authorizer_token(session: &Session<'_>) -> Result<Reply, Refusal> {
    let appid = authenticate(session)?;
    let app = session.call.field("authorizer_appid").ok_or(APPID_MISSING)?;
    let presented = session.call.field("authorizer_refresh_token").ok_or(INVALID_AUTHORIZER_REFRESH)?;
    let next = new_refresh_token(session.state);
    on(session, &appid, |platform| {
        let grace_s = platform.profile.refresh_grace_s;
        let authorization = platform.authorizations.get_mut(app).ok_or(NOT_AUTHORIZED)?;
        let works = authorization.rotate(presented, next.clone(), grace_s, session.now);
        if works { Ok(()) } else { Err(INVALID_AUTHORIZER_REFRESH.into()) }
    })?;
    let account = session.state.accounts.find(app).ok_or(INVALID_APPID)?;
    Ok(Reply::done(&granted(session, &account, &next)))
}

pub(super) fn authorizer_list(session: &Session<'_>) -> Result<Reply, Refusal> {
    let appid = authenticate(session)?;
    let body = session.body()?;
    let number = |name: &str| body.get(name).and_then(Value::as_u64).ok_or(INVALID_ARGS);
    let (offset, count) = (number("offset")?, number("count")?.min(LONGEST_LIST));
    let all = on(session, &appid, |platform| Ok(platform.authorized()))?;
    let skipped = usize::try_from(offset).unwrap_or(usize::MAX);
    let shown = all.iter().skip(skipped).take(usize::try_from(count).unwrap_or(usize::MAX));
    let list: Vec<Value> = shown
        .map(|authorized| {
            json!({"authorizer_appid": authorized.app, "refresh_token": authorized.refresh_token,
                "auth_time": authorized.auth_time})
        })
        .collect();
    Ok(Reply::unchanged(&json!({"total_count": all.len(), "list": list})))
}

/// The tokens of an authorisation, as both calls answer them.
fn granted(session: &Session<'_>, account: &Account, refresh_token: &str) -> Value {
    let grant = token::authorizer_token(session, account);
    json!({"authorizer_access_token": &*grant.token, "expires_in": grant.expires_in_s,
        "authorizer_refresh_token": refresh_token})
}

/// The component that the body names, if its secret is right.
fn by_secret<'a>(session: &Session<'a>, secret_field: &str) -> Result<&'a str, Refusal> {
    session.body()?;
    let appid = session.call.field("component_appid").ok_or(COMPONENT_APPID_MISSING)?;
    let secret = session.call.field(secret_field).ok_or(SECRET_MISSING)?;
    let is_right = on(session, appid, |platform| Ok(platform.profile.secret == secret))?;
    if is_right { Ok(appid) } else { Err(INVALID_APPSECRET.into()) }
}

/// The component whose token the call has, if the body names the same.
fn authenticate(session: &Session<'_>) -> Result<String, Refusal> {
    let appid = check_token(session)?;
    session.body()?;
    match session.call.field("component_appid") {
        None => Err(COMPONENT_APPID_MISSING.into()),
        Some(named) if named != appid => Err(INVALID_COMPONENT.into()),
        Some(_) => Ok(appid),
    }
}

/// The component whose token the call has; the newest documents call the parameter `access_token`.
pub(crate) fn check_token(session: &Session<'_>) -> Result<String, Refusal> {
    let token = session.call.query("component_access_token").or_else(|| session.call.query("access_token"));
    let token = token.ok_or(COMPONENT_TOKEN_MISSING)?;
    match session.state.platforms.owner_of(token, session.now) {
        None => Err(INVALID_CREDENTIAL.into()),
        Some((_, true)) => Err(COMPONENT_TOKEN_EXPIRED.into()),
        Some((appid, false)) => Ok(appid),
    }
}

fn on<T>(
    session: &Session<'_>,
    appid: &str,
    work: impl FnOnce(&mut Platform) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    session.state.platforms.with(appid, work).ok_or(INVALID_COMPONENT)?
}
