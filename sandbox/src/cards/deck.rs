//! All kinds of card of all apps.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use parking_lot::{MappedMutexGuard, Mutex, MutexGuard};

use super::copy::{Copy, UserCardStatus};
use super::draft::{Codes, Draft};
use super::kind::{CardShown, CardStatus, Kind};
use super::ready_made;
use crate::errcode::{INVALID_CARD_ID, INVALID_SERIAL_CODE, Refusal};
use crate::expiring::Expiring;
use crate::refused::Refused;

/// Kinds of card kept, and what their descriptions take at most, in bytes.
const MOST_KINDS: usize = 10_000;
const MOST_BYTES: usize = 64 << 20;
/// Codes kept, deposited and taken: some 200 MiB of them.
const MOST_CODES: usize = 1_000_000;
/// Pairs of time and nonce remembered, which a `cardExt` may have once.
const REMEMBERED: usize = 10_000;

/// Who may take a card before it is approved.
#[derive(Clone, Debug, Default)]
pub(super) struct Whitelist {
    pub(super) openids: BTreeSet<String>,
}

#[derive(Debug)]
pub(super) struct Deck {
    /// By id, which no two apps have in common.
    pub(super) kinds: BTreeMap<String, Kind>,
    /// The kinds of codes that WeChat made, which can be named without one.
    pub(super) made_codes: HashMap<String, String>,
    pub(super) whitelists: HashMap<Arc<str>, Whitelist>,
    pub(super) used_nonces: Expiring<()>,
    pub(super) last_page: u64,
    codes: usize,
    bytes: usize,
}

/// All cards.
#[derive(Debug)]
pub(crate) struct Cards(Mutex<Deck>);

impl Cards {
    /// With the ready-made ones.
    pub(crate) fn ready_made(now_ms: i64) -> Self {
        let kinds = ready_made::kinds(now_ms / 1000);
        let kinds = kinds.into_iter().map(|kind| (kind.card_id.clone(), kind));
        Self(Mutex::new(Deck {
            kinds: kinds.collect(),
            made_codes: HashMap::new(),
            whitelists: HashMap::new(),
            used_nonces: Expiring::new(REMEMBERED),
            last_page: 0,
            codes: 0,
            bytes: 0,
        }))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Deck> {
        self.0.lock()
    }

    /// A kind of this app.
    pub(super) fn kind(&self, app: &str, card_id: &str) -> Result<MappedMutexGuard<'_, Kind>, Refusal> {
        let kind = MutexGuard::try_map(self.0.lock(), |deck| deck.kind(app, card_id).ok());
        kind.map_err(|_missing| INVALID_CARD_ID.into())
    }

    /// Whether a customer-service message may carry it.
    pub(crate) fn can_be_sent(&self, app: &str, card_id: &str) -> bool {
        self.kind(app, card_id).is_ok_and(|kind| kind.draft.codes != Codes::Custom)
    }

    /// All kinds, of one app when one is named.
    pub(crate) fn shown(&self, app: Option<&str>) -> Vec<CardShown> {
        let deck = self.0.lock();
        let kinds = deck.kinds.values().filter(|kind| app.is_none_or(|app| &*kind.app == app));
        kinds.map(Kind::shown).collect()
    }

    /// Another standing with the reviewers.
    pub(crate) fn review(&self, app: &str, card_id: &str, status: CardStatus) -> Result<CardShown, Refused> {
        let mut deck = self.0.lock();
        let kind = deck.kind(app, card_id).map_err(|_| no_card(card_id))?;
        kind.status = status;
        Ok(kind.shown())
    }

    /// Lets as many deposits as that go wrong in part.
    pub(crate) fn spoil(&self, app: &str, card_id: &str, deposits: u32) -> Result<(), Refused> {
        let mut deck = self.0.lock();
        deck.kind(app, card_id).map_err(|_| no_card(card_id))?.spoiled = deposits;
        Ok(())
    }

    /// Another standing of a user's copy: given away, deleted, …
    pub(crate) fn set_status(
        &self,
        app: &str,
        card_id: &str,
        code: &str,
        status: UserCardStatus,
    ) -> Result<(), Refused> {
        let mut deck = self.0.lock();
        let kind = deck.kind(app, card_id).map_err(|_| no_card(card_id))?;
        let copy = kind.copies.get_mut(code);
        let copy = copy.ok_or_else(|| Refused::missing(format!("nobody has the code '{code}'")))?;
        copy.status = status;
        Ok(())
    }
}

impl Deck {
    pub(super) fn kind(&mut self, app: &str, card_id: &str) -> Result<&mut Kind, Refusal> {
        let kind = self.kinds.get_mut(card_id).filter(|kind| &*kind.app == app);
        kind.ok_or_else(|| INVALID_CARD_ID.into())
    }

    pub(super) fn add(&mut self, kind: Kind) -> Result<(), Refusal> {
        let bytes = self.bytes + kind.draft.weight();
        if self.kinds.len() >= MOST_KINDS || bytes > MOST_BYTES {
            return Err(Refusal::saying(45009, "the sandbox keeps no more cards: reset it"));
        }
        self.bytes = bytes;
        self.kinds.insert(kind.card_id.clone(), kind);
        Ok(())
    }

    /// Takes room for so many more codes.
    pub(super) fn make_room(&mut self, codes: usize) -> Result<(), Refusal> {
        if self.codes + codes > MOST_CODES {
            return Err(Refusal::saying(45009, "the sandbox keeps no more card codes: reset it"));
        }
        self.codes += codes;
        Ok(())
    }

    /// The kind and the copy that a code stands for. Codes that WeChat did not make need the card's
    /// id beside them.
    pub(super) fn copy(
        &mut self,
        app: &str,
        code: &str,
        card_id: Option<&str>,
    ) -> Result<(&Draft, &str, &mut Copy), Refusal> {
        let card_id = match card_id {
            Some(card_id) => card_id.to_owned(),
            None => self.made_codes.get(code).ok_or(INVALID_SERIAL_CODE)?.clone(),
        };
        let kind = self.kind(app, &card_id)?;
        let copy = kind.copies.get_mut(code).ok_or(INVALID_SERIAL_CODE)?;
        Ok((&kind.draft, &kind.card_id, copy))
    }
}

pub(super) fn no_card(card_id: &str) -> Refused {
    Refused::missing(format!("there is no card '{card_id}' of this app"))
}
