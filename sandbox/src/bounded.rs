//! A log that keeps the newest entries within a bound of entries and of bytes. Adding, finding by
//! number and changing one cost the same however long it is; only reading a selection walks it.

use std::collections::VecDeque;

use serde::Serialize;

/// What one log of the sandbox holds at most, in bytes as its entries estimate themselves.
const MAX_BYTES: usize = 256 << 20;

/// Something that a [`BoundedLog`] can keep.
pub(crate) trait Entry: Clone {
    /// Roughly how much memory it takes, in bytes.
    fn weight(&self) -> usize;
}

/// Numbers its entries from 1 and forgets the oldest first.
#[derive(Debug)]
pub(crate) struct BoundedLog<T> {
    entries: VecDeque<(T, usize)>,
    max_entries: usize,
    bytes: usize,
    forgotten: u64,
}

/// The newest entries that a filter let through, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Page<T> {
    /// How many entries matched, shown or not.
    pub total: usize,
    /// How many entries the log has forgotten since the start, to stay within its bounds.
    pub forgotten: u64,
    /// The matching ones, at most as many as asked for.
    pub entries: Vec<T>,
}

impl<T> Page<T> {
    pub(crate) fn map<U>(self, change: impl Fn(T) -> U) -> Page<U> {
        let entries = self.entries.into_iter().map(change).collect();
        Page { total: self.total, forgotten: self.forgotten, entries }
    }
}

impl<T: Entry> BoundedLog<T> {
    pub(crate) fn new(max_entries: usize) -> Self {
        Self { entries: VecDeque::new(), max_entries: max_entries.max(1), bytes: 0, forgotten: 0 }
    }

    /// The number that the next entry gets.
    pub(crate) fn next_number(&self) -> u64 {
        self.forgotten + self.entries.len() as u64 + 1
    }

    /// Keeps an entry and answers its number.
    pub(crate) fn push(&mut self, entry: T) -> u64 {
        let number = self.next_number();
        let weight = entry.weight();
        self.bytes += weight;
        self.entries.push_back((entry, weight));
        self.forget_surplus();
        number
    }

    /// Changes an entry, if it is still there.
    pub(crate) fn amend(&mut self, number: u64, change: impl FnOnce(&mut T)) {
        let index = number.checked_sub(self.forgotten + 1).and_then(|i| usize::try_from(i).ok());
        let Some((entry, weight)) = index.and_then(|i| self.entries.get_mut(i)) else { return };
        change(entry);
        self.bytes = self.bytes - *weight + entry.weight();
        *weight = entry.weight();
        self.forget_surplus();
    }

    /// An entry, if it is still there.
    pub(crate) fn get(&self, number: u64) -> Option<&T> {
        let index = usize::try_from(number.checked_sub(self.forgotten + 1)?).ok()?;
        self.entries.get(index).map(|(entry, _)| entry)
    }

    /// The newest `limit` entries that `keep` lets through.
    pub(crate) fn select(&self, limit: usize, keep: impl Fn(&T) -> bool) -> Page<T> {
        let matching: Vec<&T> = self.entries.iter().map(|(e, _)| e).filter(|e| keep(e)).collect();
        let total = matching.len();
        let newest = &matching[total.saturating_sub(limit)..];
        Page { total, forgotten: self.forgotten, entries: newest.iter().copied().cloned().collect() }
    }

    fn forget_surplus(&mut self) {
        while self.entries.len() > self.max_entries || self.bytes > MAX_BYTES {
            let Some((_, weight)) = self.entries.pop_front() else { return };
            self.bytes -= weight;
            self.forgotten += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Heavy(char, usize);

    impl Entry for Heavy {
        fn weight(&self) -> usize {
            self.1
        }
    }

    fn letters(log: &BoundedLog<Heavy>, limit: usize) -> String {
        log.select(limit, |_| true).entries.iter().map(|entry| entry.0).collect()
    }

    #[test]
    fn the_oldest_entries_go_first_and_numbers_stay() {
        let mut log = BoundedLog::new(2);
        let numbers = ['a', 'b', 'c'].map(|letter| log.push(Heavy(letter, 1)));
        assert_eq!(numbers, [1, 2, 3]);
        assert_eq!(letters(&log, 9), "bc");

        log.amend(3, |entry| entry.0 = 'C');
        log.amend(1, |entry| entry.0 = 'A');
        assert_eq!(letters(&log, 9), "bC");
        assert_eq!(log.select(1, |_| true).forgotten, 1);
    }

    #[test]
    fn heavy_entries_push_older_ones_out() {
        let mut log = BoundedLog::new(100);
        log.push(Heavy('a', MAX_BYTES / 2));
        let second = log.push(Heavy('b', MAX_BYTES / 2));
        assert_eq!(letters(&log, 9), "ab");

        log.amend(second, |entry| entry.1 += 1);
        assert_eq!(letters(&log, 9), "b");
    }

    #[test]
    fn a_page_has_the_newest_matches_and_counts_all() {
        let mut log = BoundedLog::new(100);
        for letter in "abcabc".chars() {
            log.push(Heavy(letter, 1));
        }
        let page = log.select(1, |entry| entry.0 != 'c');
        assert_eq!((page.total, page.entries), (4, vec![Heavy('b', 1)]));
    }
}
