//! What callers note of their requests.

use std::time::Duration;

use parking_lot::Mutex;

/// What a caller was told in the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing yet, or nothing in all the time that a signature holds.
    #[default]
    None,
    /// Accepted as this job.
    Accepted(i64),
    /// 503 to the first try, which says that nothing was stored; the caller left it at that.
    LeftAfter503,
    /// Refused in words that no fault excuses.
    Refused(String),
}

/// One request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// What became of it.
    pub outcome: Outcome,
    /// How often it was sent, always the same.
    pub tries: u32,
    /// Every id that it was ever answered with.
    pub ids: Vec<i64>,
    /// From the first try to the answer that accepted it.
    pub accepted_after: Option<Duration>,
}

/// All requests of a run, numbered from 0.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<Vec<Note>>);

impl Ledger {
    /// The number of the next request.
    pub fn begin(&self) -> u64 {
        let mut notes = self.0.lock();
        notes.push(Note::default());
        notes.len() as u64 - 1
    }

    /// Changes the note of a request.
    pub fn note(&self, number: u64, change: impl FnOnce(&mut Note)) {
        let mut notes = self.0.lock();
        if let Some(note) = usize::try_from(number).ok().and_then(|index| notes.get_mut(index)) {
            change(note);
        }
    }

    /// All of them as they stand.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        self.0.lock().clone()
    }
}
