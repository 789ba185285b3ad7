//! What was rung and not yet published: bounded, merged per lane, lanes served in turn.
//!
//! Merging follows Nagle's algorithm for small TCP segments (RFC 896): a lane with nothing
//! unconfirmed publishes at once, be it a single id; while a message of its is unconfirmed,
//! further ids wait and leave together, unless they fill a message of their own. So light load is
//! not delayed, and the heavier the load, the fuller the messages.

use std::collections::{HashMap, VecDeque};
use std::time::Instant;

use wxgate_job::{Doorbell, JobId, Kind, Lane};

#[derive(Debug)]
pub(crate) struct Pending {
    /// Lanes with ids waiting or messages unconfirmed.
    lanes: HashMap<Lane, Waiting>,
    /// Lanes with ids waiting, each once, the next one first.
    turns: VecDeque<Lane>,
    held: usize,
    capacity: usize,
    paused: HashMap<Kind, Instant>,
}

#[derive(Debug, Default)]
struct Waiting {
    ids: VecDeque<JobId>,
    unconfirmed: usize,
}

impl Waiting {
    fn may_leave(&self) -> bool {
        self.unconfirmed == 0 || self.ids.len() >= Doorbell::MAX_IDS
    }
}

impl Pending {
    /// Holds up to `capacity` ids.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { lanes: HashMap::new(), turns: VecDeque::new(), held: 0, capacity, paused: HashMap::new() }
    }

    /// Takes what there is room for and returns the number of ids that were not taken: all of
    /// them while their kind is paused.
    pub(crate) fn push(&mut self, doorbell: Doorbell, now: Instant) -> usize {
        let Doorbell { lane, mut ids } = doorbell;
        let offered = ids.len();
        if self.is_paused(&lane.kind, now) {
            return offered;
        }
        ids.truncate(self.capacity - self.held);
        let taken = ids.len();
        if taken > 0 {
            self.held += taken;
            self.append(lane, ids);
        }
        offered - taken
    }

    /// The next message to publish, and notes it as unconfirmed.
    pub(crate) fn take(&mut self) -> Option<Doorbell> {
        let ready = |lane| self.lanes.get(lane).is_some_and(Waiting::may_leave);
        let turn = self.turns.iter().position(ready)?;
        let lane = self.turns.remove(turn)?;
        let waiting = self.lanes.get_mut(&lane)?;
        let count = waiting.ids.len().min(Doorbell::MAX_IDS);
        let ids: Vec<JobId> = waiting.ids.drain(..count).collect();
        waiting.unconfirmed += 1;
        self.held -= count;
        if !waiting.ids.is_empty() {
            self.turns.push_back(lane.clone());
        }
        Some(Doorbell { lane, ids })
    }

    /// A message of this lane is no longer under way, whatever became of it.
    pub(crate) fn settled(&mut self, lane: &Lane) {
        if let Some(waiting) = self.lanes.get_mut(lane) {
            waiting.unconfirmed = waiting.unconfirmed.saturating_sub(1);
            if waiting.unconfirmed == 0 && waiting.ids.is_empty() {
                self.lanes.remove(lane);
            }
        }
    }

    /// No message is under way any more: their connection is gone.
    pub(crate) fn all_settled(&mut self) {
        self.lanes.retain(|_, waiting| {
            waiting.unconfirmed = 0;
            !waiting.ids.is_empty()
        });
    }

    /// Takes nothing of this kind before `until`. Returns how many ids of it were held; they are
    /// given up, since ids that wait for a full queue only get older.
    pub(crate) fn pause(&mut self, kind: &Kind, until: Instant) -> usize {
        self.paused.insert(kind.clone(), until);
        self.give_up(|lane| lane.kind == *kind)
    }

    /// Takes nothing from now on. Returns how many ids were held and are given up.
    pub(crate) fn close(&mut self) -> usize {
        self.capacity = 0;
        self.give_up(|_| true)
    }

    fn is_paused(&mut self, kind: &Kind, now: Instant) -> bool {
        let Some(until) = self.paused.get(kind) else {
            return false;
        };
        let paused = now < *until;
        if !paused {
            self.paused.remove(kind);
        }
        paused
    }

    fn append(&mut self, lane: Lane, ids: Vec<JobId>) {
        let waiting = self.lanes.entry(lane.clone()).or_default();
        if waiting.ids.is_empty() {
            self.turns.push_back(lane);
        }
        waiting.ids.extend(ids);
    }

    fn give_up(&mut self, which: impl Fn(&Lane) -> bool) -> usize {
        let held_before = self.held;
        self.turns.retain(|lane| !which(lane));
        self.lanes.retain(|lane, waiting| {
            if which(lane) {
                self.held -= waiting.ids.len();
                waiting.ids.clear();
            }
            waiting.unconfirmed > 0 || !waiting.ids.is_empty()
        });
        held_before - self.held
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::ops::RangeInclusive;
    use std::time::Duration;

    use super::*;

    fn lane(client: &str) -> Lane {
        Lane { client: client.into(), app: "wx1".into(), kind: Kind::named("async_send_tpl") }
    }

    fn rung(client: &str, ids: RangeInclusive<i64>) -> Doorbell {
        Doorbell { lane: lane(client), ids: ids.map(|id| JobId::new(id).unwrap()).collect() }
    }

    fn pending(doorbells: impl IntoIterator<Item = Doorbell>) -> Pending {
        let mut pending = Pending::new(1_000);
        for doorbell in doorbells {
            assert_eq!(pending.push(doorbell, Instant::now()), 0);
        }
        pending
    }

    #[test]
    fn a_lane_with_nothing_under_way_publishes_a_single_id_at_once() {
        let mut pending = pending([rung("a", 1..=1)]);
        assert_eq!(pending.take(), Some(rung("a", 1..=1)));
        assert_eq!(pending.take(), None);
    }

    #[test]
    fn ids_rung_while_a_message_is_unconfirmed_leave_together() {
        let mut pending = pending([rung("a", 1..=1)]);
        pending.take();
        for id in 2..=9 {
            pending.push(rung("a", id..=id), Instant::now());
        }
        assert_eq!(pending.take(), None);
        pending.settled(&lane("a"));
        assert_eq!(pending.take(), Some(rung("a", 2..=9)));
    }

    #[test]
    fn a_full_message_does_not_wait_for_the_one_before() {
        let mut pending = pending([rung("a", 1..=1)]);
        pending.take();
        pending.push(rung("a", 2..=64), Instant::now());
        assert_eq!(pending.take(), None); // 63 ids: one too few
        pending.push(rung("a", 65..=66), Instant::now());
        assert_eq!(pending.take(), Some(rung("a", 2..=65)));
        assert_eq!(pending.take(), None);
    }

    #[test]
    fn lanes_are_served_in_turn() {
        let mut pending = pending([rung("flood", 1..=200), rung("single", 201..=201)]);
        assert_eq!(pending.take(), Some(rung("flood", 1..=64)));
        assert_eq!(pending.take(), Some(rung("single", 201..=201)));
        assert_eq!(pending.take(), Some(rung("flood", 65..=128)));
    }

    #[test]
    fn what_exceeds_the_capacity_is_not_taken() {
        let mut pending = Pending::new(10);
        assert_eq!(pending.push(rung("a", 1..=8), Instant::now()), 0);
        assert_eq!(pending.push(rung("b", 9..=12), Instant::now()), 2);
        assert_eq!(pending.push(rung("c", 13..=13), Instant::now()), 1);
        pending.take();
        assert_eq!(pending.push(rung("c", 13..=21), Instant::now()), 1);
    }

    #[test]
    fn nothing_is_remembered_of_a_lane_that_is_done() {
        let mut pending = pending([rung("a", 1..=1), rung("b", 2..=2)]);
        pending.take();
        pending.take();
        pending.settled(&lane("a"));
        assert_eq!(pending.lanes.len(), 1);
        pending.all_settled();
        assert_eq!((pending.lanes.len(), pending.turns.len(), pending.held), (0, 0, 0));
    }

    #[test]
    fn a_paused_kind_is_given_up_and_refused_until_the_pause_ends() {
        let mut pending = pending([rung("a", 1..=3), rung("b", 4..=4)]);
        let almost = Instant::now() + Duration::from_millis(999);
        let until = almost + Duration::from_millis(1);
        assert_eq!(pending.pause(&lane("a").kind, until), 4);
        assert_eq!(pending.push(rung("a", 5..=6), almost), 2);
        assert_eq!(pending.take(), None);
        assert_eq!(pending.push(rung("a", 5..=6), until), 0);
        assert_eq!(pending.take(), Some(rung("a", 5..=6)));
    }

    #[test]
    fn a_lost_connection_lets_waiting_ids_go_at_once_on_the_next() {
        let mut pending = pending([rung("a", 1..=1)]);
        pending.take();
        pending.push(rung("a", 2..=3), Instant::now());
        assert_eq!(pending.take(), None);
        pending.all_settled();
        assert_eq!(pending.take(), Some(rung("a", 2..=3)));
    }

    #[test]
    fn a_closed_one_gives_up_what_it_holds_and_takes_nothing() {
        let mut pending = pending([rung("a", 1..=5)]);
        assert_eq!(pending.close(), 5);
        assert_eq!(pending.push(rung("a", 6..=6), Instant::now()), 1);
        assert_eq!(pending.take(), None);
    }
}
