//! Doorbells: how a process that stores jobs tells workers, at once, that there is something to
//! do.
//!
//! The store is the truth, the queue is only a doorbell. Losing one loses no job, since workers
//! also look for due jobs in the store; ringing twice is harmless, since the claim decides. So
//! [`Bell::ring`] never blocks and never fails, and nothing here is retried for ever: what cannot
//! be rung now is dropped, counted, and found in the store a moment later.
//!
//! Two queues offer the same [`Bell`] and [`Listener`]: [`embedded`], a channel inside one
//! process, and [`rabbit`], RabbitMQ for any number of processes. Begin with those two modules.

mod bell;
pub mod embedded;
mod listener;
pub mod message;
mod pending;
pub mod rabbit;
mod stats;

pub use bell::Bell;
pub use listener::{Delivery, Listener, ListenerStatus};
pub use stats::BellStats;
