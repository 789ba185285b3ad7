//! Requests with an effect that are answered at once and become no job: done once, answered always.

use super::intake::ReplayKey;

/// The right to do such a request: its authcode's fencing token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The request.
    pub key: ReplayKey,
    /// Grows with every turn that was given for this authcode.
    pub number: i32,
}

/// What became of the wish to do a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Once {
    /// Do it, then keep the answer or release the turn.
    Yours(Turn),
    /// As `Yours`, but somebody had the turn before and neither answered nor released it in time, or
    /// let it lapse: it may have taken effect.
    AfterLapse(Turn),
    /// It was done: this was the answer.
    Answered(String),
    /// Somebody is doing it: ask again in a moment.
    Busy,
    /// The authcode belongs to another request.
    AuthcodeTaken,
}
