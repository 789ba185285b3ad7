//! What end-to-end tests are made of: a gateway of real processes, a simulated WeChat, a receiver of
//! callbacks, and a client that signs.
//!
//! Every scenario is written once and runs against both pairings: [`Pairing::Embedded`] is one
//! `wxgate serve`; [`Pairing::Servers`] is `wxgate api` and `wxgate worker` on a database of their own
//! on the test servers. Begin with [`Gateway`].

#![allow(clippy::missing_panics_doc, clippy::unwrap_used, reason = "a failed test may panic")]
#![allow(clippy::must_use_candidate, clippy::return_self_not_must_use, reason = "no library for others")]

mod binary;
mod browser;
mod collector;
mod database;
mod files;
mod gateway;
mod media;
mod process;
mod receiver;
mod request;
mod scanner;
mod sdk;
mod servers;
mod visitor;

pub use binary::wxgate;
pub use browser::{Browser, Phone};
pub use collector::Collector;
pub use database::{Database, Hold};
pub use files::more_files;
pub use gateway::{CLIENT, Gateway, Plan, SECRET};
pub use media::{Sound, fetch, probe};
pub use process::Process;
pub use receiver::{Post, Receiver};
pub use request::{Answer, Caller, Signed, template, unix_seconds};
pub use scanner::scan;
pub use sdk::SdkHost;
pub use servers::{Pairing, Servers};
pub use visitor::{Page, look_at, param, visit};
