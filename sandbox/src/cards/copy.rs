//! One copy of a card: the code of a kind, and who holds it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::errcode::{CODE_CONSUMED, CONSUME_TIME, Errcode, USER_CARD_STATUS};

/// What a copy in a user's hands is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserCardStatus {
    /// It can be used.
    Normal,
    /// It was consumed.
    Consumed,
    /// Its time is over.
    Expire,
    /// It is on its way to a friend.
    Gifting,
    /// The friend did not take it.
    GiftTimeout,
    /// The user deleted it.
    Delete,
    /// The app disabled it.
    Unavailable,
}

/// Somebody's copy.
#[derive(Clone, Debug)]
pub(super) struct Copy {
    pub(super) openid: String,
    pub(super) outer_str: String,
    pub(super) begin_s: i64,
    pub(super) end_s: i64,
    pub(super) membership: Option<Box<Membership>>,
    /// As it was set; time may have overtaken it.
    pub(super) status: UserCardStatus,
}

impl Copy {
    pub(super) fn status(&self, now_s: i64) -> UserCardStatus {
        let is_over = self.status == UserCardStatus::Normal && now_s >= self.end_s;
        if is_over { UserCardStatus::Expire } else { self.status }
    }

    /// Why it cannot be consumed now, if it cannot.
    pub(super) fn obstacle(&self, now_s: i64) -> Option<Errcode> {
        match self.status(now_s) {
            UserCardStatus::Normal if now_s < self.begin_s => Some(CONSUME_TIME),
            UserCardStatus::Normal => None,
            UserCardStatus::Consumed => Some(CODE_CONSUMED),
            _ => Some(USER_CARD_STATUS),
        }
    }
}

/// What a member card holds once it was activated.
#[derive(Clone, Debug, Default)]
pub(super) struct Membership {
    pub(super) number: String,
    pub(super) bonus: i64,
    pub(super) balance: i64,
    pub(super) background_pic_url: String,
    /// Custom fields 1 to 3.
    pub(super) custom: [String; 3],
}

impl Membership {
    /// The fields that `code/get` adds for it.
    pub(super) fn shown(&self, openid: &str) -> Value {
        let custom = self.custom.iter().filter(|value| !value.is_empty());
        let custom: Vec<Value> = custom
            .enumerate()
            .map(|(at, value)| json!({"name": (at + 1).to_string(), "value": value}))
            .collect();
        json!({
            "nickname": openid,
            "membership_number": self.number,
            "bonus": self.bonus,
            "balance": self.balance,
            "background_pic_url": self.background_pic_url,
            "user_info": {"common_field_list": [], "custom_field_list": custom},
        })
    }
}
