//! From names to addresses.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::net::lookup_host;
use tokio::sync::Semaphore;

/// Look-ups under way at once. Each blocks a thread for as long as the system's resolver takes, and
/// tokio has 512 of them for everything.
const CONCURRENT: usize = 128;

/// Finds a name's addresses.
#[async_trait]
pub trait Lookup: Send + Sync + 'static {
    /// All addresses of `name`, in the order to try them.
    ///
    /// # Errors
    /// When the name has none, or nobody answers.
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The system's resolver, and so `/etc/hosts` too.
#[derive(Debug)]
pub struct SystemLookup {
    slots: Arc<Semaphore>,
}

impl Default for SystemLookup {
    fn default() -> Self {
        Self { slots: Arc::new(Semaphore::new(CONCURRENT)) }
    }
}

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(io::Error::other)?;
        let name = name.to_owned();
        // A task of its own, since the thread stays busy even when the caller gives up.
        let looking = tokio::spawn(async move {
            let _slot = slot;
            let found = lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        });
        looking.await.map_err(io::Error::other)?
    }
}
