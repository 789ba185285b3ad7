//! Counting slots whose work has two phases: a call, and then writing down what came of it.
//!
//! A slot makes room for another call as soon as its own has ended. Of those that are only being written down there are
//! as many again at most as there may be calls, so that a slow store cannot pile them up.

/// Slots that are held, and how many of them are calling.
#[derive(Debug, Default)]
pub(crate) struct Phases {
    held: usize,
    calling: usize,
}

impl Phases {
    /// Slots that are held, in either phase.
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    /// How many more may call when `calls` may at the same time, and `most` is how many calls those that are held
    /// are measured by: they are twice as many at most.
    pub(crate) fn room(&self, calls: usize, most: usize) -> usize {
        calls.saturating_sub(self.calling).min((2 * most).saturating_sub(self.held))
    }

    /// As many more are held, and call.
    pub(crate) fn take(&mut self, slots: usize) {
        self.held += slots;
        self.calling += slots;
    }

    /// The call of one has ended.
    pub(crate) fn end_call(&mut self) {
        self.calling = self.calling.saturating_sub(1);
    }

    /// One whose call has ended is given back; says whether that made room.
    pub(crate) fn give_back(&mut self, most: usize) -> bool {
        let was_full = self.held >= 2 * most;
        self.held = self.held.saturating_sub(1);
        was_full
    }
}
