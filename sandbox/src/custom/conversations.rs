//! What passed between apps and users: messages that arrived, when users last made contact, and who
//! sees 'typing'.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use serde::Serialize;

use super::request::Message;
use super::window::{Contact, Window};
use crate::bounded::{BoundedLog, Entry, Page};
use crate::clock::Moment;
use crate::errcode::{OUT_OF_TIME, Refusal};

/// How long 'typing' is shown. Not documented; clients of other messengers show it so long.
const TYPING_MS: i64 = 15_000;
/// Users remembered at once, for windows and for 'typing'.
const MOST_USERS: usize = 100_000;

/// A customer-service message that reached a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CustomMessage {
    /// Its number, from 1.
    pub number: u64,
    /// When, in Unix milliseconds of the sandbox's clock.
    pub at_ms: i64,
    /// The app that sent it.
    pub app: String,
    /// The user's openid.
    pub touser: String,
    /// Its kind.
    pub msgtype: String,
    /// The body as it came, byte for byte.
    pub body: String,
}

/// The same as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) app: Arc<str>,
    pub(crate) at_ms: Moment,
    pub(crate) touser: Box<str>,
    number: u64,
    msgtype: Box<str>,
    body: Bytes,
}

impl Entry for Kept {
    fn weight(&self) -> usize {
        size_of::<Self>() + self.touser.len() + self.msgtype.len() + self.body.len()
    }
}

impl From<Kept> for CustomMessage {
    fn from(kept: Kept) -> Self {
        Self {
            number: kept.number,
            at_ms: kept.at_ms,
            app: kept.app.to_string(),
            touser: kept.touser.into(),
            msgtype: kept.msgtype.into(),
            // It was read as JSON, which is UTF-8.
            body: String::from_utf8_lossy(&kept.body).into_owned(),
        }
    }
}

type User = (Arc<str>, String);

#[derive(Debug)]
struct Inner {
    log: BoundedLog<Kept>,
    windows: HashMap<User, Window>,
    typing: HashMap<User, Moment>,
}

/// All conversations of all apps.
#[derive(Debug)]
pub(crate) struct Conversations(Mutex<Inner>);

impl Conversations {
    /// Keeps the newest `keep` messages.
    pub(crate) fn new(keep: usize) -> Self {
        let log = BoundedLog::new(keep);
        Self(Mutex::new(Inner { log, windows: HashMap::new(), typing: HashMap::new() }))
    }

    pub(super) fn deliver(&self, app: &Arc<str>, message: &Message<'_>, body: &Bytes, now: Moment) {
        let mut inner = self.0.lock();
        inner.typing.remove(&user(app, message.touser));
        let number = inner.log.next_number();
        inner.log.push(Kept {
            app: Arc::clone(app),
            at_ms: now,
            touser: message.touser.into(),
            number,
            msgtype: message.msgtype.into(),
            body: body.clone(),
        });
    }

    /// Takes one of the answers that the user's last contact allows.
    pub(super) fn spend(&self, app: &Arc<str>, openid: &str, now: Moment) -> Result<(), Refusal> {
        let mut inner = self.0.lock();
        inner.windows.get_mut(&user(app, openid)).ok_or(OUT_OF_TIME)?.spend(now)
    }

    /// A user did something that lets the app answer.
    pub(crate) fn contact(&self, app: &Arc<str>, openid: &str, contact: Contact, now: Moment) {
        let mut inner = self.0.lock();
        if inner.windows.len() >= MOST_USERS {
            inner.windows.retain(|_, window| !window.is_over(now));
        }
        if inner.windows.len() < MOST_USERS {
            inner.windows.insert(user(app, openid), Window::open(contact, now));
        }
    }

    pub(super) fn is_talking(&self, app: &Arc<str>, openid: &str, now: Moment) -> bool {
        self.0.lock().windows.get(&user(app, openid)).is_some_and(|window| window.is_talking(now))
    }

    /// False when the mark is shown already.
    pub(super) fn begin_typing(&self, app: &Arc<str>, openid: &str, now: Moment) -> bool {
        let mut inner = self.0.lock();
        inner.typing.retain(|_, ends| *ends > now);
        if inner.typing.len() >= MOST_USERS {
            return true;
        }
        inner.typing.insert(user(app, openid), now + TYPING_MS).is_none()
    }

    pub(super) fn end_typing(&self, app: &Arc<str>, openid: &str) {
        self.0.lock().typing.remove(&user(app, openid));
    }

    /// The newest messages that a filter lets through.
    pub(crate) fn select(&self, limit: usize, keep: impl Fn(&Kept) -> bool) -> Page<CustomMessage> {
        let page = self.0.lock().log.select(limit, keep);
        page.map(CustomMessage::from)
    }
}

fn user(app: &Arc<str>, openid: &str) -> User {
    (Arc::clone(app), openid.to_owned())
}
