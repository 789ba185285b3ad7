//! Every HTTP client of the gateway is made here.
//!
//! [`GuardedClient`] is for URLs that somebody else chose (callbacks, pictures by URL): it reaches
//! public addresses only, plus what the operator allowed. [`Guard`] decides, once when a URL is
//! taken in ([`Guard::vet`]) and again on the address really dialled. [`upstream_client`] is for
//! URLs that come from the settings, and filters nothing.

mod allow;
mod base;
mod client;
mod download;
mod error;
mod fair;
mod filter;
mod guard;
mod lookup;
mod public;
mod reply;
mod retry_after;
mod target;
mod vetted;

pub use allow::{AllowList, InvalidAllowEntry};
pub use base::{install_crypto_provider, upstream_client};
pub use client::GuardedClient;
pub use download::Download;
pub use error::EgressError;
pub use guard::{Guard, Vetting};
pub use lookup::{Lookup, SystemLookup};
pub use public::is_public;
pub use reply::{MAX_BODY_START, Reply};
pub use retry_after::MAX_RETRY_AFTER;
pub use target::{InvalidUrl, MAX_URL, Refusal};
