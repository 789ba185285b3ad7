//! What stands under an authcode whose turn is not to be had.

use sqlx::FromRow;

use crate::model::once::Once;

/// One row of `replays`, as far as it answers a repeat.
#[derive(FromRow)]
pub(crate) struct OnceRow {
    fingerprint: Vec<u8>,
    job_id: Option<i64>,
    answer: Option<String>,
}

impl OnceRow {
    /// What the one is told who asked for the turn with this fingerprint.
    pub(crate) fn tell(self, fingerprint: [u8; 16]) -> Once {
        if self.job_id.is_some() || self.fingerprint != fingerprint {
            return Once::AuthcodeTaken;
        }
        self.answer.map_or(Once::Busy, Once::Answered)
    }
}
