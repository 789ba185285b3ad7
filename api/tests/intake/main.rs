//! The intake over real sockets, on the embedded store.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]
#![allow(clippy::needless_pass_by_value, reason = "requests read better without references")]

mod cancel;
mod checks;
mod http;
mod logging;
mod operator;
mod repeats;
mod request;
mod send;
mod status;
mod stopping;
mod support;
mod transport;
