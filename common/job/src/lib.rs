//! What a job is and what follows each of its attempts: identifiers, states, outcomes, and the
//! one pure function ([`decide::decide`]) that turns an attempt's outcome into the next step.
//!
//! Nothing here knows a database, a broker or HTTP. Begin with [`state`] for the life of a job,
//! with [`outcome`] for what a handler may report, with [`decide`] for the rules.

pub mod decide;
pub mod id;
pub mod lane;
pub mod millis;
pub mod outcome;
pub mod schedule;
pub mod state;

pub use id::JobId;
pub use lane::{Doorbell, Kind, Lane};
pub use millis::millis;
pub use outcome::{Awaited, Failure, Outcome};
pub use state::JobState;
