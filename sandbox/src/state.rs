//! All that a sandbox knows. Each family of endpoints keeps its own part; a reset replaces the
//! whole, so that nothing can be forgotten in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;
use tokio::sync::watch;

use crate::apps::Accounts;
use crate::calls::CallLog;
use crate::chance::Chance;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::template::Ledger;
use crate::token::Vault;

/// Everything, as it was built up since the start or the last reset.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) chance: Chance,
    pub(crate) accounts: Accounts,
    pub(crate) faults: Faults,
    pub(crate) calls: CallLog,
    pub(crate) vault: Vault,
    pub(crate) ledger: Ledger,
}

impl State {
    fn new(seed: u64, keep: usize) -> Self {
        let chance = Chance::seeded(seed);
        let ledger = Ledger::new(keep, chance.first_msgid());
        Self {
            clock: Clock::default(),
            chance,
            accounts: Accounts::ready_made(),
            faults: Faults::default(),
            calls: CallLog::new(keep),
            vault: Vault::default(),
            ledger,
        }
    }
}

/// The state that the server and every control share.
#[derive(Debug)]
pub(crate) struct Shared {
    state: RwLock<Arc<State>>,
    seed: u64,
    keep: usize,
    resets: AtomicU64,
    /// Changes whenever a call arrives or ends.
    pub(crate) activity: watch::Sender<()>,
}

impl Shared {
    pub(crate) fn new(seed: u64, keep: usize) -> Self {
        Self {
            state: RwLock::new(Arc::new(State::new(seed, keep))),
            seed,
            keep,
            resets: AtomicU64::new(0),
            activity: watch::Sender::new(()),
        }
    }

    /// The state as of now; a call keeps the one that it began with.
    pub(crate) fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read())
    }

    /// Back to the start, with tokens and message ids that were not seen before.
    pub(crate) fn reset(&self) {
        let round = self.resets.fetch_add(1, Ordering::SeqCst) + 1;
        *self.state.write() = Arc::new(State::new(self.seed.wrapping_add(round), self.keep));
        self.activity.send_replace(());
    }
}
