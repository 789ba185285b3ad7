//! The intake: the interfaces that third parties call, the pages that browsers visit, WeChat's pushes, and
//! the operator's listener.
//!
//! A request passes one verification ([`mod@interface`] declares what is checked, `verify` checks it in
//! the documented order) and reaches a handler as a verified call; what comes back is written as the
//! documented envelope. Adding an interface is one small file and one line in [`interfaces`]. Begin
//! with [`start`], then `exchange` for one request's way through. What no caller signs, visits and pushes,
//! is in `pages` and `pushes`.

mod accepting;
mod body;
mod call;
mod card;
mod card_page;
mod code_list;
mod color;
mod console;
mod credentials;
mod envelope;
mod exchange;
mod file;
mod gateway;
pub mod interface;
pub mod interfaces;
mod language;
mod listener;
mod media;
mod metrics;
mod multipart;
mod once;
mod openapi;
pub mod operator;
mod pages;
mod pushes;
mod refusal;
mod room;
mod server;
mod springboard;
mod status;
mod surely;
mod template;
mod upstream;
mod uri;
mod values;
mod verify;
mod waiting;

pub use call::Call;
pub use envelope::Answer;
pub use interface::{Interface, Param, ParamKind};
pub use language::Language;
pub use listener::Listener;
pub use pages::TEST_TOOL;
pub use refusal::Refusal;
pub use server::{Parts, Running, start};
