//! The one client of WeChat's server interfaces.
//!
//! [`WeChat`] is what the rest of the gateway uses: its methods take an app and a request and
//! answer with what WeChat said, the token put in and renewed inside. Beneath it:
//!
//! * [`call`] sends one request and reads one [`Answer`], and says of every failure whether the
//!   request may have taken effect;
//! * [`errcode`] is WeChat's return codes as data: what to do about each, for the program and, in
//!   words, for people;
//! * [`credentials`] fetches tokens and tickets for `wxgate_token`'s keeper;
//! * [`directory`] is what it asks of the gateway about apps and platforms;
//! * [`outcome`] is the one place where all that becomes the outcome of a job's attempt.
//!
//! [`card`] checks kinds of card and brings in codes by the batch.
//! [`signature`] is arithmetic alone: what pages and cards are signed with.
//!
//! No token and no secret is in the text of any error here, however deep its chain.

pub mod answer;
mod authorised;
mod authorizers;
pub mod bases;
pub mod call;
mod calls;
pub mod card;
mod clean;
pub mod client;
pub mod credentials;
pub mod directory;
pub mod errcode;
pub mod error;
mod force;
pub mod login;
pub mod media;
pub mod outcome;
pub mod passed_through;
pub mod platform;
mod qrcode;
pub mod signature;
pub mod template;
pub mod tickets;
pub mod upload;

pub use answer::Answer;
pub use bases::Bases;
pub use call::CallError;
pub use calls::CallCount;
pub use card::{CardDraft, Flaw, Problem};
pub use client::WeChat;
pub use credentials::{CredentialError, Credentials};
pub use directory::{App, AppDirectory, Component, PlatformApp, TokenMode};
pub use errcode::{Class, Family, advice, advice_zh, classify};
pub use error::{Refusal, WeChatError};
pub use login::{Language, Login, Scope};
pub use media::{MediaAnswer, MediaBody, Quality};
pub use passed_through::Endpoint;
pub use platform::{AccountKind, Authorisation};
pub use template::Sent;
pub use tickets::TicketKind;
pub use upload::{MediaKind, Purpose, UnfitFile, UploadError, UploadFile, Uploaded};
