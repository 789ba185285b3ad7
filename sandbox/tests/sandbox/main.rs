//! The sandbox as its users meet it: over HTTP, and through its controls.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod control;
mod faults;
mod play;
mod quota;
mod template;
mod token;
mod wire;
