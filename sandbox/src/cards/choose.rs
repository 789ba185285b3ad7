//! A page asks a user to choose one of his cards.

use serde::Deserialize;

use super::copy::UserCardStatus;
use super::encrypted::encrypt;
use super::wallet::{CardGiven, check_signature, who};
use crate::refused::Refused;
use crate::state::State;

/// What a page gave to `wx.chooseCard`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CardChoice {
    /// The app; the ready-made one.
    pub app: Option<String>,
    /// Who chooses; the app's visitor.
    pub openid: Option<String>,
    /// `location_id`.
    pub shop_id: String,
    /// The type of card.
    pub card_type: String,
    /// The card.
    pub card_id: String,
    /// Unix seconds, as text.
    pub timestamp: String,
    /// A word.
    pub nonce_str: String,
    /// The signature with the app's card ticket.
    pub card_sign: String,
}

/// What a user can choose from, as `wx.chooseCard` answers it.
pub(crate) fn choose(state: &State, choice: &CardChoice) -> Result<Vec<CardGiven>, Refused> {
    let (account, openid) = who(state, choice.app.as_deref(), choice.openid.as_deref())?;
    let values = [
        &*account.id,
        &choice.shop_id,
        &choice.timestamp,
        &choice.nonce_str,
        &choice.card_id,
        &choice.card_type,
    ];
    check_signature(state, &account.id, &values, &choice.card_sign, "cardSign")?;
    let now_s = state.clock.now() / 1000;
    let deck = state.cards.lock();
    let fits = |wanted: &str, has: &str| wanted.is_empty() || wanted == has;
    let kinds = deck.kinds.values().filter(|kind| kind.app == account.id);
    let kinds = kinds.filter(|kind| fits(&choice.card_id, &kind.card_id));
    let kinds = kinds.filter(|kind| fits(&choice.card_type, kind.draft.card_type.name));
    let mut given = Vec::new();
    for kind in kinds {
        let copies = kind.copies.iter().filter(|(_, copy)| copy.openid == openid);
        for (code, _) in copies.filter(|(_, copy)| copy.status(now_s) == UserCardStatus::Normal) {
            given.push(CardGiven {
                card_id: kind.card_id.clone(),
                code: code.clone(),
                encrypt_code: encrypt(&account.id, code, &state.chance),
                openid: openid.clone(),
            });
        }
    }
    given.sort_unstable_by(|one, other| (&one.card_id, &one.code).cmp(&(&other.card_id, &other.code)));
    Ok(given)
}
