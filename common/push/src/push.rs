//! Pushes about an account: what its users did, and what became of its messages.

use sha2::{Digest, Sha256};

use crate::{Fields, TemplateReceipt};

/// A push that lacks what every push has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the push has no usable {0}")]
pub struct Incomplete(pub &'static str);

/// One push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// The account's original id (`gh_…`), not its app id.
    pub to: String,
    /// The user's openid.
    pub from: String,
    /// When WeChat made it (Unix seconds).
    pub created_at: i64,
    /// What it tells.
    pub kind: PushKind,
    /// All that it says.
    pub fields: Fields,
}

/// What a push tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushKind {
    /// A template message reached its user, or did not.
    TemplateReceipt(TemplateReceipt),
    /// Another event.
    Event {
        /// In lower case: WeChat spells some both ways.
        name: String,
    },
    /// A user wrote something.
    Message {
        /// `text`, `image` and so on.
        msg_type: String,
    },
}

impl Push {
    /// Reads what a push says.
    ///
    /// # Errors
    /// [`Incomplete`], naming the first field that is missing or makes no sense.
    pub fn read(fields: Fields) -> Result<Self, Incomplete> {
        let required = |name| fields.get(name).ok_or(Incomplete(name)).map(str::to_owned);
        let (to, from) = (required("ToUserName")?, required("FromUserName")?);
        let created_at = created_at(&fields)?;
        let msg_type = required("MsgType")?;
        let kind = match msg_type.as_str() {
            "event" => event(&required("Event")?, &fields),
            _ => PushKind::Message { msg_type },
        };
        Ok(Self { to, from, created_at, kind, fields })
    }

    /// Tells this push from others: WeChat posts a push again with the same sender, time, event and
    /// message id. The id alone will not do: messages of two users have had the same.
    #[must_use]
    pub fn identity(&self) -> [u8; 16] {
        let created_at = self.created_at.to_string();
        let event = self.fields.get("Event").unwrap_or_default().to_ascii_lowercase();
        let msgid = self.fields.get("MsgID").or_else(|| self.fields.get("MsgId"));
        digest(&[&self.from, &created_at, &event, msgid.unwrap_or_default()])
    }
}

pub(crate) fn created_at(fields: &Fields) -> Result<i64, Incomplete> {
    const NAME: &str = "CreateTime";
    fields.get(NAME).and_then(|time| time.parse().ok()).ok_or(Incomplete(NAME))
}

fn event(name: &str, fields: &Fields) -> PushKind {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "templatesendjobfinish" => PushKind::TemplateReceipt(TemplateReceipt::read(fields)),
        _ => PushKind::Event { name },
    }
}

/// The first half of SHA-256 over the values, each with its length before it.
pub(crate) fn digest(values: &[&str]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for value in values {
        hash.update(value.len().to_be_bytes());
        hash.update(value);
    }
    let mut half = [0; 16];
    half.copy_from_slice(&hash.finalize()[..16]);
    half
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::Delivered;

    fn push(rest: &str) -> Result<Push, Incomplete> {
        let head = "<ToUserName>gh_1</ToUserName><FromUserName>oUser</FromUserName><CreateTime>1700000000</CreateTime>";
        Push::read(Fields::read(format!("<xml>{head}{rest}</xml>").as_bytes()).unwrap())
    }

    const RECEIPT: &str = "<MsgType>event</MsgType><Event>TemplateSendJobFinish</Event><MsgID>7</MsgID>\
                           <Status>success</Status>";

    #[test]
    fn receipts_events_and_messages_are_told_apart() {
        let receipt = push(RECEIPT).unwrap();
        assert_eq!(
            (receipt.to.as_str(), receipt.from.as_str(), receipt.created_at),
            ("gh_1", "oUser", 1_700_000_000)
        );
        let expected = TemplateReceipt { msgid: 7, delivered: Delivered::Success };
        assert_eq!(receipt.kind, PushKind::TemplateReceipt(expected));
        let card = push("<MsgType>event</MsgType><Event>user_get_card</Event><CardId>p1</CardId>").unwrap();
        assert_eq!(card.kind, PushKind::Event { name: "user_get_card".to_owned() });
        assert_eq!(card.fields.get("CardId"), Some("p1"));
        let text = push("<MsgType>text</MsgType><Content>hi</Content><MsgId>8</MsgId>").unwrap();
        assert_eq!(text.kind, PushKind::Message { msg_type: "text".to_owned() });
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(push(""), Err(Incomplete("MsgType")));
        assert_eq!(push("<MsgType>event</MsgType>"), Err(Incomplete("Event")));
        assert_eq!(Push::read(Fields::default()), Err(Incomplete("ToUserName")));
    }

    #[test]
    fn a_repeat_has_the_same_identity_and_nothing_else_has() {
        let identity = push(RECEIPT).unwrap().identity();
        let repeat =
            RECEIPT.replace("TemplateSendJobFinish", "TEMPLATESENDJOBFINISH").replace("success", "failed");
        assert_eq!(push(&repeat).unwrap().identity(), identity);
        for (from, to) in [("MsgID>7<", "MsgID>8<"), ("TemplateSend", "MassSend")] {
            assert_ne!(push(&RECEIPT.replace(from, to)).unwrap().identity(), identity, "{to}");
        }
        let other = Push { from: "oUser1".to_owned(), ..push(RECEIPT).unwrap() };
        assert_ne!(other.identity(), identity);
        let later = Push { created_at: 1_700_000_001, ..push(RECEIPT).unwrap() };
        assert_ne!(later.identity(), identity);
    }
}
