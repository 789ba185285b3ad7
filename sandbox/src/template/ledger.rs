//! The messages that reached a user, and the `client_msg_id`s that keep one from reaching him twice.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use parking_lot::Mutex;

use super::message::{Kept, Message};
use super::request::Send;
use crate::bounded::{BoundedLog, Page};
use crate::clock::Moment;
use crate::errcode::Refusal;

/// For this long one openid gets only one message with a `client_msg_id` (documented: 10 minutes).
const REMEMBERED_MS: i64 = 600_000;
/// Ids remembered at most, the newest: over 1,600 sends a second for the whole ten minutes.
const MOST_IDS: usize = 1_000_000;

/// What became of a send.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Posted {
    /// It reached the user.
    New { msgid: u64 },
    /// It did not, since a message with this id had, which has this `msgid`.
    Repeat { first: u64 },
}

#[derive(Debug)]
struct First {
    number: u64,
    msgid: u64,
}

#[derive(Debug)]
struct Pages {
    log: BoundedLog<Kept>,
    next_msgid: u64,
    firsts: HashMap<Arc<str>, First>,
    lapsing: VecDeque<(Moment, Arc<str>)>,
    repeats: u64,
}

/// All messages of all apps.
#[derive(Debug)]
pub(crate) struct Ledger(Mutex<Pages>);

impl Ledger {
    /// Keeps the newest `keep` messages and counts ids from `first_msgid`.
    pub(crate) fn new(keep: usize, first_msgid: u64) -> Self {
        Self(Mutex::new(Pages {
            log: BoundedLog::new(keep),
            next_msgid: first_msgid,
            firsts: HashMap::new(),
            lapsing: VecDeque::new(),
            repeats: 0,
        }))
    }

    /// Sends a message, unless one with its `client_msg_id` went to this user before or `may_send`
    /// refuses. Two sends at once with one id: exactly one goes out.
    pub(super) fn post(
        &self,
        app: &Arc<str>,
        send: &Send,
        now: Moment,
        may_send: impl FnOnce() -> Result<(), Refusal>,
    ) -> Result<Posted, Refusal> {
        let key = send.client_msg_id.as_ref().map(|id| format!("{app}\n{}\n{id}", send.touser));
        let mut pages = self.0.lock();
        pages.forget_lapsed(now);
        if let Some(first) = key.as_ref().and_then(|key| pages.repeat_of(key)) {
            return Ok(Posted::Repeat { first });
        }
        may_send()?;
        Ok(Posted::New { msgid: pages.send(app, send, now, key) })
    }

    /// The newest messages that a filter lets through.
    pub(crate) fn select(&self, limit: usize, keep: impl Fn(&Kept) -> bool) -> Page<Message> {
        let page = self.0.lock().log.select(limit, keep);
        page.map(Message::from)
    }

    /// How many messages reached users, and how many repeats did not.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let pages = self.0.lock();
        (pages.log.next_number() - 1, pages.repeats)
    }
}

impl Pages {
    fn forget_lapsed(&mut self, now: Moment) {
        while let Some((lapses, key)) = self.lapsing.front() {
            if *lapses > now && self.lapsing.len() <= MOST_IDS {
                return;
            }
            self.firsts.remove(key);
            self.lapsing.pop_front();
        }
    }

    fn repeat_of(&mut self, key: &str) -> Option<u64> {
        let First { number, msgid } = *self.firsts.get(key)?;
        self.log.amend(number, |message| message.repeats += 1);
        self.repeats += 1;
        Some(msgid)
    }

    fn send(&mut self, app: &Arc<str>, send: &Send, now: Moment, key: Option<String>) -> u64 {
        let msgid = self.next_msgid;
        self.next_msgid += 1;
        let number = self.log.next_number();
        self.log.push(Kept::new(number, app, send, now, msgid));
        if let Some(key) = key {
            let key = Arc::<str>::from(key);
            self.lapsing.push_back((now + REMEMBERED_MS, Arc::clone(&key)));
            self.firsts.insert(key, First { number, msgid });
        }
        msgid
    }
}
