//! Counts what became of rings. Plain numbers, since start; exporting them is another's business.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since the bell was made. `rung` and `dropped` count job ids, all others messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BellStats {
    /// Ids handed to the bell.
    pub rung: u64,
    /// Ids given up before they were published: no room, queue full a moment ago, shutting down.
    pub dropped: u64,
    /// Messages that the queue has taken.
    pub confirmed: u64,
    /// Messages returned because no queue is bound for their kind.
    pub unroutable: u64,
    /// Messages refused by a full queue.
    pub refused: u64,
    /// Messages sent on a channel without publisher confirms; fate unknown.
    pub confirms_off: u64,
    /// Messages whose connection or channel ended before their confirm came; fate unknown.
    pub broker_errors: u64,
    /// Messages whose confirm did not come in time; fate unknown.
    pub confirm_timeouts: u64,
    /// Messages too large to publish, or with a name that AMQP cannot carry.
    pub unsendable: u64,
}

/// Which number of [`BellStats`] to raise.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    Rung,
    Dropped,
    Confirmed,
    Unroutable,
    Refused,
    ConfirmsOff,
    BrokerErrors,
    ConfirmTimeouts,
    Unsendable,
}

#[derive(Debug, Default)]
pub(crate) struct Counters([AtomicU64; Count::Unsendable as usize + 1]);

impl Counters {
    pub(crate) fn add(&self, count: Count, by: usize) {
        self.0[count as usize].fetch_add(by as u64, Ordering::Relaxed);
    }

    pub(crate) fn snapshot(&self) -> BellStats {
        let read = |count: Count| self.0[count as usize].load(Ordering::Relaxed);
        BellStats {
            rung: read(Count::Rung),
            dropped: read(Count::Dropped),
            confirmed: read(Count::Confirmed),
            unroutable: read(Count::Unroutable),
            refused: read(Count::Refused),
            confirms_off: read(Count::ConfirmsOff),
            broker_errors: read(Count::BrokerErrors),
            confirm_timeouts: read(Count::ConfirmTimeouts),
            unsendable: read(Count::Unsendable),
        }
    }
}
