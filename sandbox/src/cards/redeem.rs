//! Consuming, disabling and decrypting codes.

use bytes::Bytes;
use serde_json::{Value, json};

use super::copy::UserCardStatus;
use super::encrypted::decrypt as decrypted;
use super::{code, done, success, text};
use crate::errcode::{INVALID_ENCRYPT_CODE, Refusal};
use crate::reply::Reply;
use crate::session::Session;

/// What WeChat was seen to make of an encrypted code that is still escaped for a URL: success, with
/// bytes that are no code and no UTF-8.
const GARBAGE: &[u8] = b"{\"errcode\":0,\"errmsg\":\"ok\",\"code\":\"\x9d\xc3\x28\xf0\"}";

/// `/card/code/consume`: once.
pub(super) fn consume(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    let body = session.body()?;
    let mut deck = session.state.cards.lock();
    let (_, card_id, copy) = deck.copy(&account.id, code(body)?, text(body, "card_id"))?;
    if let Some(obstacle) = copy.obstacle(session.now_s()) {
        return Err(obstacle.into());
    }
    copy.status = UserCardStatus::Consumed;
    let told = json!({"card": {"card_id": card_id}, "openid": copy.openid});
    Ok(Reply::done(&success(&told)))
}

/// `/card/code/unavailable`: for good.
pub(super) fn unavailable(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    let body = session.body()?;
    let mut deck = session.state.cards.lock();
    let (_, _, copy) = deck.copy(&account.id, code(body)?, text(body, "card_id"))?;
    if copy.status == UserCardStatus::Unavailable {
        return Ok(Reply::unchanged(&success(&Value::Null)));
    }
    copy.status = UserCardStatus::Unavailable;
    Ok(done())
}

/// `/card/code/decrypt`.
pub(super) fn decrypt(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    let encrypted = text(session.body()?, "encrypt_code").ok_or(INVALID_ENCRYPT_CODE)?;
    if is_still_escaped(encrypted) {
        return Ok(Reply { body: Bytes::from_static(GARBAGE), ..Reply::unchanged(&Value::Null) });
    }
    let code = decrypted(&account.id, encrypted).ok_or(INVALID_ENCRYPT_CODE)?;
    Ok(Reply::unchanged(&success(&json!({ "code": code }))))
}

fn is_still_escaped(encrypted: &str) -> bool {
    ["%2B", "%2F", "%3D"].iter().any(|escape| encrypted.to_ascii_uppercase().contains(escape))
}
