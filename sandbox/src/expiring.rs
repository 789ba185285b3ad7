//! Values that stand under a key for a time: codes, tickets, tokens.

use std::collections::{HashMap, VecDeque};

use crate::clock::Moment;

/// Keeps the newest values, at most so many, also those whose time is over, so that those can be
/// told from what never was.
#[derive(Debug)]
pub(crate) struct Expiring<V> {
    values: HashMap<String, (V, Moment)>,
    oldest_first: VecDeque<String>,
    most: usize,
}

impl<V> Expiring<V> {
    pub(crate) fn new(most: usize) -> Self {
        Self { values: HashMap::new(), oldest_first: VecDeque::new(), most }
    }

    pub(crate) fn insert(&mut self, key: String, value: V, expires: Moment) {
        self.oldest_first.push_back(key.clone());
        self.values.insert(key, (value, expires));
        if self.oldest_first.len() > self.most
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.values.remove(&oldest);
        }
    }

    /// A value, and whether its time is over.
    pub(crate) fn find(&mut self, key: &str, now: Moment) -> Option<(&mut V, bool)> {
        self.values.get_mut(key).map(|(value, expires)| (value, now >= *expires))
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.values.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_is_told_from_what_never_was() {
        let mut values = Expiring::new(2);
        for (key, expires) in [("a", 10), ("b", 20), ("c", 30)] {
            values.insert(key.to_owned(), key, expires);
        }
        assert_eq!(values.find("a", 0), None);
        assert_eq!(values.find("b", 20), Some((&mut "b", true)));
        assert_eq!(values.find("c", 29), Some((&mut "c", false)));
    }
}
