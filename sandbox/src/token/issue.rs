//! `GET /cgi-bin/token` and `POST /cgi-bin/stable_token`.

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::{Value, json};

use super::vault::{Grant, Order};
use crate::apps::{Account, App, FORCED_REFRESH, STABLE_TOKEN_PATH, TOKEN_PATH};
use crate::endpoint::{Endpoint, Verb};
use crate::errcode::{
    APPID_MISSING, DATA_FORMAT, Errcode, INVALID_APPID, INVALID_APPSECRET, INVALID_CREDENTIAL,
    INVALID_GRANT_TYPE, IP_NOT_LISTED, Refusal, SECRET_MISSING,
};
use crate::reply::Reply;
use crate::session::Session;

/// Each call makes a new token and retires the former one.
pub(crate) const TOKEN: Endpoint = Endpoint {
    path: TOKEN_PATH,
    verb: Verb::Get,
    has_secrets: true,
    app_of: |call, _| call.query("appid").map(str::to_owned),
    answer: token,
};

/// The same token again until it is about to expire, or a new one by force.
pub(crate) const STABLE_TOKEN: Endpoint = Endpoint {
    path: STABLE_TOKEN_PATH,
    verb: Verb::Post,
    has_secrets: true,
    app_of: |call, _| call.field("appid").map(str::to_owned),
    answer: stable_token,
};

/// Who asks for a token.
struct Credentials<'a> {
    grant_type: Option<&'a str>,
    appid: Option<&'a str>,
    secret: Option<&'a str>,
}

fn token(session: &Session<'_>) -> Result<Reply, Refusal> {
    let call = session.call;
    let credentials = Credentials {
        grant_type: call.query("grant_type"),
        appid: call.query("appid"),
        secret: call.query("secret"),
    };
    let account = credentials.account(session, INVALID_CREDENTIAL)?;
    session.meter(&account, TOKEN_PATH)?;
    let grant = with_order(session, &account, |order| session.state.vault.ordinary(order));
    Ok(reply(&grant))
}

fn stable_token(session: &Session<'_>) -> Result<Reply, Refusal> {
    let call = session.call;
    let body = call.json().and_then(Value::as_object).ok_or(DATA_FORMAT)?;
    let credentials = Credentials {
        grant_type: call.field("grant_type"),
        appid: call.field("appid"),
        secret: call.field("secret"),
    };
    let force = match body.get("force_refresh") {
        None | Some(Value::Null) => false,
        Some(value) => value.as_bool().ok_or(DATA_FORMAT)?,
    };
    let account = credentials.account(session, INVALID_APPSECRET)?;
    session.meter(&account, STABLE_TOKEN_PATH)?;
    let vault = &session.state.vault;
    let grant = with_order(session, &account, |order| {
        if force {
            vault.forced(order, || session.meter(&account, FORCED_REFRESH))
        } else {
            Ok(vault.stable(order))
        }
    })?;
    Ok(reply(&grant))
}

/// A token for a third-party platform that this account authorised.
pub(crate) fn authorizer_token(session: &Session<'_>, account: &Account) -> Grant {
    with_order(session, account, |order| session.state.vault.authorizer(order))
}

fn with_order<T>(session: &Session<'_>, account: &Account, ask: impl FnOnce(&Order<'_>) -> T) -> T {
    let lifetime_s = account.app().token_lifetime_s;
    let mint = || session.state.chance.token();
    ask(&Order { app: &account.id, lifetime_s, now: session.now, mint: &mint })
}

fn reply(grant: &Grant) -> Reply {
    let body = json!({"access_token": &*grant.token, "expires_in": grant.expires_in_s});
    if grant.is_new { Reply::done(&body) } else { Reply::unchanged(&body) }
}

impl Credentials<'_> {
    /// The app that these belong to. What a wrong secret is called depends on the endpoint.
    fn account(&self, session: &Session<'_>, wrong_secret: Errcode) -> Result<Arc<Account>, Refusal> {
        if self.grant_type != Some("client_credential") {
            return Err(INVALID_GRANT_TYPE.into());
        }
        let appid = self.appid.ok_or(APPID_MISSING)?;
        let secret = self.secret.ok_or(SECRET_MISSING)?;
        let account = session.state.accounts.find(appid).ok_or(INVALID_APPID)?;
        let app = account.app();
        if app.secret != secret {
            return Err(wrong_secret.into());
        }
        check_address(&app, session.call.peer.ip())?;
        Ok(account)
    }
}

fn check_address(app: &App, peer: IpAddr) -> Result<(), Refusal> {
    let peer = peer.to_canonical();
    if app.ip_whitelist.as_ref().is_none_or(|listed| listed.contains(&peer)) {
        return Ok(());
    }
    let mapped = match peer {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    };
    let text = format!("invalid ip {peer} ipv6 {mapped}, not in whitelist");
    Err(Refusal::saying(IP_NOT_LISTED.number, text))
}
