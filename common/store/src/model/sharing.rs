//! Work that is done once for all who ask for it: one job leads, the others follow.

use serde::{Deserialize, Serialize};
use wxgate_job::Failure;

/// How the leader of a piece of work ended, which is then the end of its followers, too. A leader that
/// is cancelled has no end to take over: its first follower leads in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SharedEnd {
    /// With this result (JSON).
    Succeeded(String),
    /// For this reason.
    Failed(Failure),
}
