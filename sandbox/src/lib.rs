//! A simulated WeChat: it issues access tokens and takes template messages as
//! `api.weixin.qq.com` does, plays faults on demand, and tells what it received.
//!
//! Integrators and tests use it in place of WeChat. [`Sandbox::start`] runs one; any number can run
//! in one process. It begins with a ready-made app ([`APP_ID`], [`APP_SECRET`], [`TEMPLATE_ID`], the
//! subscribers `oSandboxUser01` to `oSandboxUser99`), so that the first call needs no preparation.
//! [`Control`] changes apps, scripts faults, moves the clock and reads the logs; `/_sandbox/` offers
//! the same over HTTP and explains itself there.
//!
//! Inside: `endpoint` lists what is simulated, `serve` carries calls in and answers out (and is the
//! only part that knows the HTTP library), `control` is the other way in. A family of endpoints is
//! one module with its own state (`token`, `template`), hung into `state`.

mod apps;
mod bounded;
mod calls;
mod chance;
mod clock;
mod control;
mod endpoint;
mod errcode;
mod faults;
mod incoming;
mod redaction;
mod refused;
mod reply;
mod serve;
mod session;
mod state;
mod template;
mod token;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

pub use apps::{APP_ID, APP_SECRET, App, AppChange, DuplicateAnswer, Limit, Setting, TEMPLATE_ID, Template};
pub use bounded::Page;
pub use calls::{Answer, Call};
pub use control::{CallFilter, ClockFace, Control, MessageFilter, Stats};
pub use faults::{Fault, Garbage, Matching, Rule, Standing, When};
pub use refused::Refused;
pub use serve::Running;
pub use template::Message;
pub use token::TokensIssued;

use state::Shared;

/// How a sandbox is to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where its chance begins: with one seed, the same calls in the same order get the same tokens,
    /// message ids and throws of the dice.
    pub seed: u64,
    /// How many calls, and how many messages, are remembered: the newest. Either log also stays
    /// below 256 MiB.
    pub keep: usize,
}

impl Default for Options {
    /// `127.0.0.1:8181`, a fixed seed, 100,000 calls and messages.
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8181)), seed: 1, keep: 100_000 }
    }
}

/// The simulated WeChat.
#[derive(Clone, Copy, Debug)]
pub struct Sandbox;

impl Sandbox {
    /// Starts one on threads of its own. Connections are taken from the moment this returns.
    ///
    /// # Errors
    /// When the address cannot be listened on, or when there is no tokio runtime here.
    pub fn start(options: Options) -> io::Result<Running> {
        let shared = Arc::new(Shared::new(options.seed, options.keep));
        serve::start(options.listen, shared)
    }
}
