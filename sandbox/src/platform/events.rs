//! What happens to a platform: it gets a ticket, an account authorises it or takes that back. Each
//! is pushed to the platform, when it has an address for that.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::authorization::Authorization;
use super::register::{Platform, no_component};
use crate::apps::Account;
use crate::pushes::{Address, Letter, Manner, document};
use crate::refused::Refused;
use crate::state::State;

/// How long a ticket works (documented: 12 h).
const TICKET_LIFE_MS: i64 = 12 * 3_600_000;
/// How long an authorisation code works, in seconds (the document's samples; developers saw an hour).
pub(super) const CODE_LIFE_S: i64 = 600;

/// A new ticket, and the number of the push that carries it.
pub(crate) fn push_ticket(state: &State, appid: &str) -> Result<(String, Option<u64>), Refused> {
    let ticket = format!("ticket@@@{}", state.chance.word(86));
    let now = state.clock.now();
    let address = on(state, appid, |platform| {
        platform.tickets.insert(ticket.clone(), (), now + TICKET_LIFE_MS);
        platform.event_address()
    })?;
    let fields = json!({ "ComponentVerifyTicket": ticket });
    let push = push(state, appid, address, "component_verify_ticket", &fields);
    Ok((ticket, push))
}

/// An account authorises a platform: its authorisation code, and the number of the push that tells
/// so. Doing it again replaces the refresh token.
pub(crate) fn authorize(
    state: &State,
    appid: &str,
    account: &Account,
    pre_auth_code: &str,
) -> Result<(String, Option<u64>), Refused> {
    let chance = &state.chance;
    let code = format!("queryauthcode@@@{}", chance.word(86));
    let refresh_token = new_refresh_token(state);
    let now = state.clock.now();
    let (is_new, address) = on(state, appid, |platform| {
        platform.codes.insert(code.clone(), Arc::clone(&account.id), now + CODE_LIFE_S * 1000);
        let authorization = Authorization::new(refresh_token, now / 1000);
        let former = platform.authorizations.insert(Arc::clone(&account.id), authorization);
        (former.is_none(), platform.event_address())
    })?;
    let what = if is_new { "authorized" } else { "updateauthorized" };
    let fields = json!({
        "AuthorizerAppid": &*account.id,
        "AuthorizationCode": code,
        "AuthorizationCodeExpiredTime": now / 1000 + CODE_LIFE_S,
        "PreAuthCode": pre_auth_code,
    });
    let push = push(state, appid, address, what, &fields);
    Ok((code, push))
}

/// An account takes its authorisation back: the platform's tokens for it end, and the number of the
/// push that tells so is answered.
pub(crate) fn unauthorize(state: &State, appid: &str, account: &Account) -> Result<Option<u64>, Refused> {
    let address = on(state, appid, |platform| {
        platform.authorizations.remove(&*account.id).map(|_| platform.event_address())
    })?;
    let not_there = || Refused::missing(format!("app {} has not authorised {appid}", account.id));
    let address = address.ok_or_else(not_there)?;
    state.vault.end_authorizer(&account.id, state.clock.now());
    let fields = json!({"AuthorizerAppid": &*account.id});
    Ok(push(state, appid, address, "unauthorized", &fields))
}

pub(super) fn new_refresh_token(state: &State) -> String {
    format!("refreshtoken@@@{}", state.chance.word(43))
}

fn on<T>(state: &State, appid: &str, work: impl FnOnce(&mut Platform) -> T) -> Result<T, Refused> {
    state.platforms.with(appid, work).ok_or_else(|| no_component(appid))
}

fn push(state: &State, appid: &str, address: Option<Address>, what: &str, fields: &Value) -> Option<u64> {
    let address = address?;
    let head = json!({"AppId": appid, "CreateTime": state.clock.now() / 1000, "InfoType": what});
    let elements = [&head, fields].into_iter().filter_map(Value::as_object).flatten();
    let elements: Map<String, Value> = elements.map(|(name, value)| (name.clone(), value.clone())).collect();
    let xml = document(&elements);
    let letter = Letter { app: appid.to_owned(), what: what.to_owned(), openid: None, xml };
    Some(state.pushes.push(state, letter, &address, Manner::default()))
}
