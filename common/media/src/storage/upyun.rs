//! Media in Upyun's bucket.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};
use wxgate_upyun::{ObjectPath, Upyun, UpyunError};

use crate::storage::{MediaStore, StorageError};
use crate::{ObjectName, Spooled};

/// The longest that an upload may stand still. What lies in the system's buffers when the last piece
/// was taken, some hundred KiB, goes at 1 Mbit/s in a few seconds.
const STANDSTILL: Duration = Duration::from_mins(1);

/// The folder `media` of a bucket. Upyun shows a file only once it has all of it.
#[derive(Clone, Debug)]
pub struct Bucket {
    upyun: Upyun,
}

impl Bucket {
    /// The bucket of this client.
    #[must_use]
    pub fn new(upyun: Upyun) -> Self {
        Self { upyun }
    }
}

#[async_trait]
impl MediaStore for Bucket {
    async fn put(
        &self,
        object: &ObjectName,
        media: &Spooled,
        content_type: &str,
        deadline: Instant,
    ) -> Result<String, StorageError> {
        let path = path("media", object)?;
        put(&self.upyun, &path, media, content_type, deadline).await?;
        Ok(self.upyun.public_url(&path))
    }
}

/// Where a file of this name lies.
///
/// # Errors
/// None in fact: no name has anything that a path must not have.
pub(crate) fn path(folder: &str, object: &ObjectName) -> Result<ObjectPath, UpyunError> {
    Ok(format!("/{folder}/{object}").parse::<ObjectPath>()?)
}

/// Streams a file from the disk into the bucket, as long as that gets on.
///
/// # Errors
/// [`StorageError::Disk`] when it cannot be opened, [`StorageError::Upyun`].
pub(crate) async fn put(
    upyun: &Upyun,
    path: &ObjectPath,
    media: &Spooled,
    content_type: &str,
    deadline: Instant,
) -> Result<(), StorageError> {
    let taken = Arc::new(Notify::new());
    let body = media.body({
        let taken = Arc::clone(&taken);
        move || taken.notify_one()
    });
    let put = upyun.put(path, content_type, &media.md5, media.length, body.await?, deadline);
    Ok(unless_it_stands_still(put, &taken).await.unwrap_or(Err(UpyunError::TimedOut))?)
}

/// The upload's end; `None` when no piece was taken for too long, nor an answer given to the last.
async fn unless_it_stands_still<T>(upload: impl Future<Output = T>, taken: &Notify) -> Option<T> {
    let mut upload = pin!(upload);
    loop {
        tokio::select! {
            end = &mut upload => return Some(end),
            moved = timeout(STANDSTILL, taken.notified()) => moved.ok()?,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_upload_that_gets_on_may_take_its_time_and_one_that_does_not_is_given_up() {
        let (began, taken) = (Instant::now(), Notify::new());
        let moving = async {
            for _ in 0..5 {
                sleep(Duration::from_secs(50)).await;
                taken.notify_one();
            }
            sleep(Duration::from_secs(50)).await;
        };
        assert_eq!(unless_it_stands_still(moving, &taken).await, Some(()));
        assert_eq!(began.elapsed().as_secs(), 300);

        assert_eq!(unless_it_stands_still(pending::<()>(), &Notify::new()).await, None);
        assert_eq!(began.elapsed().as_secs(), 360);
    }
}
