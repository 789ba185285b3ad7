//! The client against a WeChat made of a socket, which sends whole answers, halves and none.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod credentials;
mod outcome;
mod support;
mod template;
mod transport;
