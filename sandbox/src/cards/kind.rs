//! One kind of card, with its stock and its copies.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::colors;
use super::copy::{Copy, UserCardStatus};
use super::draft::{Draft, Validity};

/// Where a kind of card stands with WeChat's reviewers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CardStatus {
    /// Not reviewed yet.
    #[serde(rename = "CARD_STATUS_NOT_VERIFY")]
    NotVerify,
    /// Turned down.
    #[serde(rename = "CARD_STATUS_VERIFY_FAIL")]
    VerifyFail,
    /// Approved.
    #[serde(rename = "CARD_STATUS_VERIFY_OK")]
    VerifyOk,
    /// Deleted by the app.
    #[serde(rename = "CARD_STATUS_DELETE")]
    Delete,
    /// Put out by the app through the web console.
    #[serde(rename = "CARD_STATUS_DISPATCH")]
    Dispatch,
}

/// A kind of card as the controls show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CardShown {
    /// Its id.
    pub card_id: String,
    /// The app that created it.
    pub app: String,
    /// `GROUPON`, `MEMBER_CARD`, …
    pub card_type: String,
    /// Where it stands with the reviewers.
    pub status: CardStatus,
    /// How many can still be taken.
    pub quantity: u64,
    /// How many were ever put in.
    pub total_quantity: u64,
    /// How many codes were deposited.
    pub deposited: usize,
    /// How many users took.
    pub taken: usize,
    /// How many of those were consumed.
    pub consumed: usize,
}

/// A kind of card.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) app: Arc<str>,
    pub(super) card_id: String,
    pub(super) draft: Draft,
    pub(super) status: CardStatus,
    pub(super) quantity: u64,
    pub(super) total: u64,
    pub(super) created_s: i64,
    pub(super) updated_s: i64,
    /// What users took, by code.
    pub(super) copies: HashMap<String, Copy>,
    /// Codes that were deposited and not taken, in the order of their deposit.
    pub(super) waiting: VecDeque<Arc<str>>,
    /// The same, to look one up; codes that were taken stay in it.
    pub(super) deposited: BTreeSet<Arc<str>>,
    /// Deposits that are still to go wrong in part.
    pub(super) spoiled: u32,
}

impl Kind {
    pub(super) fn new(app: Arc<str>, card_id: String, draft: Draft, status: CardStatus, now_s: i64) -> Self {
        let quantity = draft.quantity;
        Self {
            app,
            card_id,
            draft,
            status,
            quantity,
            total: quantity,
            created_s: now_s,
            updated_s: now_s,
            copies: HashMap::new(),
            waiting: VecDeque::new(),
            deposited: BTreeSet::new(),
            spoiled: 0,
        }
    }

    /// Whether users may take it.
    pub(super) fn is_approved(&self) -> bool {
        matches!(self.status, CardStatus::VerifyOk | CardStatus::Dispatch)
    }

    /// How many copies of it this user ever took.
    pub(super) fn taken_by(&self, openid: &str) -> usize {
        self.copies.values().filter(|copy| copy.openid == openid).count()
    }

    /// When a copy taken now can be used, in Unix seconds.
    pub(super) fn window(&self, now_s: i64) -> (i64, i64) {
        match self.draft.validity {
            Validity::Range { begin_s, end_s } => (begin_s, end_s),
            Validity::Term { begin_days, days } => {
                let begin = now_s + i64::from(begin_days) * 86_400;
                (begin, begin + i64::from(days) * 86_400)
            }
            // The largest that the field's 32 bits hold.
            Validity::Permanent => (now_s, i64::from(u32::MAX)),
        }
    }

    pub(super) fn shown(&self) -> CardShown {
        let consumed = self.copies.values().filter(|copy| copy.status == UserCardStatus::Consumed);
        CardShown {
            card_id: self.card_id.clone(),
            app: self.app.to_string(),
            card_type: self.draft.card_type.name.to_owned(),
            status: self.status,
            quantity: self.quantity,
            total_quantity: self.total,
            deposited: self.deposited.len(),
            taken: self.copies.len(),
            consumed: consumed.count(),
        }
    }

    /// The card as `/card/get` tells it.
    pub(super) fn told(&self) -> Value {
        let mut content = self.draft.content();
        if let Some(base) = content.get_mut("base_info").and_then(Value::as_object_mut) {
            self.complete(base);
        }
        json!({"card_type": self.draft.card_type.name, self.draft.card_type.field: content})
    }

    fn complete(&self, base: &mut Map<String, Value>) {
        if let Some(hex) = base.get("color").and_then(Value::as_str).and_then(colors::hex_of) {
            base.insert("color".to_owned(), hex.into());
        }
        let known = [
            ("id", json!(self.card_id)),
            ("status", json!(self.status)),
            ("sku", json!({"quantity": self.quantity, "total_quantity": self.total})),
            ("create_time", json!(self.created_s)),
            ("update_time", json!(self.updated_s)),
            ("get_limit", json!(self.draft.get_limit)),
        ];
        base.extend(known.map(|(name, value)| (name.to_owned(), value)));
        for (name, usual) in [
            ("can_share", true),
            ("can_give_friend", true),
            ("use_custom_code", false),
            ("bind_openid", false),
        ] {
            base.entry(name).or_insert(usual.into());
        }
    }
}
