//! A simulated WeChat: it issues tokens and tickets, takes messages, keeps media, cards and QR codes,
//! logs users in and pushes events as WeChat does, plays faults on demand, and tells what it received.
//! Beside it, on a port of its own, a simulated Upyun: storage, and processing of voice and film.
//!
//! Integrators and tests use it in place of the two. [`Sandbox::start`] runs one; any number can run
//! in one process. It begins with a ready-made app ([`APP_ID`], [`APP_SECRET`], [`TEMPLATE_ID`], the
//! subscribers `oSandboxUser01` to `oSandboxUser99`), so that the first call needs no preparation.
//! [`Control`] changes apps, scripts faults, moves the clock and reads the logs; `/_sandbox/` offers
//! the same over HTTP and explains itself there.
//!
//! Inside: `endpoint` lists what is simulated, `serve` carries calls in and answers out (and is the
//! only part that knows the HTTP library), `control` is the other way in. A family of endpoints is
//! one module with its own state (`token`, `template`, `cards`, …), hung into `state`; so is `upyun`.
//! `courier` carries out what the sandbox sends by itself.

mod apps;
mod bounded;
mod calls;
mod cards;
mod chance;
mod clock;
mod control;
mod courier;
mod custom;
mod endpoint;
mod errcode;
mod expiring;
mod faults;
mod html;
mod incoming;
mod media;
mod multipart;
mod oauth;
mod platform;
mod pushes;
mod qrcode;
mod redaction;
mod refused;
mod reply;
mod serve;
mod session;
mod signature;
mod state;
mod template;
mod tickets;
mod token;
mod upyun;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

pub use apps::{APP_ID, APP_SECRET, App, AppChange, DuplicateAnswer, Limit, Setting, TEMPLATE_ID, Template};
pub use bounded::Page;
pub use calls::{Answer, Call};
pub use cards::{
    CARD_ID, CardChoice, CardExt, CardGiven, CardReceipt, CardShown, CardStatus, MEMBER_CARD_ID,
    UserCardStatus,
};
pub use control::{
    CallFilter, ClockFace, Control, MessageFilter, PushFilter, Stats, UpyunFilter, UpyunOverview,
};
pub use custom::{Contact, CustomMessage};
pub use faults::{Fault, Garbage, Matching, Rule, Spot, Standing, When};
pub use media::{Media, MediaStats, MediaType, NewMedia, Sample};
pub use platform::{Authorized, COMPONENT_APP_ID, COMPONENT_SECRET, Component, ComponentChange};
pub use pushes::{Attempt, Push, PushMode, PushOrder, PushTarget, ReceiptStatus, Receipts, UrlCheck};
pub use qrcode::QrCode;
pub use refused::Refused;
pub use serve::Running;
pub use template::Message;
pub use token::TokensIssued;
pub use upyun::{
    FORM_KEY, Notify, UPYUN_BUCKET, UPYUN_OPERATOR, UPYUN_PASSWORD, UpyunAnswer, UpyunCall, UpyunChange,
    UpyunObject, UpyunSetting, UpyunTask,
};

use courier::Courier;
use state::Shared;
use tokio::runtime::Handle;

/// How a sandbox is to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where WeChat listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where Upyun listens; none: there is no simulated Upyun.
    pub upyun_listen: Option<SocketAddr>,
    /// Where its chance begins: with one seed, the same calls in the same order get the same tokens,
    /// message ids and throws of the dice.
    pub seed: u64,
    /// How many calls, messages, tasks of Upyun and so on are remembered: the newest of each. Every
    /// log also stays below 256 MiB, as do all media together, and all that Upyun stores.
    pub keep: usize,
}

impl Default for Options {
    /// WeChat at `127.0.0.1:8181`, no Upyun, a fixed seed, the newest 100,000 of everything.
    fn default() -> Self {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 8181));
        Self { listen, upyun_listen: None, seed: 1, keep: 100_000 }
    }
}

/// The simulated WeChat and Upyun.
#[derive(Clone, Copy, Debug)]
pub struct Sandbox;

impl Sandbox {
    /// Starts one on threads of its own. Connections are taken from the moment this returns.
    ///
    /// # Errors
    /// When an address cannot be listened on, or when there is no tokio runtime here.
    pub fn start(options: Options) -> io::Result<Running> {
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        let courier = Courier::new(runtime.clone());
        let shared = Arc::new(Shared::new(options.seed, options.keep, courier));
        serve::start(options.listen, options.upyun_listen, shared, &runtime)
    }
}
