//! The intake: the interfaces that third parties call, and the operator's listener.
//!
//! A request passes one verification ([`mod@interface`] declares what is checked, `verify` checks it in
//! the documented order) and reaches a handler as a verified call; what comes back is written as the
//! documented envelope. Adding an interface is one small file and one line in [`interfaces`]. Begin
//! with [`start`], then `exchange` for one request's way through.

mod accepting;
mod body;
mod call;
mod envelope;
mod exchange;
mod gateway;
pub mod interface;
pub mod interfaces;
mod listener;
mod metrics;
pub mod operator;
mod refusal;
mod server;
mod status;
mod template;
mod uri;
mod values;
mod verify;
mod waiting;

pub use call::Call;
pub use envelope::Answer;
pub use interface::{Interface, Param, ParamKind};
pub use listener::Listener;
pub use refusal::Refusal;
pub use server::{Parts, Running, start};
