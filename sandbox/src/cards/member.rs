//! Member cards: activating one, and changing what its holder has.

use serde_json::{Map, Value, json};

use super::copy::Membership;
use super::{LONGEST_CODE, code, done, success, text};
use crate::errcode::{
    BALANCE_RANGE, BONUS_RANGE, DATA_FORMAT, Errcode, FIELD_SIZE, INVALID_CARD_TYPE, INVALID_CUSTOM_FIELD,
    REQUIRED_FIELD_MISSING, Refusal, USER_CARD_STATUS,
};
use crate::reply::Reply;
use crate::session::Session;

/// Longest value of a custom field, in bytes (documented: 4 Chinese characters).
const LONGEST_CUSTOM: usize = 12;
/// Longest remark on a change, in bytes (documented: 14 Chinese characters).
const LONGEST_RECORD: usize = 42;
/// Longest address of a background, in bytes; the document has no number.
const LONGEST_URL: usize = 1024;
/// Bonus and balance lie between 0 and this: what 32 bits hold.
const LARGEST: i64 = i32::MAX as i64;

/// `/card/membercard/activate`.
pub(super) fn activate(session: &Session<'_>) -> Result<Reply, Refusal> {
    let number = text(session.body()?, "membership_number").ok_or(REQUIRED_FIELD_MISSING)?;
    if number.chars().count() > LONGEST_CODE {
        return Err(FIELD_SIZE.into());
    }
    on_membership(session, "init_custom_field_value", |membership, body| {
        number.clone_into(&mut membership.number);
        membership.bonus = total(body, "init_bonus", membership.bonus, BONUS_RANGE)?;
        membership.balance = total(body, "init_balance", membership.balance, BALANCE_RANGE)?;
        check_record(body, "init_bonus_record")
    })?;
    Ok(done())
}

/// `/card/membercard/updateuser`. A total wins over a difference.
pub(super) fn update(session: &Session<'_>) -> Result<Reply, Refusal> {
    let (membership, openid) = on_membership(session, "custom_field_value", |membership, body| {
        let bonus = moved(body, "add_bonus", membership.bonus, BONUS_RANGE);
        membership.bonus = total_or(body, "bonus", bonus, BONUS_RANGE)?;
        let balance = moved(body, "add_balance", membership.balance, BALANCE_RANGE);
        membership.balance = total_or(body, "balance", balance, BALANCE_RANGE)?;
        check_record(body, "record_bonus")?;
        check_record(body, "record_balance")
    })?;
    let told = json!({"result_bonus": membership.bonus, "result_balance": membership.balance,
        "openid": openid});
    Ok(Reply::done(&success(&told)))
}

/// Changes the membership that the body names, as a whole or not at all.
fn on_membership(
    session: &Session<'_>,
    custom_field: &str,
    change: impl FnOnce(&mut Membership, &Map<String, Value>) -> Result<(), Refusal>,
) -> Result<(Membership, String), Refusal> {
    let account = session.authenticate()?;
    let body = session.body()?;
    let mut deck = session.state.cards.lock();
    let (draft, _, copy) = deck.copy(&account.id, code(body)?, text(body, "card_id"))?;
    if !draft.is_member_card() {
        return Err(INVALID_CARD_TYPE.into());
    }
    if copy.obstacle(session.now_s()).is_some() {
        return Err(USER_CARD_STATUS.into());
    }
    let mut membership = copy.membership.as_deref().cloned().unwrap_or_default();
    for (value, name) in membership.custom.iter_mut().zip(["1", "2", "3"]) {
        if let Some(new) = text(body, &format!("{custom_field}{name}")) {
            check_length(new, LONGEST_CUSTOM, INVALID_CUSTOM_FIELD)?;
            new.clone_into(value);
        }
    }
    if let Some(url) = text(body, "background_pic_url") {
        check_length(url, LONGEST_URL, FIELD_SIZE)?;
        url.clone_into(&mut membership.background_pic_url);
    }
    change(&mut membership, body)?;
    copy.membership = Some(Box::new(membership.clone()));
    Ok((membership, copy.openid.clone()))
}

fn check_length(text: &str, longest: usize, errcode: Errcode) -> Result<(), Refusal> {
    if text.len() <= longest { Ok(()) } else { Err(errcode.into()) }
}

fn check_record(body: &Map<String, Value>, name: &str) -> Result<(), Refusal> {
    text(body, name).map_or(Ok(()), |record| check_length(record, LONGEST_RECORD, FIELD_SIZE))
}

/// A new total, or what there is when none is named.
fn total(body: &Map<String, Value>, name: &str, present: i64, out_of_range: Errcode) -> Result<i64, Refusal> {
    let total = match body.get(name) {
        None | Some(Value::Null) => present,
        Some(value) => value.as_i64().ok_or(DATA_FORMAT)?,
    };
    if (0..=LARGEST).contains(&total) { Ok(total) } else { Err(out_of_range.into()) }
}

fn total_or(
    body: &Map<String, Value>,
    name: &str,
    otherwise: Result<i64, Refusal>,
    out_of_range: Errcode,
) -> Result<i64, Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => otherwise,
        Some(_) => total(body, name, 0, out_of_range),
    }
}

/// What there is, moved by a difference.
fn moved(body: &Map<String, Value>, name: &str, present: i64, out_of_range: Errcode) -> Result<i64, Refusal> {
    let difference = match body.get(name) {
        None | Some(Value::Null) => 0,
        Some(value) => value.as_i64().ok_or(DATA_FORMAT)?,
    };
    let sum = present.checked_add(difference).filter(|sum| (0..=LARGEST).contains(sum));
    sum.ok_or_else(|| out_of_range.into())
}
