//! Follows the jobs that a killed process held, until somebody has claimed them anew.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::books::{Books, Held};
use crate::inflict::Happened;
use crate::party::Party;
use crate::pulse::Pulse;

/// A killed process' jobs run again within this.
pub const LIMIT: Duration = Duration::from_secs(15);
/// Or within this after what kept every worker from them has ended: the database, the way there, or
/// the workers themselves were struck.
pub const LIMIT_WHEN_HINDERED: Duration = Duration::from_mins(1);
/// How often is looked.
const LOOK: Duration = Duration::from_millis(200);
/// Nobody follows longer than that; it counts as never.
const GIVE_UP: Duration = Duration::from_mins(5);

/// The jobs of one killed process.
#[derive(Clone, Debug)]
pub struct Rescue {
    /// Who was killed.
    pub party: Party,
    /// When.
    pub killed: Instant,
    /// What it held.
    pub jobs: Vec<i64>,
    /// When the last of them was in other hands.
    pub rescued: Instant,
    /// Those that never were.
    pub left: Vec<i64>,
    /// By how much the machine was late meanwhile, which lengthens the limit.
    pub late: Duration,
}

/// All that were killed.
#[derive(Debug)]
pub struct Rescues {
    books: Books,
    pulse: Arc<Pulse>,
    following: Mutex<JoinSet<Rescue>>,
}

impl Rescues {
    /// None yet.
    #[must_use]
    pub fn new(books: Books) -> Self {
        Self { books, pulse: Arc::new(Pulse::start()), following: Mutex::default() }
    }

    /// Follows what the process with this id held, which was just killed.
    pub fn follow(&self, party: Party, pid: u32) {
        self.following.lock().spawn(follow(self.books.clone(), Arc::clone(&self.pulse), party, pid));
    }

    /// All of them, those without jobs left out. Waits until each has its end.
    pub async fn all(&self) -> Vec<Rescue> {
        let following = std::mem::take(&mut *self.following.lock());
        let rescues = following.join_all().await;
        rescues.into_iter().filter(|rescue| !rescue.jobs.is_empty()).collect()
    }
}

async fn follow(books: Books, pulse: Arc<Pulse>, party: Party, pid: u32) -> Rescue {
    let killed = Instant::now();
    let mut held = None;
    while killed.elapsed() < GIVE_UP {
        // While the database does not answer nobody rescues either.
        match look(&books, pid, held.as_deref()).await {
            Ok(now) if held.is_none() => held = Some(now),
            Ok(now) if now.is_empty() => break,
            _ => sleep(LOOK).await,
        }
        if held.as_ref().is_some_and(Vec::is_empty) {
            break;
        }
    }
    let rescued = Instant::now();
    let held = held.unwrap_or_default();
    let left = if held.is_empty() { Vec::new() } else { books.still_held(&held).await.unwrap_or_default() };
    let ids = |held: &[Held]| held.iter().map(|held| held.job).collect();
    let late = pulse.late_between(killed, rescued);
    Rescue { party, killed, jobs: ids(&held), rescued, left: ids(&left), late }
}

async fn look(books: &Books, pid: u32, held: Option<&[Held]>) -> anyhow::Result<Vec<Held>> {
    match held {
        None => books.held_by(pid).await,
        Some(held) => books.still_held(held).await,
    }
}

impl Rescue {
    /// How long it took.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.rescued - self.killed
    }

    /// When the last of the other faults had ended that kept workers from it, if they kept every one;
    /// the killed worker counts as one, since it is started anew.
    #[must_use]
    pub fn hindered_until(&self, happened: &[Happened]) -> Option<Instant> {
        let meanwhile: Vec<&Happened> = happened
            .iter()
            .filter(|other| other.from < self.rescued && other.until.is_none_or(|until| until > self.killed))
            .filter(|other| !self.is_own(other))
            .collect();
        let ends = Party::fellows(self.party).into_iter().map(|worker| {
            let keeps = meanwhile.iter().filter(|other| other.fault.keeps_from_rescuing(worker));
            keeps.map(|other| other.until.unwrap_or(self.rescued)).max()
        });
        ends.collect::<Option<Vec<_>>>()?.into_iter().max()
    }

    /// Whether it came in time.
    #[must_use]
    pub fn is_in_time(&self, happened: &[Happened]) -> bool {
        self.left.is_empty()
            && match self.hindered_until(happened) {
                None => self.took() <= LIMIT + self.late,
                Some(until) => self.rescued <= until.max(self.killed) + LIMIT_WHEN_HINDERED + self.late,
            }
    }

    /// Whether that is the very kill.
    fn is_own(&self, other: &Happened) -> bool {
        let kill = crate::fault::Fault::Kill(self.party);
        other.fault == kill && other.from.max(self.killed) - other.from.min(self.killed) < LOOK
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;

    fn rescue(killed: Instant, took_s: u64) -> Rescue {
        let rescued = killed + Duration::from_secs(took_s);
        let late = Duration::ZERO;
        Rescue { party: Party::Worker(1), killed, jobs: vec![1], rescued, left: Vec::new(), late }
    }

    #[test]
    fn fifteen_seconds_hold_unless_something_else_was_down_too() {
        let killed = Instant::now() + Duration::from_mins(1);
        let until = Some(killed + Duration::from_secs(10));
        let happened = |fault, from| Happened { fault, from, until, struck: true };
        let own = happened(Fault::Kill(Party::Worker(1)), killed);
        assert!(rescue(killed, 14).is_in_time(&[own]));
        assert!(!rescue(killed, 16).is_in_time(&[own]));
        let database = happened(Fault::Freeze(Party::Postgres), killed);
        assert!(rescue(killed, 60).is_in_time(&[own, database]));
        assert!(!rescue(killed, 71).is_in_time(&[own, database]));
        let broker = happened(Fault::Freeze(Party::RabbitMq), killed);
        assert!(!rescue(killed, 16).is_in_time(&[own, broker]));
        let other = happened(Fault::Freeze(Party::Worker(2)), killed);
        assert!(!rescue(killed, 16).is_in_time(&[own, other]), "the killed one was started anew");
        let again = happened(Fault::Kill(Party::Worker(1)), killed + Duration::from_secs(5));
        assert!(rescue(killed, 16).is_in_time(&[own, other, again]));
    }

    #[test]
    fn a_late_machine_has_so_much_longer() {
        let late = Rescue { late: Duration::from_secs(2), ..rescue(Instant::now(), 16) };
        assert!(late.is_in_time(&[]));
        assert!(!Rescue { late: Duration::from_millis(900), ..late }.is_in_time(&[]));
    }

    #[test]
    fn what_is_left_is_never_in_time() {
        let killed = Instant::now();
        let rescue = Rescue { left: vec![1], ..rescue(killed, 1) };
        assert!(!rescue.is_in_time(&[]));
    }
}
