//! What names were found to lead to, remembered for a while. Look-ups of one name at one time are
//! one look-up.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

/// How long a finding counts: long enough to spare a busy intake the look-ups, short enough that a
/// name put right is taken again soon.
const KEPT: Duration = Duration::from_mins(1);

/// The most names remembered, about 2 MiB of them.
const MOST: usize = 10_000;

/// What a name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// To at least one address that may be dialled.
    Admitted,
    /// Only to addresses that must not be dialled.
    Forbidden,
    /// Nobody said in time.
    Unknown,
}

struct Slot {
    since: Instant,
    finding: OnceCell<Finding>,
}

/// The findings by name.
#[derive(Default)]
pub(crate) struct Vetted {
    slots: Mutex<HashMap<String, Arc<Slot>>>,
}

impl Vetted {
    /// The finding for `name`: a remembered one, else that of `look_up`, awaited together with
    /// whoever asks for the same name meanwhile.
    pub(crate) async fn get_or(&self, name: &str, look_up: impl Future<Output = Finding>) -> Finding {
        let slot = self.slot(name);
        *slot.finding.get_or_init(|| look_up).await
    }

    fn slot(&self, name: &str) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(name).filter(|slot| slot.is_fresh()) {
            return Arc::clone(slot);
        }
        make_room(&mut slots);
        let slot = Arc::new(Slot { since: Instant::now(), finding: OnceCell::new() });
        slots.insert(name.to_owned(), Arc::clone(&slot));
        slot
    }
}

impl Slot {
    fn is_fresh(&self) -> bool {
        self.since.elapsed() < KEPT
    }
}

/// Drops what is stale once there are too many, and everything when that does not halve them:
/// forgetting costs a look-up, a scan at every insertion would cost more.
fn make_room(slots: &mut HashMap<String, Arc<Slot>>) {
    if slots.len() < MOST {
        return;
    }
    slots.retain(|_, slot| slot.is_fresh());
    if slots.len() > MOST / 2 {
        slots.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Notify;
    use tokio::time::advance;

    use super::*;

    async fn remember(vetted: &Vetted, name: &str, finding: Finding) -> Finding {
        vetted.get_or(name, async { finding }).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_finding_is_remembered_for_60_seconds() {
        let vetted = Vetted::default();
        assert_eq!(remember(&vetted, "a", Finding::Forbidden).await, Finding::Forbidden);
        advance(Duration::from_millis(59_999)).await;
        assert_eq!(remember(&vetted, "a", Finding::Admitted).await, Finding::Forbidden);
        advance(Duration::from_millis(1)).await;
        assert_eq!(remember(&vetted, "a", Finding::Admitted).await, Finding::Admitted);
    }

    #[tokio::test]
    async fn concurrent_look_ups_of_one_name_are_one() {
        let (vetted, calls, open) = (Vetted::default(), AtomicUsize::new(0), Notify::new());
        let look_up = || async {
            calls.fetch_add(1, Ordering::Relaxed);
            open.notified().await;
            Finding::Admitted
        };
        let all = async { tokio::join!(vetted.get_or("a", look_up()), vetted.get_or("a", look_up())) };
        let (found, ()) = tokio::join!(all, async { open.notify_waiters() });
        assert_eq!((found, calls.into_inner()), ((Finding::Admitted, Finding::Admitted), 1));
    }

    #[tokio::test]
    async fn a_look_up_whose_caller_left_is_taken_over() {
        let vetted = Vetted::default();
        let left = tokio::time::timeout(Duration::ZERO, vetted.get_or("a", std::future::pending())).await;
        assert!(left.is_err());
        assert_eq!(remember(&vetted, "a", Finding::Unknown).await, Finding::Unknown);
    }

    #[tokio::test(start_paused = true)]
    async fn the_number_of_names_is_bounded_and_stale_ones_go_first() {
        let vetted = Vetted::default();
        let fill = async |from: usize, to: usize| {
            for number in from..to {
                remember(&vetted, &number.to_string(), Finding::Forbidden).await;
            }
        };
        fill(0, MOST * 3 / 4).await;
        advance(KEPT).await;
        fill(MOST * 3 / 4, MOST + 1).await;
        assert_eq!(vetted.slots.lock().map(|slots| slots.len()).ok(), Some(MOST / 4 + 1));
        fill(MOST + 1, MOST * 3).await;
        assert!(vetted.slots.lock().is_ok_and(|slots| slots.len() <= MOST));
    }
}
