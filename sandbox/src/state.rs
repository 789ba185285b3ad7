//! All that a sandbox knows. Each family of endpoints keeps its own part; a reset replaces the
//! whole, so that nothing can be forgotten in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;
use tokio::sync::watch;

use crate::apps::Accounts;
use crate::calls::CallLog;
use crate::cards::Cards;
use crate::chance::Chance;
use crate::clock::Clock;
use crate::courier::Courier;
use crate::custom::Conversations;
use crate::faults::Faults;
use crate::media::Shelf;
use crate::oauth::Logins;
use crate::platform::Platforms;
use crate::pushes::Pushes;
use crate::qrcode::QrCodes;
use crate::template::Ledger;
use crate::tickets::Tickets;
use crate::token::Vault;
use crate::upyun::Upyun;

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
    pub(crate) tickets: Tickets,
    pub(crate) qrcodes: QrCodes,
    pub(crate) cards: Cards,
    pub(crate) conversations: Conversations,
    pub(crate) logins: Logins,
    pub(crate) platforms: Platforms,
    pub(crate) pushes: Pushes,
    pub(crate) shelf: Shelf,
    pub(crate) upyun: Upyun,
}

impl State {
    fn new(seed: u64, keep: usize, courier: &Courier) -> Self {
        let chance = Chance::seeded(seed);
        let ledger = Ledger::new(keep, chance.first_msgid());
        let clock = Clock::default();
        Self {
            cards: Cards::ready_made(clock.now()),
            clock,
            chance,
            accounts: Accounts::ready_made(),
            faults: Faults::default(),
            calls: CallLog::new(keep),
            vault: Vault::default(),
            ledger,
            tickets: Tickets::default(),
            qrcodes: QrCodes::default(),
            conversations: Conversations::new(keep),
            logins: Logins::default(),
            platforms: Platforms::ready_made(),
            pushes: Pushes::new(courier, keep),
            shelf: Shelf::default(),
            upyun: Upyun::new(keep),
        }
    }
}

/// The state that the server and every control share.
#[derive(Debug)]
pub(crate) struct Shared {
    state: RwLock<Arc<State>>,
    seed: u64,
    keep: usize,
    pub(crate) courier: Courier,
    resets: AtomicU64,
    /// Changes whenever a call or a push arrives or ends.
    pub(crate) activity: watch::Sender<()>,
}

impl Shared {
    /// With what pushes and notifies go out by.
    pub(crate) fn new(seed: u64, keep: usize, courier: Courier) -> Self {
        Self {
            state: RwLock::new(Arc::new(State::new(seed, keep, &courier))),
            seed,
            keep,
            activity: courier.activity(),
            courier,
            resets: AtomicU64::new(0),
        }
    }

    /// The state as of now; a call keeps the one that it began with.
    pub(crate) fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read())
    }

    /// Back to the start, with tokens and message ids that were not seen before.
    pub(crate) fn reset(&self) {
        let round = self.resets.fetch_add(1, Ordering::SeqCst) + 1;
        *self.state.write() = Arc::new(State::new(self.seed.wrapping_add(round), self.keep, &self.courier));
        self.activity.send_replace(());
    }
}
