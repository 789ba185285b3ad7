//! Which jobs are in this process' hands. What it has claimed and is not among them was claimed by a
//! statement whose answer got lost, and has to be released.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wxgate_job::JobId;

/// The jobs in this process' hands. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct InHand(Arc<Mutex<HashSet<JobId>>>);

/// One of them. Dropped when its attempt ends, however it ends.
#[derive(Debug)]
pub struct Held {
    in_hand: InHand,
    id: JobId,
}

impl InHand {
    /// Takes a claimed job in hand.
    #[must_use]
    pub fn take(&self, id: JobId) -> Held {
        self.lock().insert(id);
        Held { in_hand: self.clone(), id }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> Vec<JobId> {
        self.lock().iter().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<JobId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.in_hand.lock().remove(&self.id);
    }
}
