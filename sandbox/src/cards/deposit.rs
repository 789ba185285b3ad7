//! Codes that an app deposits beforehand: bringing them in, counting and checking them.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::draft::Codes;
use super::{LONGEST_CODE, card_id, success};
use crate::errcode::{
    DATA_FORMAT, EMPTY_CODE, INVALID_ACTION_INFO, INVALID_CARD_STATUS, Refusal, SAME_CODE_TWICE,
    TOO_MANY_CODES,
};
use crate::reply::Reply;
use crate::session::Session;

/// Codes of one call (documented: 100).
const MOST_CODES: usize = 100;

/// New codes from which on a deposit can go wrong in part: one is refused, one forgotten, one is in.
const SPOILED_FROM: usize = 3;

pub(super) fn deposit(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    let body = session.body()?;
    let codes = codes(body)?;
    let mut deck = session.state.cards.lock();
    let kind = deck.kind(&account.id, card_id(body)?)?;
    if kind.draft.codes != Codes::Deposited {
        return Err(INVALID_ACTION_INFO.into());
    }
    if !kind.is_approved() {
        return Err(INVALID_CARD_STATUS.into());
    }
    let (duplicate, new): (Vec<&str>, Vec<&str>) =
        codes.into_iter().partition(|code| kind.deposited.contains(*code));
    let (mut succeeded, mut failed): (Vec<&str>, Vec<&str>) =
        new.into_iter().partition(|code| code.chars().count() <= LONGEST_CODE);
    let mut forgotten = 0;
    if kind.spoiled > 0 && succeeded.len() >= SPOILED_FROM {
        kind.spoiled -= 1;
        failed.extend(succeeded.pop());
        forgotten = 1;
    }
    deck.make_room(succeeded.len() - forgotten)?;
    let kind = deck.kind(&account.id, card_id(body)?)?;
    for code in &succeeded[forgotten..] {
        let code: Arc<str> = Arc::from(*code);
        kind.waiting.push_back(Arc::clone(&code));
        kind.deposited.insert(code);
    }
    let lists = json!({"succ_code": succeeded, "duplicate_code": duplicate, "fail_code": failed});
    let body = success(&lists);
    Ok(if succeeded.is_empty() { Reply::unchanged(&body) } else { Reply::done(&body) })
}

pub(super) fn count(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    let kind = session.state.cards.kind(&account.id, card_id(session.body()?)?)?;
    Ok(Reply::unchanged(&success(&json!({"count": kind.deposited.len()}))))
}

pub(super) fn check(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    let body = session.body()?;
    let codes = codes(body)?;
    let kind = session.state.cards.kind(&account.id, card_id(body)?)?;
    let (there, not_there): (Vec<&str>, Vec<&str>) =
        codes.into_iter().partition(|code| kind.deposited.contains(*code));
    Ok(Reply::unchanged(&success(&json!({"exist_code": there, "not_exist_code": not_there}))))
}

/// The list of codes, none of them empty or named twice.
fn codes(body: &Map<String, Value>) -> Result<Vec<&str>, Refusal> {
    let codes = body.get("code").and_then(Value::as_array).ok_or(DATA_FORMAT)?;
    if codes.len() > MOST_CODES {
        return Err(TOO_MANY_CODES.into());
    }
    let codes = codes.iter().map(|code| code.as_str().ok_or(DATA_FORMAT)).collect::<Result<Vec<_>, _>>()?;
    if codes.is_empty() || codes.contains(&"") {
        return Err(EMPTY_CODE.into());
    }
    let different: HashSet<&str> = codes.iter().copied().collect();
    if different.len() == codes.len() { Ok(codes) } else { Err(SAME_CODE_TWICE.into()) }
}
