//! How many connections there are, and how many there may be.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Connections at most, where files are plenty: an idle one costs some KiB.
const MOST: usize = 20_000;
/// Files that are left to everything else: the database, the broker, WeChat, callbacks.
const OTHER_FILES: usize = 2_000;
/// What is taken for granted where the system does not say.
const USUAL_FILES: usize = 1_024;

/// The connections of one listener. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Crowd {
    here: Arc<AtomicUsize>,
    most: usize,
}

/// One of them, as long as it lasts.
#[derive(Debug)]
pub(super) struct Guest(Crowd);

impl Crowd {
    /// None yet, and as many as this process may have files for. Takes all that the system allows it first:
    /// shells and services start programs with 1,024.
    pub(super) fn of_this_process() -> Self {
        Self::of_most(most(files()))
    }

    /// None yet, and as many as that.
    pub(super) fn of_most(most: usize) -> Self {
        Self { here: Arc::default(), most }
    }

    /// One more.
    pub(super) fn enter(&self) -> Guest {
        self.here.fetch_add(1, Ordering::Relaxed);
        Guest(self.clone())
    }

    /// How many there may be.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// Whether so many are here that each had better leave when it has its answer.
    pub(super) fn is_dense(&self) -> bool {
        self.here.load(Ordering::Relaxed) > self.most / 2
    }
}

impl Guest {
    /// Whether it is among so many.
    pub(super) fn is_in_a_crowd(&self) -> bool {
        self.0.is_dense()
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.0.here.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Files that this process may have open.
fn files() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    let limit = if setrlimit(Resource::Nofile, raised).is_ok() { limit.maximum } else { limit.current };
    limit.map_or(usize::MAX, |files| files.try_into().unwrap_or(USUAL_FILES))
}

/// Of few files half are left to others.
fn most(files: usize) -> usize {
    files.saturating_sub(OTHER_FILES).max(files / 2).clamp(1, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_left_to_everything_else() {
        for (files, connections) in [(1_024, 512), (4_096, 2_096), (20_000, 18_000), (usize::MAX, MOST)] {
            assert_eq!(most(files), connections, "{files}");
        }
    }

    #[test]
    fn half_of_the_places_taken_are_a_crowd_until_some_leave() {
        let crowd = Crowd::of_most(4);
        let guests = [crowd.enter(), crowd.enter()];
        assert!(!crowd.is_dense());
        let third = crowd.enter();
        assert!(crowd.is_dense());
        drop(third);
        assert!(!crowd.is_dense());
        drop(guests);
    }
}
