//! Files, without holding up the threads that everything else runs on.

use std::io;
use std::path::Path;

use tempfile::{Builder, NamedTempFile};
use tokio::task::spawn_blocking;

/// What temporary files of ours begin with, so that a sweep finds them and nothing else.
pub(crate) const PREFIX: &str = "wxgate-";

/// Does what may wait for a disk on a thread that may wait. Once begun it is done to its end, even
/// when nobody awaits it any more.
///
/// # Errors
/// What `work` answers.
pub(crate) async fn off_thread<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<io::Error> + Send + 'static,
{
    spawn_blocking(work).await.map_err(io::Error::other)?
}

/// An empty file in `folder`, for its owner alone, gone when it is dropped.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    Builder::new().prefix(PREFIX).tempfile_in(folder)
}
