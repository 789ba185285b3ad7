//! Pushes: what WeChat posts to an app's own address, signed and, when asked, encrypted.
//!
//! `order` says what is to be pushed, `address` where to and under whose signature; `envelope` and
//! `xml` make the body; `sealed` puts both together; `desk` carries it out and keeps the log.

mod address;
mod desk;
mod envelope;
mod log;
mod order;
mod receipts;
mod sealed;
mod xml;

pub(crate) use address::{Address, Recipient, destination};
pub use address::{PushMode, PushTarget};
pub(crate) use address::{check_key, check_url};
pub(crate) use desk::Pushes;
pub(crate) use envelope::Key;
pub use log::{Attempt, Push};
pub use order::PushOrder;
pub(crate) use order::{opens_window, push_order};
pub(crate) use receipts::tell;
pub use receipts::{ReceiptStatus, Receipts};
pub(crate) use sealed::{Letter, Manner};
pub(crate) use xml::document;

/// How an app's address answered the check that WeChat makes when it is entered.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct UrlCheck {
    /// Whether the answer was the echo string and nothing else.
    pub passed: bool,
    /// What was to be echoed.
    pub echostr: String,
    /// The answer.
    pub answer: Attempt,
}
