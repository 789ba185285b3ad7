//! The client against an Upyun in memory, behind a socket.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod faults;
mod object;
mod support;
mod task;
