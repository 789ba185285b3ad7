//! Slots for posting, shared out so that one dead endpoint holds up no other.
//!
//! An endpoint may hold a quarter of the slots. Each post that gets no answer halves that, down to
//! one; each that gets one adds one again. So an endpoint that hangs soon holds a single slot, and
//! many of them together cannot hold all.
//!
//! Once its post has ended, a slot makes room for another post while what came of it is written down
//! (`phases`).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::phases::Phases;

/// The slots of one process.
#[derive(Debug)]
pub struct Endpoints {
    total: usize,
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct State {
    slots: Phases,
    endpoints: HashMap<String, Endpoint>,
}

#[derive(Debug)]
struct Endpoint {
    /// Slots whose post has not ended.
    posting: usize,
    limit: usize,
}

impl Endpoints {
    /// `total` slots, at least one.
    #[must_use]
    pub fn new(total: usize) -> Self {
        Self { total: total.max(1), state: Mutex::default(), freed: Notify::new() }
    }

    /// Takes up to `wanted` slots; answers how many.
    #[must_use]
    pub fn take(&self, endpoint: &str, wanted: usize) -> usize {
        let mut state = self.lock();
        let free = state.free(self.total);
        let most = self.most();
        let entry = match state.endpoints.get_mut(endpoint) {
            Some(entry) => entry,
            None => {
                state.endpoints.entry(endpoint.to_owned()).or_insert(Endpoint { posting: 0, limit: most })
            }
        };
        let granted = wanted.min(free).min(entry.limit.saturating_sub(entry.posting));
        entry.posting += granted;
        state.slots.take(granted);
        granted
    }

    /// Slots that are free, in all.
    #[must_use]
    pub fn free(&self) -> usize {
        self.lock().free(self.total)
    }

    /// Makes room for another post, and tells whether the endpoint answered. What came of it is going to be written
    /// down.
    pub fn end_post(&self, endpoint: &str, answered: bool) {
        self.lock().end_post(endpoint, Some(answered), self.most());
        self.freed.notify_one();
    }

    /// Gives a slot back whose post has ended.
    pub fn written_down(&self) {
        let mut state = self.lock();
        let made_room = state.slots.give_back(self.total);
        drop(state);
        if made_room {
            self.freed.notify_one();
        }
    }

    /// Gives a slot back that was not needed.
    pub fn give_back(&self, endpoint: &str) {
        self.lock().end_post(endpoint, None, self.most());
        self.written_down();
    }

    /// Waits until there may be room for more. Room that was made since the last call counts.
    pub async fn freed(&self) {
        self.freed.notified().await;
    }

    /// Slots of one endpoint at most.
    fn most(&self) -> usize {
        (self.total / 4).max(1)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn free(&self, total: usize) -> usize {
        self.slots.room(total, total)
    }

    fn end_post(&mut self, endpoint: &str, answered: Option<bool>, most: usize) {
        self.slots.end_call();
        let Some(entry) = self.endpoints.get_mut(endpoint) else { return };
        entry.posting = entry.posting.saturating_sub(1);
        entry.limit = match answered {
            Some(true) => (entry.limit + 1).min(most),
            Some(false) => (entry.limit / 2).max(1),
            None => entry.limit,
        };
        if entry.posting == 0 && entry.limit == most {
            self.endpoints.remove(endpoint);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(endpoints: &Endpoints, endpoint: &str, answered: bool) {
        endpoints.end_post(endpoint, answered);
        endpoints.written_down();
    }

    #[test]
    fn a_slot_whose_post_has_ended_makes_room_for_one_other() {
        let endpoints = Endpoints::new(8);
        for round in 1..=7 {
            for _ in 0..2 {
                assert_eq!(endpoints.take("a", 1), 1);
                endpoints.end_post("a", true);
            }
            assert_eq!(endpoints.free(), 8.min(16 - 2 * round));
        }
        assert_eq!((endpoints.take("a", 1), endpoints.take("b", 9)), (1, 1));
        assert_eq!(endpoints.take("c", 1), 0, "as many wait to be written down as there may");
        endpoints.written_down();
        assert_eq!(endpoints.take("c", 9), 1);
    }

    #[test]
    fn an_endpoint_gets_a_quarter_at_most() {
        let endpoints = Endpoints::new(16);
        assert_eq!(endpoints.take("a", 100), 4);
        assert_eq!(endpoints.take("a", 1), 0);
        assert_eq!(endpoints.take("b", 100), 4);
    }

    #[test]
    fn an_endpoint_that_does_not_answer_shrinks_to_one_slot_and_recovers() {
        let endpoints = Endpoints::new(64);
        for _ in 0..6 {
            assert_eq!(endpoints.take("dead", 1), 1);
            post(&endpoints, "dead", false);
        }
        assert_eq!(endpoints.take("dead", 100), 1);
        post(&endpoints, "dead", true);
        assert_eq!(endpoints.take("dead", 100), 2);
    }

    #[test]
    fn all_slots_together_are_bounded() {
        let endpoints = Endpoints::new(4);
        let taken: usize = (0..10).map(|index| endpoints.take(&format!("e{index}"), 1)).sum();
        assert_eq!(taken, 4);
        endpoints.give_back("e0");
        assert_eq!(endpoints.take("e9", 1), 1);
    }

    #[test]
    fn endpoints_that_are_well_and_idle_are_forgotten() {
        let endpoints = Endpoints::new(8);
        assert_eq!(endpoints.take("a", 1), 1);
        post(&endpoints, "a", true);
        assert!(endpoints.lock().endpoints.is_empty());
    }
}
