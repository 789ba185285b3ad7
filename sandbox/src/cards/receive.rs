//! A user takes a card.

use std::sync::Arc;

use serde::Deserialize;

use super::LONGEST_CODE;
use super::copy::{Copy, UserCardStatus};
use super::deck::{Deck, no_card};
use super::draft::Codes;
use super::encrypted::encrypt;
use super::wallet::{CardGiven, check_signature, who};
use crate::refused::Refused;
use crate::state::State;

/// How long a pair of time and nonce is remembered: as long as tickets sign at most.
const NONCE_LIFE_MS: i64 = 3 * 3_600_000;
/// Longest word of a `cardExt` (documented: 32 characters) and longest `outer_str` (128 bytes).
const LONGEST_NONCE: usize = 32;
const LONGEST_OUTER_STR: usize = 128;
/// Length of the codes that WeChat makes.
const CODE_LENGTH: usize = 12;

/// A user takes a card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CardReceipt {
    /// The app; the ready-made one.
    pub app: Option<String>,
    /// The card.
    pub card_id: String,
    /// Who takes it; the app's visitor.
    pub openid: Option<String>,
    /// The code, for cards whose codes the app gives.
    pub code: String,
    /// Where the user found it.
    pub outer_str: String,
    /// What a page gave to `wx.addCard`, as the text that it is there. Its signature is checked, and
    /// it says code and `outer_str` then.
    pub card_ext: Option<String>,
}

/// What is in a `cardExt`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct CardExt {
    /// The code, for cards whose codes the app gives.
    pub code: String,
    /// Who alone may take it.
    pub openid: String,
    /// Unix seconds, as text.
    pub timestamp: String,
    /// A word that was not used at that time before.
    pub nonce_str: String,
    /// Where the user found it; not signed.
    pub outer_str: String,
    /// The signature with the app's card ticket.
    pub signature: String,
}

/// A user takes a card, or the sentence that says why WeChat would not let him.
pub(crate) fn receive(state: &State, receipt: &CardReceipt) -> Result<CardGiven, Refused> {
    let (account, openid) = who(state, receipt.app.as_deref(), receipt.openid.as_deref())?;
    let mut deck = state.cards.lock();
    let mut wanted = receipt.clone();
    if let Some(text) = &receipt.card_ext {
        let ext: CardExt = serde_json::from_str(text)
            .map_err(|error| Refused::script(format!("card_ext is a text that holds JSON: {error}")))?;
        check_ext(state, &mut deck, &account.id, receipt, &ext, &openid)?;
        (wanted.code, wanted.outer_str) = (ext.code, ext.outer_str);
    }
    if wanted.outer_str.len() > LONGEST_OUTER_STR {
        return Err(Refused::script("outer_str has 128 bytes at most"));
    }
    check_taking(&mut deck, &account.id, &receipt.card_id, &openid, receipt.card_ext.is_some())?;
    let code = take(state, &mut deck, &account.id, &wanted, &openid)?;
    let encrypt_code = encrypt(&account.id, &code, &state.chance);
    Ok(CardGiven { card_id: receipt.card_id.clone(), code, encrypt_code, openid })
}

fn check_ext(
    state: &State,
    deck: &mut Deck,
    app: &Arc<str>,
    receipt: &CardReceipt,
    ext: &CardExt,
    openid: &str,
) -> Result<(), Refused> {
    let values = [&ext.timestamp, &receipt.card_id, &ext.code, &ext.openid, &ext.nonce_str];
    check_signature(state, app, &values.map(String::as_str), &ext.signature, "cardExt")?;
    if !ext.openid.is_empty() && ext.openid != openid {
        return Err(Refused::script(format!("the card is for {} alone", ext.openid)));
    }
    if ext.nonce_str.chars().count() > LONGEST_NONCE {
        return Err(Refused::script("cardExt: nonce_str has 32 characters at most"));
    }
    let pair = format!("{app}\n{}\n{}", ext.timestamp, ext.nonce_str);
    let now = state.clock.now();
    if deck.used_nonces.find(&pair, now).is_some_and(|((), is_over)| !is_over) {
        return Err(Refused::script("cardExt: this timestamp and nonce_str were used before"));
    }
    deck.used_nonces.insert(pair, (), now + NONCE_LIFE_MS);
    Ok(())
}

fn check_taking(
    deck: &mut Deck,
    app: &Arc<str>,
    card_id: &str,
    openid: &str,
    has_ext: bool,
) -> Result<(), Refused> {
    let is_tester = deck.whitelists.get(app).is_some_and(|list| list.openids.contains(openid));
    let kind = deck.kind(app, card_id).map_err(|_| no_card(card_id))?;
    let taken = u64::try_from(kind.taken_by(openid)).unwrap_or(u64::MAX);
    let sentence = if !kind.is_approved() && !is_tester {
        "the card is not approved, and the user no tester"
    } else if kind.quantity == 0 {
        "45031: stock is 0"
    } else if taken >= kind.draft.get_limit {
        "45033: the user has as many as one may have"
    } else if kind.draft.bind_openid && !has_ext {
        "the card is bound to an openid, which a cardExt has to name"
    } else {
        return Ok(());
    };
    Err(Refused::script(sentence))
}

fn take(
    state: &State,
    deck: &mut Deck,
    app: &Arc<str>,
    wanted: &CardReceipt,
    openid: &str,
) -> Result<String, Refused> {
    let codes = deck.kind(app, &wanted.card_id).map_err(|_| no_card(&wanted.card_id))?.draft.codes;
    // A deposited code has its room already.
    if codes != Codes::Deposited {
        deck.make_room(1).map_err(|refusal| Refused::script(refusal.text()))?;
    }
    let kind = deck.kind(app, &wanted.card_id).map_err(|_| no_card(&wanted.card_id))?;
    let code = match codes {
        Codes::Made => state.chance.digits(CODE_LENGTH),
        Codes::Deposited => {
            let next = kind.waiting.pop_front();
            next.ok_or_else(|| Refused::script("no deposited code is left"))?.to_string()
        }
        Codes::Custom => wanted.code.clone(),
    };
    if code.is_empty() || code.chars().count() > LONGEST_CODE || kind.copies.contains_key(&code) {
        return Err(Refused::script("the app gives a code of 1 to 20 characters with each copy, none twice"));
    }
    let now_s = state.clock.now() / 1000;
    let (begin_s, end_s) = kind.window(now_s);
    let copy = Copy {
        openid: openid.to_owned(),
        outer_str: wanted.outer_str.clone(),
        begin_s,
        end_s,
        membership: None,
        status: UserCardStatus::Normal,
    };
    kind.quantity -= 1;
    kind.copies.insert(code.clone(), copy);
    if codes == Codes::Made {
        deck.made_codes.insert(code.clone(), wanted.card_id.clone());
    }
    Ok(code)
}
