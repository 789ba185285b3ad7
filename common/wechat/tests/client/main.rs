//! The client against a WeChat made of a socket, which sends whole answers, halves and none.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod credentials;
mod login;
mod media;
mod outcome;
mod passed_through;
mod platform;
mod support;
mod template;
mod tickets;
mod transport;
mod upload;
