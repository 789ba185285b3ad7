//! The guard and the guarded client, on real sockets of 127.0.0.1 and with a scripted resolver.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;
mod download;
mod support;
mod tricks;
mod vetting;
