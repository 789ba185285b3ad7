//! The slow half: claims due jobs, does them, and tells their callers.
//!
//! [`Worker::start`] wires the parts. Data flows one way through them:
//!
//! * [`lease`] holds this process' right to work; nothing is claimed or written without it;
//! * [`dispatch`] claims what doorbells and the store say is due, fairly, as [`slots`] and [`gates`]
//!   allow;
//! * [`attempt`] runs one claimed job through its kind's [`handler`] and lets
//!   `wxgate_job::decide` say what follows;
//! * [`settler`] writes that down, many jobs to a commit, and hands over the callbacks that arise;
//! * [`callbacks`] posts them;
//! * `metrics` counts all that;
//! * [`housekeeping`] rescues what dead workers held, wakes jobs whose wait is over, and forgets what is
//!   old.

pub mod apps;
mod at_once;
pub mod attempt;
pub mod callbacks;
pub mod dispatch;
pub mod gates;
pub mod handler;
pub mod handlers;
pub mod housekeeping;
pub mod in_hand;
pub mod lease;
pub mod media;
mod metrics;
mod phases;
pub mod receipt;
pub mod settler;
pub mod slots;
mod worker;

pub use worker::{Parts, Worker};
