//! The one client of WeChat's server interfaces.
//!
//! [`WeChat`] is what the rest of the gateway uses: its methods take an app and a request and
//! answer with what WeChat said, the token put in and renewed inside. Beneath it:
//!
//! * [`call`] sends one request and reads one [`Answer`], and says of every failure whether the
//!   request may have taken effect;
//! * [`errcode`] is WeChat's return codes as data: what to do about each, for the program and, in
//!   words, for people;
//! * [`credentials`] fetches access tokens for `wxgate_token`'s keeper;
//! * [`outcome`] is the one place where all that becomes the outcome of a job's attempt.
//!
//! No token and no secret is in the text of any error here, however deep its chain.

pub mod answer;
mod authorised;
pub mod bases;
pub mod call;
mod clean;
pub mod client;
pub mod credentials;
pub mod errcode;
pub mod error;
mod force;
pub mod outcome;
pub mod template;

pub use answer::Answer;
pub use bases::Bases;
pub use call::CallError;
pub use client::WeChat;
pub use credentials::{App, AppDirectory, CredentialError, Credentials, TokenMode};
pub use errcode::{Class, Family, advice, classify};
pub use error::{Refusal, WeChatError};
pub use template::Sent;
