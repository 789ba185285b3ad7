//! What can happen to a call, and when.

use serde::{Deserialize, Serialize};

use super::spot::Spot;

/// When a fault comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Instead of the effect (a delay: ahead of it).
    Before,
    /// After the effect: the message was sent, the token issued, and only the answer suffers.
    After,
}

/// What happens to a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// This errcode is answered.
    Errcode(i64),
    /// This HTTP status is answered, with a page of HTML.
    Status(u16),
    /// An empty 200 of `text/html` is answered.
    Empty,
    /// The right answer, labelled `text/plain`. After the effect only.
    TextPlain,
    /// The call or its answer is held up so many milliseconds of real time.
    DelayMs(u64),
    /// The connection is closed without a byte of answer.
    Drop,
    /// The connection is closed in the middle of the right answer's body. After the effect only.
    Half,
    /// Nothing is ever answered; the connection stays open until the client gives up.
    Hang,
    /// All tokens of the app become invalid at once, without overlap, as when another process
    /// fetched new ones; then (or, with [`When::After`], before that) the call goes its way.
    Rotate,
    /// The right answer, with something in one of its texts that strict parsers refuse. After the
    /// effect only.
    Garble(Garbage),
    /// The right answer's body again and again, without end and without a `Content-Length`. After the
    /// effect only.
    Endless,
    /// The right answer's body again and again, up to so many bytes, which the `Content-Length` says.
    /// After the effect only.
    Inflate(u64),
    /// The right answer, whose `Content-Length` says so many bytes: when that is more than there is,
    /// the connection is closed after the last one. After the effect only.
    ClaimLength(u64),
    /// The right answer, so many bytes of its body a second. After the effect only.
    BytesPerS(u32),
    /// Upyun's notify comes twice.
    Twice,
    /// Upyun's notify is signed with a wrong password.
    Forge,
}

/// What strict parsers refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Garbage {
    /// A raw control character.
    Control,
    /// A byte that is no UTF-8.
    Utf8,
}

impl Fault {
    /// Whether it needs the right answer to work on.
    pub(super) fn distorts_the_answer(&self) -> bool {
        matches!(
            self,
            Self::TextPlain
                | Self::Half
                | Self::Garble(_)
                | Self::Endless
                | Self::Inflate(_)
                | Self::ClaimLength(_)
                | Self::BytesPerS(_)
        )
    }

    /// Whether it can happen there; none is any call to WeChat.
    pub(super) fn can_strike(&self, spot: Option<Spot>) -> bool {
        match spot {
            None => !matches!(self, Self::Twice | Self::Forge),
            Some(Spot::Task) => matches!(self, Self::Status(_) | Self::DelayMs(_) | Self::Hang),
            Some(Spot::Notify) => matches!(self, Self::DelayMs(_) | Self::Drop | Self::Twice | Self::Forge),
            Some(_) => !matches!(self, Self::Rotate | Self::Twice | Self::Forge),
        }
    }
}
