//! Receipts: what WeChat tells later of a message's delivery.

use wxgate_job::Doorbell;

/// What WeChat tells of a template message's delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The app that sent.
    pub app: String,
    /// Whom it was sent to.
    pub openid: String,
    /// WeChat's message id; 0 when it told none.
    pub msgid: i64,
    /// What became of it.
    pub delivery: Delivery,
    /// The digest of the push that told it: WeChat may post the same again.
    pub push: [u8; 16],
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It arrived.
    Success,
    /// The user refuses messages.
    UserBlocked,
    /// It did not arrive for another reason.
    SystemFailed,
    /// Nobody said.
    Unknown,
}

impl Delivery {
    /// The member of a send's result that holds it; null as long as nobody said.
    pub const MEMBER: &str = "delivery";

    /// As callers read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::UserBlocked => "user_blocked",
            Self::SystemFailed => "system_failed",
            Self::Unknown => "unknown",
        }
    }

    /// Reads what [`Self::as_str`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Success, Self::UserBlocked, Self::SystemFailed, Self::Unknown]
            .into_iter()
            .find(|delivery| delivery.as_str() == text)
    }
}

/// What became of a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// Joined to a send that had ended.
    Joined,
    /// Joined to a send that waits for it, which is due now.
    Woke(Doorbell),
    /// No send is known that it belongs to, so far.
    Kept,
    /// It had come before.
    Repeated,
}
