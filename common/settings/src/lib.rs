//! What an operator can set: environment variables over an optional `wxgate.toml`.
//!
//! [`Settings::from_process`] reads both once, at the start; nothing else reads the environment.
//! Whatever is unknown or unusable is named, all of it at once. [`SETTINGS`] lists what there is,
//! with defaults and meanings, for people to read.

mod base_url;
mod error;
mod groups;
mod pairing;
mod parse;
mod reader;
mod server_url;
mod settings;
mod sources;
mod table;

pub use base_url::BaseUrl;
pub use error::SettingsError;
pub use groups::{AdminListen, Lang, Log, LogFormat, Role, Upyun, UpyunAccount, WeChatBases};
pub use pairing::Pairing;
pub use server_url::ServerUrl;
pub use settings::Settings;
pub use table::{SETTINGS, Setting};
