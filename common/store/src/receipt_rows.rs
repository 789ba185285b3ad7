//! Rows of receipts and of the sends that they belong to, and what a receipt changes in a send.

use serde_json::Value;
use sqlx::FromRow;
use wxgate_job::JobState;

use crate::error::StoreError;
use crate::model::receipt::{Delivery, Receipt, Received};
use crate::rows::doorbell;

/// A receipt as it is kept.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct KeptRow {
    pub(crate) id: i64,
    pub(crate) app_id: String,
    pub(crate) openid: String,
    pub(crate) msgid: i64,
    pub(crate) delivery: String,
    pub(crate) received_at: i64,
}

impl KeptRow {
    pub(crate) fn new(id: i64, receipt: &Receipt, received_at: i64) -> Self {
        Self {
            id,
            app_id: receipt.app.clone(),
            openid: receipt.openid.clone(),
            msgid: receipt.msgid,
            delivery: receipt.delivery.as_str().to_owned(),
            received_at,
        }
    }

    /// Whether WeChat said which message it is about.
    pub(crate) fn names_its_message(&self) -> bool {
        self.msgid != 0
    }

    /// The result of a send with what became of its message in it.
    pub(crate) fn complete(&self, result: Option<&str>) -> Option<String> {
        let mut result: Value = serde_json::from_str(result?).ok()?;
        let members = result.as_object_mut()?;
        members.insert(Delivery::MEMBER.to_owned(), Value::from(self.delivery.as_str()));
        if !self.names_its_message() {
            members.insert("delivery_matched_by".to_owned(), Value::from("openid"));
        }
        Some(result.to_string())
    }
}

/// A send that a receipt may belong to.
#[derive(Debug, FromRow)]
pub(crate) struct SendRow {
    pub(crate) id: i64,
    pub(crate) state: String,
    pub(crate) result: Option<String>,
    client_code: String,
    app_id: String,
    kind: String,
}

impl SendRow {
    /// Whether a receipt can be joined to it now: WeChat has taken it and no attempt is under way.
    pub(crate) fn is_open(&self) -> bool {
        self.result.is_some() && self.state != JobState::Running.as_str()
    }

    /// What to answer once the receipt was joined to this send.
    pub(crate) fn joined(self) -> Result<Received, StoreError> {
        if self.state == JobState::Succeeded.as_str() {
            return Ok(Received::Joined);
        }
        doorbell((self.id, self.client_code, self.app_id, self.kind)).map(Received::Woke)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(msgid: i64) -> KeptRow {
        let receipt = Receipt {
            app: "wx1".to_owned(),
            openid: "o1".to_owned(),
            msgid,
            delivery: Delivery::UserBlocked,
            push: [0; 16],
        };
        KeptRow::new(1, &receipt, 0)
    }

    #[test]
    fn a_result_keeps_its_order_and_says_when_it_was_matched_by_openid() {
        let result = Some(r#"{"errcode":0,"errmsg":"ok","msgid":"5","delivery":null}"#);
        assert_eq!(
            kept(5).complete(result).as_deref(),
            Some(r#"{"errcode":0,"errmsg":"ok","msgid":"5","delivery":"user_blocked"}"#)
        );
        assert_eq!(
            kept(0).complete(result).as_deref(),
            Some(
                r#"{"errcode":0,"errmsg":"ok","msgid":"5","delivery":"user_blocked","delivery_matched_by":"openid"}"#
            )
        );
        assert_eq!(kept(5).complete(None), None);
    }
}
