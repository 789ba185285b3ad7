//! The proof of a run: whether every accepted request was sent to WeChat once and called back once.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::ledger::{Answer, Entry, Ledger};

/// The counts. All but the first five should be 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Requests sent.
    pub sent: u64,
    /// Requests accepted.
    pub accepted: u64,
    /// Accepted requests that were called back.
    pub called_back: u64,
    /// Callbacks whose signature was checked and right.
    pub verified: u64,
    /// Requests sent again, unchanged, since their connection broke.
    pub retried: u64,
    /// Requests refused, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Requests that were never answered, however often they were repeated.
    pub unanswered: u64,
    /// Accepted requests without a callback.
    pub lost: u64,
    /// Accepted requests WeChat never saw.
    pub unsent: u64,
    /// Requests WeChat saw more than once.
    pub sent_twice: u64,
    /// Requests called back more than once.
    pub called_back_twice: u64,
    /// Callbacks that tell another send ID than the answer did.
    pub wrong_ids: u64,
    /// Callbacks that tell of a failure, although WeChat took every message.
    pub failed: u64,
    /// Callbacks whose signature was checked and wrong.
    pub bad_signatures: u64,
    /// Messages and callbacks that belong to no request.
    pub strays: u64,
}

impl Tally {
    /// Counts the whole ledger from request number `first` on.
    #[must_use]
    pub fn of(ledger: &Ledger, first: usize) -> Self {
        let mut tally = Self { strays: ledger.strays(), retried: ledger.retries(), ..Self::default() };
        for entry in ledger.entries(first..ledger.next_number()) {
            tally.add(&entry);
        }
        tally
    }

    /// Whether every request was accepted, every accepted one went through exactly once, and every
    /// signature that was looked at was right.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let good = Self {
            sent: self.sent,
            accepted: self.sent,
            called_back: self.sent,
            verified: self.verified,
            retried: self.retried,
            ..Self::default()
        };
        self.sent > 0 && *self == good
    }

    fn add(&mut self, entry: &Entry) {
        self.sent += 1;
        match &entry.answer {
            Answer::None => self.unanswered += 1,
            Answer::Refused(reason) => *self.refused.entry(reason.clone()).or_default() += 1,
            Answer::Accepted { id, .. } => self.add_accepted(entry, *id),
        }
        self.sent_twice += u64::from(entry.messages > 1);
        self.called_back_twice += u64::from(entry.callbacks > 1);
        self.failed += u64::from(entry.failed);
        self.verified += u64::from(entry.signature == Some(true));
        self.bad_signatures += u64::from(entry.signature == Some(false));
    }

    fn add_accepted(&mut self, entry: &Entry, id: u64) {
        self.accepted += 1;
        self.unsent += u64::from(entry.messages == 0);
        if entry.called_back.is_some() {
            self.called_back += 1;
            self.wrong_ids += u64::from(entry.callback_id != Some(id));
        } else {
            self.lost += 1;
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} sent, {} accepted, {} called back, {} callback signatures verified",
            self.sent, self.accepted, self.called_back, self.verified
        )?;
        for (count, what) in [
            (self.retried, "repeated after a broken connection"),
            (self.unanswered, "never answered"),
            (self.lost, "LOST: accepted, not called back"),
            (self.unsent, "accepted, not seen by WeChat"),
            (self.sent_twice, "seen by WeChat more than once"),
            (self.called_back_twice, "called back more than once"),
            (self.wrong_ids, "called back under another send ID"),
            (self.failed, "called back as failed"),
            (self.bad_signatures, "called back with a wrong signature"),
            (self.strays, "messages or callbacks of no request"),
        ] {
            if count > 0 {
                write!(f, "; {count} {what}")?;
            }
        }
        self.refused.iter().try_for_each(|(reason, count)| write!(f, "; {count} refused: {reason}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Callback;
    use std::time::Instant;

    const GOOD: Callback = Callback { id: Some(5), succeeded: true, signature: Some(true) };

    /// The tally of one request that was accepted as 5 and then met `fate`.
    fn after(fate: impl FnOnce(&Ledger, u64)) -> Tally {
        let ledger = Ledger::default();
        let number = ledger.begin(Instant::now());
        ledger.accepted(number, 5);
        fate(&ledger, number);
        Tally::of(&ledger, 0)
    }

    fn well(ledger: &Ledger, number: u64) {
        ledger.messaged(number);
        ledger.called_back(number, GOOD);
    }

    #[test]
    fn one_message_and_one_callback_are_clean() {
        let tally = after(well);
        assert!(tally.is_clean(), "{tally}");
        assert_eq!((tally.accepted, tally.called_back, tally.verified), (1, 1, 1));
    }

    #[test]
    fn whatever_is_missing_doubled_or_wrong_is_not() {
        type Fate = fn(&Ledger, u64);
        let fates: [(&str, Fate); 7] = [
            ("LOST", |ledger, n| ledger.messaged(n)),
            ("not seen by WeChat", |ledger, n| ledger.called_back(n, GOOD)),
            ("seen by WeChat more than once", |ledger, n| {
                well(ledger, n);
                ledger.messaged(n);
            }),
            ("called back more than once", |ledger, n| {
                well(ledger, n);
                ledger.called_back(n, GOOD);
            }),
            ("another send ID", |ledger, n| {
                ledger.messaged(n);
                ledger.called_back(n, Callback { id: Some(6), ..GOOD });
            }),
            ("as failed", |ledger, n| {
                ledger.messaged(n);
                ledger.called_back(n, Callback { succeeded: false, ..GOOD });
            }),
            ("wrong signature", |ledger, n| {
                ledger.messaged(n);
                ledger.called_back(n, Callback { signature: Some(false), ..GOOD });
            }),
        ];
        for (says, fate) in fates {
            let tally = after(fate);
            assert!(!tally.is_clean(), "{says}");
            assert!(tally.to_string().contains(says), "{says}: {tally}");
        }
    }

    #[test]
    fn refused_and_unanswered_requests_are_not_clean_and_not_lost() {
        let ledger = Ledger::default();
        let refused = ledger.begin(Instant::now());
        ledger.refused(refused, "429 too many".into());
        ledger.begin(Instant::now());
        let tally = Tally::of(&ledger, 0);
        assert_eq!((tally.refused["429 too many"], tally.unanswered, tally.lost), (1, 1, 0));
        assert!(!tally.is_clean());
    }

    #[test]
    fn an_empty_run_proves_nothing() {
        assert!(!Tally::of(&Ledger::default(), 0).is_clean());
    }
}
