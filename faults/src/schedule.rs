//! When which fault comes: drawn from a seed, the same for the same seed.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use wxgate_tests::Pairing;

use crate::fault::{Fault, Target};
use crate::link::Weather;
use crate::receivers::Mood;

/// From one fault's beginning to the next one's: 3.5 s on average, 17 a minute.
const GAP_MS: std::ops::RangeInclusive<u64> = 1_500..=5_500;
/// What was struck is left alone for so long after a fault has ended.
const RESPITE: Duration = Duration::from_secs(2);

/// A fault and its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// From 1.
    pub number: usize,
    /// From the beginning of the run.
    pub at: Duration,
    /// From its beginning to its end.
    pub lasts: Duration,
    /// What happens.
    pub fault: Fault,
}

impl Planned {
    /// When it ends.
    #[must_use]
    pub fn until(&self) -> Duration {
        self.at + self.lasts
    }
}

impl fmt::Display for Planned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (at, lasts) = (self.at.as_secs_f64(), self.lasts.as_secs_f64());
        write!(f, "{:>4} {at:>7.1} s {lasts:>6.1} s  {}", self.number, self.fault)
    }
}

/// Draws the faults of a run of this length. They come from a shuffled deck of all that can happen,
/// so that none is missed in a long run. The last may end after the run's length.
#[must_use]
pub fn draw(seed: u64, length: Duration, pairing: Pairing, has_small_disk: bool) -> Vec<Planned> {
    let deck = Fault::deck(pairing, has_small_disk);
    let mut dealer = Dealer { chance: StdRng::seed_from_u64(seed), deck, left: Vec::new() };
    let (mut planned, mut free_from) = (Vec::new(), HashMap::new());
    let mut at = dealer.gap();
    while at < length {
        if let Some(fault) = dealer.deal(|target| free_from.get(target).is_none_or(|free| *free <= at)) {
            let lasts = dealer.between(fault.lasts());
            free_from.extend(fault.targets().into_iter().map(|target| (target, at + lasts + RESPITE)));
            planned.push(Planned { number: planned.len() + 1, at, lasts, fault });
        }
        at += dealer.gap();
    }
    planned
}

struct Dealer {
    chance: StdRng,
    deck: Vec<Fault>,
    left: Vec<Fault>,
}

impl Dealer {
    /// The next fault whose targets are free; the others keep their places. When there is none, another
    /// deck is begun, unless one is left that waits until the whole machine is free.
    fn deal(&mut self, is_free: impl Fn(&Target) -> bool) -> Option<Fault> {
        let can_be = |fault: &Fault| fault.targets().iter().all(&is_free);
        if !self.left.iter().any(can_be) && !self.left.contains(&Fault::Blackout) {
            let mut deck = self.deck.clone();
            deck.shuffle(&mut self.chance);
            self.left.extend(deck);
        }
        let next = self.left.iter().position(can_be)?;
        let fault = self.left.remove(next);
        Some(match fault {
            Fault::Line(line, _) => Fault::Line(line, self.weather()),
            Fault::Receiver(number, _) => Fault::Receiver(number, self.mood()),
            other => other,
        })
    }

    fn weather(&mut self) -> Weather {
        match self.chance.random_range(0..3) {
            0 => Weather::Cut,
            1 => Weather::Silent,
            _ => Weather::Slow { ms: self.chance.random_range(20..=400) },
        }
    }

    fn mood(&mut self) -> Mood {
        Mood::BAD[self.chance.random_range(0..Mood::BAD.len())]
    }

    fn gap(&mut self) -> Duration {
        Duration::from_millis(self.chance.random_range(GAP_MS))
    }

    fn between(&mut self, (least, most): (Duration, Duration)) -> Duration {
        self.chance.random_range(least..=most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUARTER: Duration = Duration::from_mins(15);

    #[test]
    fn one_seed_gives_one_schedule() {
        let once = draw(7, QUARTER, Pairing::Servers, false);
        assert_eq!(once, draw(7, QUARTER, Pairing::Servers, false));
        assert_ne!(once, draw(8, QUARTER, Pairing::Servers, false));
    }

    #[test]
    fn fifteen_minutes_have_at_least_200_faults_of_every_sort() {
        for (pairing, disk) in [(Pairing::Embedded, true), (Pairing::Servers, false)] {
            let planned = draw(1, QUARTER, pairing, disk);
            assert!(planned.len() >= 200, "{}", planned.len());
            for fault in Fault::deck(pairing, disk) {
                let struck = planned.iter().any(|planned| match (planned.fault, fault) {
                    (Fault::Line(line, _), Fault::Line(wanted, _)) => line == wanted,
                    (Fault::Receiver(number, _), Fault::Receiver(wanted, _)) => number == wanted,
                    (fault, wanted) => fault == wanted,
                });
                assert!(struck, "never: {fault}");
            }
        }
    }

    #[test]
    fn two_faults_never_strike_one_target_at_once() {
        let planned = draw(3, QUARTER, Pairing::Servers, false);
        for (index, first) in planned.iter().enumerate() {
            let targets = first.fault.targets();
            let clash = planned[index + 1..].iter().find(|next| {
                next.at < first.until() && next.fault.targets().iter().any(|target| targets.contains(target))
            });
            assert_eq!(clash, None, "{first}");
        }
    }
}
