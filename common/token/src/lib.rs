//! Keeps the tokens of many WeChat apps, so that each app has one refresh at a time over all
//! callers and all processes.
//!
//! Pure logic over two traits: [`TokenStore`] is what the processes share, [`TokenSource`] asks
//! WeChat. Begin with [`Keeper`]; the guarantees that make it right over several processes are
//! those of [`TokenStore`].
//!
//! Why so much care: each fetch of a normal access token retires the one before it, and an app may
//! fetch 2000 a day. Refreshers that race therefore fight each other until the day's quota is gone.

pub mod error;
pub mod keeper;
pub mod key;
pub mod limits;
mod refresh;
mod slot;
pub mod source;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;

pub use error::KeeperError;
pub use keeper::{Keeper, Token};
pub use key::{TokenKey, TokenKind};
pub use limits::Limits;
pub use source::{FetchedToken, TokenSource};
pub use store::{NewToken, RefreshTerms, StoredToken, Ticket, TokenStore, TokenStoreError, Turn};
