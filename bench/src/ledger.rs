//! Follows every request of the load from its sending over the answer and the message at WeChat to
//! its callback. All sides of the load write here, in whatever order the events come.

use std::ops::Range;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// What is known of one request. Times count from the ledger's start.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// When it was due to be sent: its latencies count from here.
    pub due: Duration,
    /// What became of the request itself.
    pub answer: Answer,
    /// Messages that reached WeChat.
    pub messages: u32,
    /// When the first callback came.
    pub called_back: Option<Duration>,
    /// Callbacks, all of which should be one.
    pub callbacks: u32,
    /// The send ID in the callback.
    pub callback_id: Option<u64>,
    /// A callback told of something else than success.
    pub failed: bool,
    /// The signature of a callback: whether it was right, `None` when it was not looked at.
    pub signature: Option<bool>,
}

/// What the gateway said to a request.
#[derive(Clone, Debug, Default)]
pub enum Answer {
    /// Nothing yet, or nothing at all.
    #[default]
    None,
    /// It was accepted.
    Accepted {
        /// When the answer was read.
        at: Duration,
        /// The send ID.
        id: u64,
    },
    /// It was refused, in these words.
    Refused(String),
}

/// What a callback said.
#[derive(Clone, Copy, Debug)]
pub struct Callback {
    /// The send ID.
    pub id: Option<u64>,
    /// Whether it told of success.
    pub succeeded: bool,
    /// Whether its signature was right; `None`: not looked at.
    pub signature: Option<bool>,
}

impl Entry {
    /// The answer's time and the send ID, if the request was accepted.
    #[must_use]
    pub fn accepted(&self) -> Option<(Duration, u64)> {
        match self.answer {
            Answer::Accepted { at, id } => Some((at, id)),
            Answer::None | Answer::Refused(_) => None,
        }
    }

    fn is_open(&self) -> bool {
        self.accepted().is_some() && self.called_back.is_none()
    }
}

/// All requests of one run, numbered from 0.
#[derive(Debug)]
pub struct Ledger {
    started: Instant,
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    entries: Vec<Entry>,
    open: usize,
    callbacks: u64,
    strays: u64,
    retried: u64,
    messages: u64,
    backlog: u64,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { started: Instant::now(), book: Mutex::default() }
    }
}

impl Ledger {
    /// Opens the entry of a request that is due at `due`, and returns its number.
    pub fn begin(&self, due: Instant) -> u64 {
        let mut book = self.book.lock();
        book.entries.push(Entry { due: due.duration_since(self.started), ..Entry::default() });
        book.entries.len() as u64 - 1
    }

    /// The request was accepted with this send ID.
    pub fn accepted(&self, number: u64, id: u64) {
        let at = self.started.elapsed();
        self.change(number, |entry| entry.answer = Answer::Accepted { at, id });
    }

    /// The request was refused.
    pub fn refused(&self, number: u64, reason: String) {
        self.change(number, |entry| entry.answer = Answer::Refused(reason));
    }

    /// The request's connection broke and it was sent again, unchanged.
    pub fn retried(&self) {
        self.book.lock().retried += 1;
    }

    /// A message of the backlog reached WeChat.
    pub fn backlog_messaged(&self) {
        let mut book = self.book.lock();
        book.backlog += 1;
        book.messages += 1;
    }

    /// Messages of the backlog that reached WeChat.
    #[must_use]
    pub fn backlog_sent(&self) -> u64 {
        self.book.lock().backlog
    }

    /// All messages that reached WeChat.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.book.lock().messages
    }

    /// A message for this request reached WeChat.
    pub fn messaged(&self, number: u64) {
        self.book.lock().messages += 1;
        self.change(number, |entry| entry.messages += 1);
    }

    /// A callback for this request came.
    pub fn called_back(&self, number: u64, callback: Callback) {
        let at = self.started.elapsed();
        self.book.lock().callbacks += 1;
        self.change(number, |entry| {
            entry.called_back.get_or_insert(at);
            entry.callbacks += 1;
            entry.callback_id = callback.id;
            entry.failed |= !callback.succeeded;
            entry.signature = [entry.signature, callback.signature].into_iter().flatten().min();
        });
    }

    /// A message or callback came that belongs to no request of this ledger.
    pub fn stray(&self) {
        self.book.lock().strays += 1;
    }

    /// How many accepted requests were not called back yet.
    pub fn open(&self) -> usize {
        self.book.lock().open
    }

    /// How many callbacks came, repeated ones too.
    pub fn callbacks(&self) -> u64 {
        self.book.lock().callbacks
    }

    /// How many messages and callbacks belonged to no request.
    pub fn strays(&self) -> u64 {
        self.book.lock().strays
    }

    /// How many times a request had to be sent again.
    pub fn retries(&self) -> u64 {
        self.book.lock().retried
    }

    /// The number the next request will have.
    pub fn next_number(&self) -> usize {
        self.book.lock().entries.len()
    }

    /// A copy of these entries, as they stand.
    pub fn entries(&self, numbers: Range<usize>) -> Vec<Entry> {
        self.book.lock().entries[numbers].to_vec()
    }

    /// Time since the ledger's start.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn change(&self, number: u64, change: impl FnOnce(&mut Entry)) {
        let mut book = self.book.lock();
        let Some(entry) = usize::try_from(number).ok().and_then(|number| book.entries.get_mut(number)) else {
            book.strays += 1;
            return;
        };
        let was_open = entry.is_open();
        change(entry);
        let is_open = entry.is_open();
        book.open = book.open + usize::from(is_open) - usize::from(was_open);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Callback = Callback { id: Some(9), succeeded: true, signature: Some(true) };

    #[test]
    fn a_request_is_open_from_its_acceptance_to_its_callback() {
        let ledger = Ledger::default();
        let number = ledger.begin(Instant::now());
        assert_eq!(ledger.open(), 0);
        ledger.accepted(number, 9);
        assert_eq!(ledger.open(), 1);
        ledger.called_back(number, GOOD);
        ledger.called_back(number, GOOD);
        assert_eq!((ledger.open(), ledger.entries(0..1)[0].callbacks), (0, 2));
    }

    #[test]
    fn a_callback_may_overtake_the_answer() {
        let ledger = Ledger::default();
        let number = ledger.begin(Instant::now());
        ledger.called_back(number, GOOD);
        ledger.accepted(number, 9);
        assert_eq!(ledger.open(), 0);
    }

    #[test]
    fn one_wrong_signature_is_remembered() {
        let ledger = Ledger::default();
        let number = ledger.begin(Instant::now());
        ledger.called_back(number, Callback { signature: Some(false), ..GOOD });
        ledger.called_back(number, GOOD);
        assert_eq!(ledger.entries(0..1)[0].signature, Some(false));
    }

    #[test]
    fn unknown_numbers_are_strays() {
        let ledger = Ledger::default();
        ledger.messaged(3);
        ledger.called_back(4, GOOD);
        assert_eq!(ledger.strays(), 2);
    }
}
