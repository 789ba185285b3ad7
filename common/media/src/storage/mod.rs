//! Where media are kept so that everybody who knows their address can fetch them.

pub mod folder;
pub(crate) mod upyun;

pub use folder::Folder;
pub use upyun::Bucket;

use std::io;

use async_trait::async_trait;
use tokio::time::Instant;
use wxgate_upyun::UpyunError;

use crate::{ObjectName, Spooled};

/// A place for media.
#[async_trait]
pub trait MediaStore: Send + Sync {
    /// Keeps a file under a name, in place of what was there, and answers its public address.
    /// Whoever fetches it gets all of a file or none, also when this is cut off at any point. Done
    /// again it leads to the same address.
    ///
    /// # Errors
    /// [`StorageError`].
    async fn put(
        &self,
        object: &ObjectName,
        media: &Spooled,
        content_type: &str,
        deadline: Instant,
    ) -> Result<String, StorageError>;
}

/// Why a file is not kept, or not for certain.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The deadline passed first.
    #[error("no time was left to keep the file")]
    OutOfTime,
    /// This machine's disk is full or broken.
    #[error("the file cannot be written to this machine's disk")]
    Disk(#[from] io::Error),
    /// Upyun did not take it.
    #[error(transparent)]
    Upyun(#[from] UpyunError),
}

impl StorageError {
    /// Whether it would be the same again.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::OutOfTime | Self::Disk(_) => false,
            Self::Upyun(error) => !error.is_retryable(),
        }
    }

    /// One stable word for the failure, as jobs show it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::OutOfTime => "timeout",
            Self::Disk(_) => "disk",
            Self::Upyun(error) => error.code(),
        }
    }
}
