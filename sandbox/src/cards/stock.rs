//! `/card/modifystock`.

use serde_json::{Map, Value};

use super::draft::{Codes, LARGEST_STOCK};
use super::{card_id, done};
use crate::errcode::{DEPOSIT_TOO_SMALL, INVALID_QUANTITY, Refusal, STOCK_SIZE};
use crate::reply::Reply;
use crate::session::Session;

pub(super) fn modify(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    let body = session.body()?;
    let mut kind = session.state.cards.kind(&account.id, card_id(body)?)?;
    let (more, less) = (amount(body, "increase_stock_value")?, amount(body, "reduce_stock_value")?);
    if more == 0 && less == 0 {
        return Err(INVALID_QUANTITY.into());
    }
    let quantity = (kind.quantity + more).checked_sub(less).ok_or(INVALID_QUANTITY)?;
    let total = (kind.total + more).saturating_sub(less);
    let deposited = u64::try_from(kind.deposited.len()).unwrap_or(u64::MAX);
    if total > LARGEST_STOCK {
        return Err(STOCK_SIZE.into());
    }
    if kind.draft.codes == Codes::Deposited && total > deposited {
        return Err(DEPOSIT_TOO_SMALL.into());
    }
    (kind.quantity, kind.total, kind.updated_s) = (quantity, total, session.now_s());
    Ok(done())
}

/// An amount, 0 when it is not named.
fn amount(body: &Map<String, Value>, name: &str) -> Result<u64, Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(0),
        Some(value) => {
            let amount = value.as_u64().filter(|amount| *amount <= LARGEST_STOCK);
            amount.ok_or_else(|| INVALID_QUANTITY.into())
        }
    }
}
