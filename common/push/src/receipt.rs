//! `TEMPLATESENDJOBFINISH`: what became of a template message.

use crate::Fields;

/// What WeChat says of a template message's delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TemplateReceipt {
    /// WeChat's id of the message; 0 when it names none.
    pub msgid: i64,
    /// What became of it.
    pub delivered: Delivered,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// It arrived.
    Success,
    /// The user refuses messages.
    UserBlocked,
    /// It did not arrive for another reason.
    Failed,
    /// WeChat says something that is in no document.
    Unknown,
}

impl TemplateReceipt {
    pub(crate) fn read(fields: &Fields) -> Self {
        // The event spells it MsgID, messages spell theirs MsgId.
        let msgid = fields.get("MsgID").or_else(|| fields.get("MsgId"));
        let msgid = msgid.and_then(|id| id.parse().ok()).unwrap_or_default();
        Self { msgid, delivered: Delivered::read(fields.get("Status").unwrap_or_default()) }
    }
}

impl Delivered {
    /// WeChat writes `failed:user block` and `failed: system failed`: the blank comes and goes.
    fn read(status: &str) -> Self {
        let status = status.to_ascii_lowercase();
        match status
            .split_once(':')
            .map_or((status.as_str(), ""), |(verdict, why)| (verdict.trim(), why.trim()))
        {
            ("success", _) => Self::Success,
            ("failed", "user block") => Self::UserBlocked,
            ("failed", _) => Self::Failed,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn receipt(rest: &str) -> TemplateReceipt {
        TemplateReceipt::read(&Fields::read(format!("<xml>{rest}</xml>").as_bytes()).unwrap())
    }

    #[test]
    fn each_verdict_is_read_with_or_without_a_blank_in_either_case() {
        for (status, delivered) in [
            ("success", Delivered::Success),
            ("Success", Delivered::Success),
            ("failed:user block", Delivered::UserBlocked),
            ("failed: user block", Delivered::UserBlocked),
            ("failed:system failed", Delivered::Failed),
            ("failed: system failed", Delivered::Failed),
            ("failed", Delivered::Failed),
            ("later", Delivered::Unknown),
            ("", Delivered::Unknown),
        ] {
            assert_eq!(receipt(&format!("<Status>{status}</Status>")).delivered, delivered, "{status}");
        }
    }

    #[test]
    fn a_message_id_of_19_digits_stays_exact_and_none_is_0() {
        assert_eq!(receipt("<MsgID>3662956322040938501</MsgID>").msgid, 3_662_956_322_040_938_501);
        assert_eq!(receipt("<MsgId>7</MsgId>").msgid, 7);
        for none in ["", "<MsgID>0</MsgID>", "<MsgID>x</MsgID>", "<MsgID/>"] {
            assert_eq!(receipt(none).msgid, 0, "{none}");
        }
    }
}
