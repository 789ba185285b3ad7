//! `/card/create`.

use std::sync::Arc;

use serde_json::json;

use super::draft::Draft;
use super::kind::{CardStatus, Kind};
use super::success;
use crate::errcode::Refusal;
use crate::reply::Reply;
use crate::session::Session;

/// Length of what follows the `p` of a card's id; the document's samples have 27 characters.
const ID_LENGTH: usize = 27;

pub(super) fn create(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    let draft = Draft::parse(session.body()?)?;
    let is_approved = account.app().approves_cards;
    let status = if is_approved { CardStatus::VerifyOk } else { CardStatus::NotVerify };
    let card_id = format!("p{}", session.state.chance.word(ID_LENGTH));
    let kind = Kind::new(Arc::clone(&account.id), card_id.clone(), draft, status, session.now_s());
    session.state.cards.lock().add(kind)?;
    Ok(Reply::done(&success(&json!({ "card_id": card_id }))))
}
