//! From names to addresses.

use std::io;
use std::net::IpAddr;

use async_trait::async_trait;
use tokio::net::lookup_host;

/// Finds a name's addresses.
#[async_trait]
pub trait Lookup: Send + Sync + 'static {
    /// All addresses of `name`, in the order to try them.
    ///
    /// # Errors
    /// When the name has none, or nobody answers.
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The system's resolver, and so `/etc/hosts` too. Blocks a thread of tokio's for as long as that takes.
#[derive(Clone, Copy, Debug)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let found = lookup_host((name, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}
