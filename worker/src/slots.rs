//! Room for work: how many calls may be under way at once, in all and for one app, and how many a
//! second.
//!
//! One app may have calls in at most half of the slots. Each attempt that gets no answer halves that, down to
//! one; each that gets one adds one again. So an app whose every call hangs soon holds a single slot, and
//! several of them together do not hold all, while one that has recovered grows again.
//!
//! Once its call has ended, a slot makes room for another call while what came of it is written down
//! (`phases`): the store's latency takes nothing from what may be under way at WeChat.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::phases::Phases;

/// What an operator set for one app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AppLimits {
    /// Calls at the same time at most.
    pub concurrency: Option<u32>,
    /// Calls a second at most.
    pub rate: Option<u32>,
}

/// The slots of one process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Slots {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    total: usize,
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct State {
    slots: Phases,
    apps: HashMap<String, AppState>,
}

#[derive(Debug)]
struct AppState {
    slots: Phases,
    /// Calls that it may have under way.
    share: usize,
    /// Calls that the rate allows right now, and when that was reckoned.
    allowance: f64,
    reckoned_at: Instant,
}

/// One slot, given back when dropped, so that a panic cannot leak it.
#[derive(Debug)]
pub struct Slot {
    shared: Arc<Shared>,
    app: String,
    calling: bool,
}

impl Slot {
    /// Notes whether the app's call was answered.
    pub fn note(&self, answered: bool) {
        if let Some(app) = self.shared.lock().apps.get_mut(&self.app) {
            app.learn(answered, self.shared.total);
        }
    }

    /// Makes room for another call.
    pub fn end_call(&mut self) {
        if std::mem::take(&mut self.calling) {
            self.shared.lock().end_call(&self.app);
            self.shared.freed.notify_one();
        }
    }
}

impl Slots {
    /// `total` slots.
    #[must_use]
    pub fn new(total: usize) -> Self {
        let shared = Shared { total: total.max(1), state: Mutex::default(), freed: Notify::new() };
        Self { shared: Arc::new(shared) }
    }

    /// Takes up to `wanted` slots for an app.
    #[must_use]
    pub fn take(&self, app: &str, limits: AppLimits, wanted: usize) -> Vec<Slot> {
        let granted = self.shared.lock().grant(self.shared.total, app, limits, wanted);
        (0..granted)
            .map(|_| Slot { shared: Arc::clone(&self.shared), app: app.to_owned(), calling: true })
            .collect()
    }

    /// Slots that are free, in all.
    #[must_use]
    pub fn free(&self) -> usize {
        self.shared.lock().free(self.shared.total)
    }

    /// Slots in use, by calls or by what is written down of them.
    #[must_use]
    pub fn held(&self) -> usize {
        self.shared.lock().slots.held()
    }

    /// Waits until there may be room for more. Room that was made since the last call counts.
    pub async fn freed(&self) {
        self.shared.freed.notified().await;
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two statements, so a panic elsewhere does no harm.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Calls that one app may have under way.
fn half(total: usize) -> usize {
    (total / 2).max(1)
}

impl State {
    fn free(&self, total: usize) -> usize {
        self.slots.room(total, total)
    }

    fn end_call(&mut self, app: &str) {
        self.slots.end_call();
        if let Some(app) = self.apps.get_mut(app) {
            app.slots.end_call();
        }
    }

    /// Gives a slot back whose call has ended; says whether that made room.
    fn give_back(&mut self, total: usize, app: &str) -> bool {
        let made_room = self.slots.give_back(total);
        let made_room_for_app = self.apps.get_mut(app).is_some_and(|app| app.slots.give_back(half(total)));
        made_room || made_room_for_app
    }

    fn grant(&mut self, total: usize, app: &str, limits: AppLimits, wanted: usize) -> usize {
        let free = self.free(total);
        let most = limits.concurrency.map_or(usize::MAX, |most| most as usize);
        let state = match self.apps.get_mut(app) {
            Some(state) => state,
            None => self.apps.entry(app.to_owned()).or_insert_with(|| AppState::new(limits, half(total))),
        };
        let room = state.slots.room(most.min(state.share), half(total));
        let granted = wanted.min(free).min(room).min(state.allowed(limits));
        state.slots.take(granted);
        state.allowance -= f64::from(u32::try_from(granted).unwrap_or(u32::MAX));
        self.slots.take(granted);
        granted
    }
}

impl AppState {
    fn new(limits: AppLimits, share: usize) -> Self {
        Self {
            slots: Phases::default(),
            share,
            allowance: limits.rate.map_or(0.0, f64::from),
            reckoned_at: Instant::now(),
        }
    }

    fn learn(&mut self, answered: bool, total: usize) {
        self.share = if answered { (self.share + 1).min(half(total)) } else { (self.share / 2).max(1) };
    }

    /// Calls that the rate allows now. What is not used within a second is lost.
    fn allowed(&mut self, limits: AppLimits) -> usize {
        let Some(rate) = limits.rate.map(f64::from) else { return usize::MAX };
        let now = Instant::now();
        let gained = (now - self.reckoned_at).as_secs_f64() * rate;
        self.allowance = (self.allowance + gained).clamp(0.0, rate);
        self.reckoned_at = now;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and a u32")]
        {
            self.allowance.floor() as usize
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        let mut has_room = state.give_back(self.shared.total, &self.app);
        if self.calling {
            state.end_call(&self.app);
            // Nothing was called in it: the rate is for calls.
            if let Some(app) = state.apps.get_mut(&self.app) {
                app.allowance += 1.0;
            }
            has_room = true;
        }
        drop(state);
        if has_room {
            self.shared.freed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const FREE: AppLimits = AppLimits { concurrency: None, rate: None };

    #[tokio::test]
    async fn one_app_gets_half_and_all_apps_get_all() {
        let slots = Slots::new(10);
        let one = slots.take("a", FREE, 100);
        assert_eq!(one.len(), 5);
        assert!(slots.take("a", FREE, 1).is_empty());
        let other = slots.take("b", FREE, 100);
        assert_eq!((other.len(), slots.free()), (5, 0));
        assert!(slots.take("c", FREE, 1).is_empty());
        drop(one);
        assert_eq!(slots.take("c", FREE, 100).len(), 5);
    }

    #[tokio::test]
    async fn a_slot_given_back_can_be_taken_again() {
        let slots = Slots::new(2);
        let held = slots.take("a", FREE, 9);
        assert_eq!((held.len(), slots.free()), (1, 1));
        drop(held);
        slots.freed().await;
        assert_eq!(slots.take("a", FREE, 9).len(), 1);
    }

    #[tokio::test]
    async fn a_slot_whose_call_has_ended_makes_room_for_one_other() {
        let slots = Slots::new(4);
        let mut written_down = slots.take("a", FREE, 9);
        assert_eq!((written_down.len(), slots.take("a", FREE, 9).len()), (2, 0));
        written_down.iter_mut().for_each(Slot::end_call);
        written_down.extend(slots.take("a", FREE, 9));
        written_down.iter_mut().for_each(Slot::end_call);
        assert_eq!(
            (written_down.len(), slots.take("a", FREE, 9).len()),
            (4, 0),
            "as many again, and no more"
        );
        assert_eq!((slots.held(), slots.free()), (4, 4), "there is room for others");
        drop(written_down.pop());
        slots.freed().await;
        assert_eq!(slots.take("a", FREE, 9).len(), 1);
    }

    #[tokio::test]
    async fn apps_whose_calls_hang_leave_the_slots_to_the_rest() {
        let slots = Slots::new(64);
        for app in ["hangs", "hangs too"] {
            let held = slots.take(app, FREE, 100);
            assert_eq!(held.len(), 32);
            for slot in &held {
                slot.note(false);
            }
        }
        assert_eq!((slots.take("hangs", FREE, 100).len(), slots.take("hangs too", FREE, 100).len()), (1, 1));
        for answers in 1..=40 {
            slots.take("hangs", FREE, 1)[0].note(true);
            assert_eq!(slots.take("hangs", FREE, 100).len(), (1 + answers).min(32));
        }
    }

    #[tokio::test]
    async fn an_apps_own_limit_counts_at_the_limit() {
        let slots = Slots::new(100);
        let limits = AppLimits { concurrency: Some(3), rate: None };
        let held = slots.take("a", limits, 2);
        assert_eq!((held.len(), slots.take("a", limits, 2).len()), (2, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_is_kept_and_does_not_pile_up() {
        let slots = Slots::new(1000);
        let limits = AppLimits { concurrency: None, rate: Some(10) };
        assert_eq!(called(slots.take("a", limits, 100)), 10);
        assert!(slots.take("a", limits, 100).is_empty());
        tokio::time::advance(Duration::from_millis(550)).await;
        assert_eq!(called(slots.take("a", limits, 100)), 5);
        tokio::time::advance(Duration::from_mins(1)).await;
        assert_eq!(slots.take("a", limits, 100).len(), 10);
        assert_eq!(called(slots.take("a", limits, 100)), 10, "slots without a call do not count");
    }

    fn called(mut slots: Vec<Slot>) -> usize {
        slots.iter_mut().for_each(Slot::end_call);
        slots.len()
    }
}
