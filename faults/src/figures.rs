//! The figures of one run.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::count::Count;
use crate::inflict::Happened;
use crate::rescue::Rescue;

/// What one pairing went through, and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// The pairing's title.
    pub pairing: &'static str,
    /// The schedule's seed.
    pub seed: u64,
    /// Length of the load (s).
    pub seconds: u64,
    /// Requests a second.
    pub rate: u32,
    /// Faults that happened and met something.
    pub faults: usize,
    /// Of which sort.
    pub by_sort: BTreeMap<String, usize>,
    /// Faults that nobody can have noticed, such as a cut of a line on which nothing was sent.
    pub unnoticed: usize,
    /// Processes that were started, the first time included.
    pub starts: u32,
    /// What was counted.
    pub count: Count,
    /// The slowest acceptance, from the first try on (ms).
    pub slowest_acceptance_ms: u128,
    /// Killed processes that held jobs.
    pub rescues: usize,
    /// The jobs that they held.
    pub rescued_jobs: usize,
    /// Longest time from a kill until its jobs were in other hands, where nothing else kept them (ms).
    pub slowest_rescue_ms: u128,
    /// The same where the database or the other worker was struck, too (ms).
    pub slowest_hindered_rescue_ms: u128,
    /// Most that the machine was late during a rescue (ms).
    pub latest_ms: u128,
    /// From the end of load and faults until nothing was open (ms).
    pub settled_ms: u128,
    /// Jobs and callbacks for whose next attempt time was let pass.
    pub hurried: i64,
    /// What was left out, and why.
    pub left_out: Option<String>,
}

impl Figures {
    /// Counts the faults that met something, by sort.
    #[must_use]
    pub fn sorts(happened: &[Happened]) -> BTreeMap<String, usize> {
        let mut sorts = BTreeMap::new();
        for happened in happened.iter().filter(|happened| happened.struck) {
            *sorts.entry(happened.fault.sort()).or_default() += 1;
        }
        sorts
    }

    /// The slowest rescue, of those that nothing else kept, and of the others.
    #[must_use]
    pub fn slowest(rescues: &[Rescue], happened: &[Happened]) -> (Duration, Duration) {
        let (hindered, free): (Vec<&Rescue>, Vec<&Rescue>) =
            rescues.iter().partition(|rescue| rescue.hindered_until(happened).is_some());
        let slowest = |of: Vec<&Rescue>| of.into_iter().map(Rescue::took).max().unwrap_or_default();
        (slowest(free), slowest(hindered))
    }
}
