//! Faults on demand: the rules that a script set up, and which of them strikes a call.

mod check;
mod fault;
mod rule;
mod spot;

use parking_lot::Mutex;
use serde::Serialize;

pub use fault::{Fault, Garbage, When};
pub use rule::{Matching, Rule};
pub use spot::Spot;

use crate::chance::Chance;
use crate::clock::Moment;
use crate::incoming::Incoming;
use crate::refused::Refused;

/// Rules at one time: each call looks at all of them.
const MOST_RULES: usize = 1_000;

/// A rule that is in force.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standing {
    /// Its number: to lift it, and to find the calls that it struck.
    pub id: u64,
    /// How many calls it struck so far.
    pub hits: u32,
    /// The rule as it was set up, `for_ms` turned into `until`.
    #[serde(flatten)]
    pub rule: Rule,
}

/// What a rule does to one call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Strike {
    pub(crate) rule_id: u64,
    pub(crate) fault: Fault,
    pub(crate) when: When,
    pub(crate) errmsg: Option<String>,
}

#[derive(Debug, Default)]
struct Book {
    last_id: u64,
    rules: Vec<Standing>,
}

/// All rules in force, in the order in which they were set up.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Book>);

impl Faults {
    /// Puts rules into force, behind the others, all or none. `knows` says whether a path is
    /// simulated.
    pub(crate) fn add(
        &self,
        rules: impl IntoIterator<Item = Rule>,
        now: Moment,
        knows: impl Fn(&str) -> bool,
    ) -> Result<Vec<u64>, Refused> {
        let checked = rules.into_iter().map(|rule| rule.checked(now, &knows));
        let rules = checked.collect::<Result<Vec<_>, _>>()?;
        let mut book = self.0.lock();
        book.forget_lapsed(now);
        if book.rules.len() + rules.len() > MOST_RULES {
            return Err(Refused::script(format!("{MOST_RULES} rules at most: lift some first")));
        }
        Ok(rules.into_iter().map(|rule| book.add(rule)).collect())
    }

    pub(crate) fn all(&self, now: Moment) -> Vec<Standing> {
        let mut book = self.0.lock();
        book.forget_lapsed(now);
        book.rules.clone()
    }

    /// Lifts one rule; false when it is not in force.
    pub(crate) fn lift(&self, id: u64) -> bool {
        let mut book = self.0.lock();
        let before = book.rules.len();
        book.rules.retain(|standing| standing.id != id);
        book.rules.len() < before
    }

    pub(crate) fn lift_all(&self) {
        self.0.lock().rules.clear();
    }

    /// The first rule in force that is for this call, counted as a hit. A rule with a probability
    /// that spares the call leaves it to the rules behind it.
    pub(crate) fn strike(
        &self,
        call: &Incoming,
        app: Option<&str>,
        now: Moment,
        chance: &Chance,
    ) -> Option<Strike> {
        self.first(now, chance, |rule| rule.is_for(call, app))
    }

    /// The same for something at Upyun; `path` is the request's, or the source's of a task.
    pub(crate) fn strike_upyun(
        &self,
        spot: Spot,
        path: &str,
        now: Moment,
        chance: &Chance,
    ) -> Option<Strike> {
        self.first(now, chance, |rule| rule.is_for_upyun(spot, path))
    }

    fn first(&self, now: Moment, chance: &Chance, is_for: impl Fn(&Rule) -> bool) -> Option<Strike> {
        let mut book = self.0.lock();
        book.forget_lapsed(now);
        let mut standing = book.rules.iter_mut();
        let struck = standing.find(|s| is_for(&s.rule) && s.rule.throws(chance))?;
        struck.hits += 1;
        Some(struck.strike())
    }
}

impl Book {
    fn add(&mut self, rule: Rule) -> u64 {
        self.last_id += 1;
        self.rules.push(Standing { id: self.last_id, hits: 0, rule });
        self.last_id
    }

    fn forget_lapsed(&mut self, now: Moment) {
        self.rules.retain(|standing| !standing.has_lapsed(now));
    }
}

impl Standing {
    fn has_lapsed(&self, now: Moment) -> bool {
        self.rule.times.is_some_and(|times| self.hits >= times)
            || self.rule.until.is_some_and(|until| now >= until)
    }

    fn strike(&self) -> Strike {
        Strike {
            rule_id: self.id,
            fault: self.rule.fault.clone(),
            when: self.rule.moment(),
            errmsg: self.rule.errmsg.clone(),
        }
    }
}
