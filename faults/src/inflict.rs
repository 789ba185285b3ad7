//! Carries out a schedule: begins each fault at its time, and ends it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use parking_lot::Mutex;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{Instant, sleep, sleep_until};
use wxgate_sandbox::Control;

use crate::disk::Disk;
use crate::fault::{Fault, Target};
use crate::link::Weather;
use crate::party::Party;
use crate::receivers::Mood;
use crate::rescue::Rescues;
use crate::role::Role;
use crate::schedule::Planned;
use crate::site::Site;

/// Lets closed gates be probed at once, as when the hour has passed.
pub const PROBE_GATES: &str =
    "UPDATE gates SET next_probe_at = 0; UPDATE meta SET value = value + 1 WHERE name = 'revision'";

/// A fault that happened.
#[derive(Clone, Copy, Debug)]
pub struct Happened {
    /// What it was.
    pub fault: Fault,
    /// When it was begun.
    pub from: Instant,
    /// When all was as before; none: it still lasts.
    pub until: Option<Instant>,
    /// Whether it met anything: a line on which nothing is sent may be cut, and nobody notices.
    pub struck: bool,
}

/// Held while its target is struck: a server may take longer to start than was planned, and is not to
/// be struck meanwhile.
type Turn = Arc<tokio::sync::Mutex<()>>;

/// How to end a fault that was begun, and to tell whether it met anything.
#[derive(Debug)]
enum Begun {
    /// That is known at once.
    AtOnce { struck: bool },
    /// By whether it stands still in the end.
    Frozen(Party),
    /// By what was struck so far, there.
    Counted { before: u64 },
    /// By the hits of the rules that WeChat follows.
    Rules(Vec<u64>),
}

/// Whoever plays the faults.
#[derive(Debug)]
pub struct Inflictor {
    site: Arc<Site>,
    happened: Mutex<Vec<Happened>>,
    /// Follows the jobs of killed processes.
    pub rescues: Rescues,
}

impl Inflictor {
    /// For a site.
    #[must_use]
    pub fn new(site: Arc<Site>) -> Arc<Self> {
        let rescues = Rescues::new(site.books.clone());
        Arc::new(Self { site, happened: Mutex::default(), rescues })
    }

    /// Plays all of them, and returns when the last has ended.
    ///
    /// # Errors
    /// When one cannot be brought about or ended.
    pub async fn run(self: Arc<Self>, planned: Vec<Planned>) -> Result<()> {
        let began = Instant::now();
        let mut turns = BTreeMap::<Target, Turn>::new();
        let mut faults = JoinSet::new();
        for planned in planned {
            sleep_until(began + planned.at).await;
            let targets = planned.fault.targets().into_iter();
            let turns = targets.map(|target| Arc::clone(turns.entry(target).or_default())).collect();
            faults.spawn(Arc::clone(&self).play(planned, turns));
            while let Some(ended) = faults.try_join_next() {
                ended??;
            }
        }
        while let Some(ended) = faults.join_next().await {
            ended??;
        }
        Ok(())
    }

    /// What happened so far.
    #[must_use]
    pub fn happened(&self) -> Vec<Happened> {
        self.happened.lock().clone()
    }

    async fn play(self: Arc<Self>, planned: Planned, turns: Vec<Turn>) -> Result<()> {
        let mut held = Vec::new();
        for turn in turns {
            held.push(turn.lock_owned().await);
        }
        eprintln!("{planned}");
        let fault = planned.fault;
        let index = {
            let mut happened = self.happened.lock();
            happened.push(Happened { fault, from: Instant::now(), until: None, struck: false });
            happened.len() - 1
        };
        let begun = self.begin(fault).await.with_context(|| format!("cannot begin: {fault}"))?;
        sleep(planned.lasts).await;
        let struck = self.end(fault, begun).await.with_context(|| format!("cannot end: {fault}"))?;
        let happened = &mut self.happened.lock()[index];
        (happened.until, happened.struck) = (Some(Instant::now()), struck);
        Ok(())
    }

    async fn begin(&self, fault: Fault) -> Result<Begun> {
        let site = &self.site;
        let struck = match fault {
            Fault::Kill(Party::Postgres) => site.database("kill").await,
            Fault::Kill(Party::RabbitMq) => site.broker("kill").await,
            Fault::Kill(party) => self.kill(party),
            Fault::Blackout => {
                let (database, broker) = tokio::join!(site.database("kill"), site.broker("kill"));
                // One by one and all of them, whatever the answer.
                let processes = site.roles.keys().filter(|party| self.kill(**party)).count();
                database && broker && processes == site.roles.len()
            }
            Fault::Freeze(Party::Postgres) => site.database("pause").await,
            Fault::Freeze(Party::RabbitMq) => site.broker("pause").await,
            Fault::Freeze(party) => {
                site.roles[&party].freeze();
                return Ok(Begun::Frozen(party));
            }
            Fault::Wipe => site.broker("wipe").await,
            Fault::Alarm => site.broker("alarm").await,
            Fault::FullDisk => self.on_disk(Disk::fill).await?,
            Fault::Line(line, weather) => {
                let before = site.links[&line].struck();
                site.links[&line].turn(weather);
                return Ok(Begun::Counted { before });
            }
            Fault::WeChat(illness) => return Ok(Begun::Rules(self.wechat().add_faults(illness.rules())?)),
            Fault::Receiver(number, mood) => {
                let before = site.receivers.struck(number);
                site.receivers.answer(number, mood);
                return Ok(Begun::Counted { before });
            }
        };
        Ok(Begun::AtOnce { struck })
    }

    /// Whether it had met anything.
    async fn end(&self, fault: Fault, begun: Begun) -> Result<bool> {
        let struck = self.has_struck(fault, begun);
        let site = &self.site;
        match fault {
            Fault::Kill(Party::Postgres) => drop(site.database("start").await),
            Fault::Kill(Party::RabbitMq) | Fault::Wipe => drop(site.broker("start").await),
            Fault::Kill(party) => site.roles[&party].start(),
            Fault::Blackout => {
                site.roles.values().for_each(Role::start);
                tokio::join!(site.database("start"), site.broker("start"));
            }
            Fault::Alarm => drop(site.broker("calm").await),
            Fault::Freeze(Party::Postgres) => drop(site.database("resume").await),
            Fault::Freeze(Party::RabbitMq) => drop(site.broker("resume").await),
            Fault::Freeze(party) => site.roles[&party].thaw(),
            Fault::FullDisk => drop(self.on_disk(Disk::free).await?),
            Fault::Line(line, _) => site.links[&line].turn(Weather::Fair),
            Fault::WeChat(illness) if illness.closes_a_gate() => site.books.change(PROBE_GATES).await?,
            Fault::WeChat(_) => {}
            Fault::Receiver(number, _) => site.receivers.answer(number, Mood::GOOD),
        }
        Ok(struck)
    }

    fn has_struck(&self, fault: Fault, begun: Begun) -> bool {
        match (begun, fault) {
            (Begun::AtOnce { struck }, _) => struck,
            (Begun::Frozen(party), _) => self.site.roles[&party].is_frozen(),
            (Begun::Counted { before }, Fault::Line(line, _)) => self.site.links[&line].struck() > before,
            (Begun::Counted { before }, Fault::Receiver(number, _)) => {
                self.site.receivers.struck(number) > before
            }
            (Begun::Counted { .. }, _) => false,
            (Begun::Rules(rules), _) => self.lift(&rules),
        }
    }

    /// Lifts rules; whether one of them was hit. One for so many calls is gone when they came.
    fn lift(&self, rules: &[u64]) -> bool {
        let standing = self.wechat().faults();
        let hits = |rule: &u64| standing.iter().find(|standing| standing.id == *rule).map(|found| found.hits);
        let struck = rules.iter().any(|rule| hits(rule) != Some(0));
        for rule in rules {
            drop(self.wechat().lift_fault(*rule));
        }
        struck
    }

    fn kill(&self, process: Party) -> bool {
        let killed = self.site.roles[&process].kill();
        if let Some(pid) = killed.filter(|_| process.is_worker()) {
            self.rescues.follow(process, pid);
        }
        killed.is_some()
    }

    async fn on_disk(&self, act: fn(&Disk) -> Result<()>) -> Result<bool> {
        let site = Arc::clone(&self.site);
        spawn_blocking(move || site.disk.as_ref().map(act).transpose()).await?.map(|done| done.is_some())
    }

    fn wechat(&self) -> Control {
        self.site.wechat.control()
    }
}

/// How long a fault's end may take beyond its time: a server starts, at worst twice.
pub const GRACE: Duration = Duration::from_mins(5);
