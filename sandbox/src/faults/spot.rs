//! Where in the simulated Upyun a rule strikes.

use serde::{Deserialize, Serialize};

/// A kind of call to Upyun, or what Upyun does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spot {
    /// Any call of those below, but neither a task nor a notify.
    Call,
    /// Storage: an upload, a copy, a move, a stage of an upload in parts.
    Put,
    /// Storage: a download or a listing.
    Get,
    /// Storage: what is known of a file or folder.
    Head,
    /// Storage: a deletion.
    Delete,
    /// Storage: a new folder, or an upload by form.
    Post,
    /// Storage: a change of metadata.
    Patch,
    /// Processing: tasks handed in.
    Submit,
    /// Processing: how far tasks are.
    Status,
    /// Processing: what became of tasks.
    Result,
    /// A download by the public address.
    Public,
    /// One task while it is worked on.
    Task,
    /// The notify of one task, with all its repeats.
    Notify,
}

impl Spot {
    pub(super) fn is_call(self) -> bool {
        !matches!(self, Self::Task | Self::Notify)
    }

    /// Whether a rule for this spot is for that one.
    pub(super) fn covers(self, other: Self) -> bool {
        self == other || (self == Self::Call && other.is_call())
    }
}
