//! The two ways of sending: as fast as the connections allow, and at a steady light rate.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::ledger::Ledger;
use crate::request::Caller;
use crate::sender::Sender;

/// Where the load goes, and over how many connections.
#[derive(Clone, Debug)]
pub struct Load {
    /// Who sends.
    pub caller: Arc<Caller>,
    /// Where requests and their fate are noted.
    pub ledger: Arc<Ledger>,
    /// How many connections are kept open.
    pub connections: usize,
}

impl Load {
    /// Every connection sends its next request as soon as the last one was answered, for `time`.
    pub async fn full(&self, time: Duration) {
        let end = Instant::now() + time;
        let mut tasks = JoinSet::new();
        for mut sender in self.senders() {
            let ledger = Arc::clone(&self.ledger);
            tasks.spawn(async move {
                while Instant::now() < end {
                    sender.send(ledger.begin(Instant::now())).await;
                }
            });
        }
        tasks.join_all().await;
    }

    /// Sends `rate` requests a second for `time`, whatever the answers take. A request that finds
    /// all connections busy goes out late, and its latency counts from when it was due.
    pub async fn steady(&self, rate: u32, time: Duration) {
        let schedule = Arc::new(Mutex::new(Schedule::new(rate, time)));
        let mut tasks = JoinSet::new();
        for mut sender in self.senders() {
            let (schedule, ledger) = (Arc::clone(&schedule), Arc::clone(&self.ledger));
            tasks.spawn(async move {
                while let Some(due) = next_due(&schedule).await {
                    sender.send(ledger.begin(due)).await;
                }
            });
        }
        tasks.join_all().await;
    }

    fn senders(&self) -> impl Iterator<Item = Sender> {
        (0..self.connections).map(|_| Sender::new(Arc::clone(&self.caller), Arc::clone(&self.ledger)))
    }
}

/// When requests are due. Whoever is idle waits for the next one.
#[derive(Debug)]
struct Schedule {
    ticks: Interval,
    left: u32,
}

impl Schedule {
    fn new(rate: u32, time: Duration) -> Self {
        let mut ticks = interval(Duration::from_secs(1) / rate.max(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let seconds = u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
        Self { ticks, left: rate.saturating_mul(seconds) }
    }
}

async fn next_due(schedule: &Mutex<Schedule>) -> Option<Instant> {
    let mut schedule = schedule.lock().await;
    schedule.left = schedule.left.checked_sub(1)?;
    Some(schedule.ticks.tick().await.into_std())
}
