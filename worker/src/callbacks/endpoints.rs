//! Slots for posting, shared out so that one dead endpoint holds up no other.
//!
//! An endpoint may hold a quarter of the slots. Each post that gets no answer halves that, down to
//! one; each that gets one adds one again. So an endpoint that hangs soon holds a single slot, and
//! many of them together cannot hold all.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The slots of one process.
#[derive(Debug)]
pub struct Endpoints {
    total: usize,
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct State {
    taken: usize,
    endpoints: HashMap<String, Endpoint>,
}

#[derive(Debug)]
struct Endpoint {
    taken: usize,
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
        let free = self.total.saturating_sub(state.taken);
        let most = self.most();
        let entry = match state.endpoints.get_mut(endpoint) {
            Some(entry) => entry,
            None => state.endpoints.entry(endpoint.to_owned()).or_insert(Endpoint { taken: 0, limit: most }),
        };
        let granted = wanted.min(free).min(entry.limit.saturating_sub(entry.taken));
        entry.taken += granted;
        state.taken += granted;
        granted
    }

    /// Slots that are free, in all.
    #[must_use]
    pub fn free(&self) -> usize {
        self.total.saturating_sub(self.lock().taken)
    }

    /// Gives one slot back, and tells whether the endpoint answered; `None`: it was not asked.
    pub fn give_back(&self, endpoint: &str, answered: Option<bool>) {
        let most = self.most();
        let mut state = self.lock();
        state.taken = state.taken.saturating_sub(1);
        if let Some(entry) = state.endpoints.get_mut(endpoint) {
            entry.taken = entry.taken.saturating_sub(1);
            entry.limit = match answered {
                Some(true) => (entry.limit + 1).min(most),
                Some(false) => (entry.limit / 2).max(1),
                None => entry.limit,
            };
            if entry.taken == 0 && entry.limit == most {
                state.endpoints.remove(endpoint);
            }
        }
        drop(state);
        self.freed.notify_one();
    }

    /// Waits until a slot is given back. One given back since the last call counts.
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

#[cfg(test)]
mod tests {
    use super::*;

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
            endpoints.give_back("dead", Some(false));
        }
        assert_eq!(endpoints.take("dead", 100), 1);
        endpoints.give_back("dead", Some(true));
        assert_eq!(endpoints.take("dead", 100), 2);
    }

    #[test]
    fn all_slots_together_are_bounded() {
        let endpoints = Endpoints::new(4);
        let taken: usize = (0..10).map(|index| endpoints.take(&format!("e{index}"), 1)).sum();
        assert_eq!(taken, 4);
        endpoints.give_back("e0", None);
        assert_eq!(endpoints.take("e9", 1), 1);
    }

    #[test]
    fn endpoints_that_are_well_and_idle_are_forgotten() {
        let endpoints = Endpoints::new(8);
        assert_eq!(endpoints.take("a", 1), 1);
        endpoints.give_back("a", Some(true));
        assert!(endpoints.lock().endpoints.is_empty());
    }
}
