//! How many callers may wait at once.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use prometheus::IntGauge;

/// Waiting callers of one client.
const OF_ONE_CLIENT: usize = 100;
/// Waiting callers of all clients.
const OF_ALL: usize = 2_000;

/// The places taken.
#[derive(Debug)]
pub(super) struct Places {
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug)]
struct Taken {
    shown: IntGauge,
    all: usize,
    by_client: HashMap<String, usize>,
}

/// A place, free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    client: String,
    taken: Arc<Mutex<Taken>>,
}

impl Places {
    /// All of them free. `shown` follows how many are taken.
    pub(super) fn new(shown: IntGauge) -> Self {
        let taken = Taken { shown, all: 0, by_client: HashMap::new() };
        Self { taken: Arc::new(Mutex::new(taken)) }
    }

    /// A place for this client, if one is free.
    pub(super) fn take(&self, client: &str) -> Option<Place> {
        let mut taken = self.taken.lock();
        let own = taken.by_client.get(client).copied().unwrap_or_default();
        if taken.all >= OF_ALL || own >= OF_ONE_CLIENT {
            return None;
        }
        taken.all += 1;
        taken.shown.inc();
        taken.by_client.insert(client.to_owned(), own + 1);
        Some(Place { client: client.to_owned(), taken: Arc::clone(&self.taken) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock();
        taken.all -= 1;
        taken.shown.dec();
        match taken.by_client.get_mut(&self.client) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(taken.by_client.remove(&self.client)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn places() -> Places {
        Places::new(IntGauge::new("waiting", "waiting").unwrap())
    }

    fn fill(places: &Places, client: &str, count: usize) -> Vec<Place> {
        (0..count).map(|_| places.take(client).unwrap()).collect()
    }

    #[test]
    fn one_client_gets_a_hundred_places_and_leaves_the_others_theirs() {
        let places = places();
        let mut taken = fill(&places, "a", OF_ONE_CLIENT);
        assert!(places.take("a").is_none());
        let other = places.take("b").unwrap();
        taken.pop();
        let again = places.take("a").unwrap();
        assert!(places.take("a").is_none());
        drop((taken, other, again));
        assert!(places.taken.lock().by_client.is_empty());
    }

    #[test]
    fn all_clients_together_get_two_thousand() {
        let places = places();
        let mut taken: Vec<_> =
            (0..20).flat_map(|client| fill(&places, &client.to_string(), OF_ONE_CLIENT)).collect();
        assert_eq!((taken.len(), places.taken.lock().shown.get()), (OF_ALL, 2_000));
        assert!(places.take("newcomer").is_none());
        taken.pop();
        assert!(places.take("newcomer").is_some());
    }
}
