//! Which jobs are in this process' hands. What it has claimed and is not among them was claimed by a
//! statement whose answer got lost, and has to be released.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wxgate_job::JobId;

/// The jobs in this process' hands, and how often: a job that was settled can be claimed again before
/// its former attempt is quite over. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct InHand(Arc<Mutex<HashMap<JobId, u32>>>);

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
        *self.lock().entry(id).or_default() += 1;
        Held { in_hand: self.clone(), id }
    }

    /// Whether this one is among them.
    #[must_use]
    pub fn has(&self, id: JobId) -> bool {
        self.lock().contains_key(&id)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<JobId, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut in_hand = self.in_hand.lock();
        if let Some(times) = in_hand.get_mut(&self.id) {
            *times -= 1;
            if *times == 0 {
                in_hand.remove(&self.id);
            }
        }
    }
}
