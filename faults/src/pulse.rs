//! By how much this machine is late: on a busy one whatever should happen at a time happens later, here
//! as in the gateway's processes beside us.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// Between two beats.
const BEAT: Duration = Duration::from_millis(100);
/// Lateness that no run is free of: timers count in milliseconds.
const USUAL: Duration = Duration::from_millis(5);

/// When the machine was late, and by how much.
type Late = Arc<Mutex<Vec<(Instant, Duration)>>>;

/// A task that wakes ten times a second and notes how late; ends when dropped.
#[derive(Debug)]
pub struct Pulse {
    late: Late,
    _beating: JoinSet<()>,
}

impl Pulse {
    /// Begins to measure.
    #[must_use]
    pub fn start() -> Self {
        let late = Late::default();
        let mut beating = JoinSet::new();
        beating.spawn(beat(Arc::clone(&late)));
        Self { late, _beating: beating }
    }

    /// How late it was between two moments, all in all.
    #[must_use]
    pub fn late_between(&self, from: Instant, until: Instant) -> Duration {
        let late = self.late.lock();
        late.iter().filter(|(at, _)| (from..=until).contains(at)).map(|(_, by)| *by).sum()
    }
}

async fn beat(late: Late) {
    loop {
        let due = Instant::now() + BEAT;
        sleep(BEAT).await;
        let now = Instant::now();
        if now > due + USUAL {
            late.lock().push((now, now - due));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_holds_everything_up_is_measured() {
        let pulse = Pulse::start();
        let from = Instant::now();
        sleep(BEAT / 2).await;
        std::thread::sleep(Duration::from_millis(400));
        sleep(BEAT * 2).await;
        let late = pulse.late_between(from, Instant::now());
        assert!(late >= Duration::from_millis(300), "{late:?}");
    }
}
