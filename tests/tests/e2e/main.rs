//! The gateway from outside: real processes, real sockets, a simulated WeChat.
//!
//! Each scenario is written once and runs against both pairings, unless it is about what only one of
//! them has. The servers of the second pairing are those of `scripts/servers run`.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod ambiguous;
mod broker;
mod browser;
mod callbacks;
mod cards;
mod clients;
mod commands;
mod examples;
mod fairness;
mod faults;
mod gates;
mod interfaces;
mod media;
mod operating;
mod overload;
mod rotation;
mod sends;
mod support;
mod tokens;
mod traces;

/// Makes two tests of each scenario, one for each pairing.
#[macro_export]
macro_rules! on_both_pairings {
    ($($name:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(wxgate_tests::Pairing::Embedded).await; })+
        }
        mod servers {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(wxgate_tests::Pairing::Servers).await; })+
        }
    };
}

/// Makes a test of each scenario that is about several processes and their servers.
#[macro_export]
macro_rules! on_servers {
    ($($name:ident),+ $(,)?) => {
        mod on_servers {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name().await; })+
        }
    };
}
