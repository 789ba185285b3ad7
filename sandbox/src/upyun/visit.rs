//! One call in the middle of being answered.

use std::sync::Arc;

use super::request::Request;
use super::room::Room;
use crate::clock::Moment;
use crate::state::{Shared, State};

/// What the parts of the simulated Upyun work with.
pub(crate) struct Visit<'a> {
    pub(crate) shared: &'a Arc<Shared>,
    pub(crate) state: &'a Arc<State>,
    pub(crate) request: &'a Request,
    /// The memory that the request's body was given.
    pub(crate) room: &'a Arc<Room>,
    pub(crate) now: Moment,
}

impl Visit<'_> {
    /// An id for an answer: 32 hex digits.
    pub(super) fn request_id(&self) -> String {
        self.state.chance.hex(32)
    }

    /// The Unix second.
    pub(super) fn second(&self) -> i64 {
        self.now / 1000
    }
}
