//! Looking up cards, codes, and what a user has.

use serde_json::{Value, json};

use super::copy::UserCardStatus;
use super::kind::CardStatus;
use super::{card_id, code as code_of, success, text};
use crate::errcode::{INVALID_ARGS, INVALID_OPENID, OPENID_MISSING, Refusal};
use crate::reply::Reply;
use crate::session::Session;

/// Cards in one answer (documented: 50).
const MOST_CARDS: u64 = 50;

/// `/card/get`.
pub(super) fn get(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    let body = session.body()?;
    let kind = session.state.cards.kind(&account.id, card_id(body)?)?;
    Ok(Reply::unchanged(&success(&json!({"card": kind.told()}))))
}

/// `/card/batchget`.
pub(super) fn batch_get(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    let body = session.body()?;
    let number = |name: &str| body.get(name).and_then(Value::as_u64);
    let offset = number("offset").and_then(|offset| usize::try_from(offset).ok()).ok_or(INVALID_ARGS)?;
    let count = number("count").filter(|count| *count <= MOST_CARDS).ok_or(INVALID_ARGS)?;
    let wanted: Vec<CardStatus> = match body.get("status_list") {
        None | Some(Value::Null) => Vec::new(),
        Some(list) => serde_json::from_value(list.clone()).map_err(|_unknown| INVALID_ARGS)?,
    };
    let all = session.state.cards.shown(Some(&account.id));
    let matching = all.iter().filter(|card| wanted.is_empty() || wanted.contains(&card.status));
    let ids: Vec<&str> = matching.map(|card| card.card_id.as_str()).collect();
    let shown: Vec<&&str> = ids.iter().skip(offset).take(usize::try_from(count).unwrap_or(0)).collect();
    Ok(Reply::unchanged(&success(&json!({"card_id_list": shown, "total_num": ids.len()}))))
}

/// `/card/code/get`.
pub(super) fn code(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    let body = session.body()?;
    let code = code_of(body)?;
    let must_be_usable = body.get("check_consume").and_then(Value::as_bool).unwrap_or(true);
    let now_s = session.now_s();
    let mut deck = session.state.cards.lock();
    let (draft, card_id, copy) = deck.copy(&account.id, code, text(body, "card_id"))?;
    let card = json!({"card_id": card_id, "begin_time": copy.begin_s, "end_time": copy.end_s});
    let obstacle = copy.obstacle(now_s);
    if let Some(obstacle) = obstacle.filter(|_| must_be_usable) {
        return Err(Refusal::from(obstacle).with("_card", card).with("_code", code));
    }
    let mut told = json!({
        "card": card,
        "openid": copy.openid,
        "can_consume": obstacle.is_none(),
        "outer_str": copy.outer_str,
        "user_card_status": copy.status(now_s),
    });
    if let Some(membership) = copy.membership.as_ref().filter(|_| draft.is_member_card())
        && let (Some(told), Some(more)) = (told.as_object_mut(), membership.shown(&copy.openid).as_object())
    {
        told.extend(more.clone());
    }
    Ok(Reply::unchanged(&success(&told)))
}

/// `/card/user/getcardlist`: what can be used of what the user took.
pub(super) fn of_user(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    let body = session.body()?;
    let openid = text(body, "openid").ok_or(OPENID_MISSING)?;
    if !account.app().knows(openid) {
        return Err(INVALID_OPENID.into());
    }
    let wanted = text(body, "card_id");
    let now_s = session.now_s();
    let mut deck = session.state.cards.lock();
    if let Some(card_id) = wanted {
        deck.kind(&account.id, card_id)?;
    }
    let kinds = deck.kinds.values().filter(|kind| kind.app == account.id);
    let kinds = kinds.filter(|kind| wanted.is_none_or(|wanted| kind.card_id == wanted));
    let mut list: Vec<(&str, &str)> = Vec::new();
    for kind in kinds {
        let copies = kind.copies.iter().filter(|(_, copy)| copy.openid == openid);
        let usable = copies.filter(|(_, copy)| copy.status(now_s) == UserCardStatus::Normal);
        list.extend(usable.map(|(code, _)| (kind.card_id.as_str(), code.as_str())));
    }
    list.sort_unstable();
    let list: Vec<Value> =
        list.into_iter().map(|(card_id, code)| json!({"code": code, "card_id": card_id})).collect();
    Ok(Reply::unchanged(&success(&json!({"card_list": list, "has_share_card": false}))))
}
