//! The event `TEMPLATESENDJOBFINISH`, which tells what became of a template message.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::address::destination;
use super::order::head;
use super::sealed::{Letter, Manner};
use super::xml::document;
use crate::apps::App;
use crate::refused::Refused;
use crate::session::Session;

const EVENT: &str = "TEMPLATESENDJOBFINISH";
/// Real time until the event goes out unless set otherwise: it comes after the send's answer then.
const USUAL_DELAY_MS: u64 = 200;
/// The event goes out so often at most, and so late.
const MOST_TIMES: u32 = 10;
const LONGEST_DELAY_MS: u64 = 3_600_000;

/// How an app is told what became of its template messages, when it has an address for pushes.
/// Whatever is left out has WeChat's usual way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Receipts {
    /// What the event says.
    pub status: ReceiptStatus,
    /// Real time from the send to the event, in milliseconds; 200.
    pub delay_ms: u64,
    /// The send is answered only when the event was answered.
    pub before_answer: bool,
    /// So many events for one message: 1; 0: none ever.
    pub times: u32,
    /// The event says `MsgID` 0, which was seen with `client_msg_id`.
    pub zero_msgid: bool,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptStatus {
    /// `success`.
    #[default]
    Success,
    /// `failed:user block`.
    UserBlocked,
    /// `failed: system failed`, with a blank.
    SystemFailed,
}

impl Default for Receipts {
    fn default() -> Self {
        Self {
            status: ReceiptStatus::Success,
            delay_ms: USUAL_DELAY_MS,
            before_answer: false,
            times: 1,
            zero_msgid: false,
        }
    }
}

impl Receipts {
    pub(crate) fn check(&self) -> Result<(), Refused> {
        let is_sound = self.times <= MOST_TIMES && self.delay_ms <= LONGEST_DELAY_MS;
        let sentence = "receipts: times is 10 and delay_ms an hour at most";
        if is_sound { Ok(()) } else { Err(Refused::script(sentence)) }
    }
}

impl ReceiptStatus {
    fn text(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::UserBlocked => "failed:user block",
            Self::SystemFailed => "failed: system failed",
        }
    }
}

/// Lets the events of a message that went out go, if the app has an address for them. Answers the
/// number of the one that has to end before the send is answered.
pub(crate) fn tell(session: &Session<'_>, app: &App, openid: &str, msgid: u64) -> Option<u64> {
    let receipts = app.receipts;
    let address = destination(session.state, app).filter(|_| receipts.times > 0)?;
    let mut elements = head(app, openid, session.now_s());
    let msgid = if receipts.zero_msgid { 0 } else { msgid };
    let rest: [(&str, Value); 4] = [
        ("MsgType", "event".into()),
        ("Event", EVENT.into()),
        ("MsgID", msgid.into()),
        ("Status", receipts.status.text().into()),
    ];
    elements.extend(rest.map(|(name, value)| (name.to_owned(), value)));
    let letter = Letter {
        app: app.app_id.clone(),
        what: EVENT.to_owned(),
        openid: Some(openid.to_owned()),
        xml: document(&elements),
    };
    let manner = Manner { delay_ms: receipts.delay_ms, ..Manner::default() };
    let push = |_| session.state.pushes.push(session.state, letter.clone(), &address, manner.clone());
    (0..receipts.times).map(push).last().filter(|_| receipts.before_answer)
}
