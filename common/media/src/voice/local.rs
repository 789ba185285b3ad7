//! Voice converted by this machine's `ffmpeg`, as soon as it is asked for.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use crate::voice::{Conversion, ConvertError, Ffmpeg, VoiceConverter};
use crate::{MediaStore, MediaType, Spooled, Stem};

/// The longest that one run may take. A minute of AMR takes some tens of milliseconds.
const RUN: Duration = Duration::from_mins(1);

/// Converts here and keeps the MP3 in a store. At most as many at once as the machine has
/// processors.
pub struct LocalConverter {
    ffmpeg: Option<Ffmpeg>,
    store: Arc<dyn MediaStore>,
    tmp: PathBuf,
    slots: Semaphore,
}

impl LocalConverter {
    /// A converter that works in `tmp`. Without an `ffmpeg` it refuses, saying what to do.
    #[must_use]
    pub fn new(ffmpeg: Option<Ffmpeg>, store: Arc<dyn MediaStore>, tmp: &Path) -> Self {
        let slots = available_parallelism().map_or(1, usize::from);
        Self { ffmpeg, store, tmp: tmp.to_owned(), slots: Semaphore::new(slots) }
    }

    async fn convert(&self, voice: &Spooled, deadline: Instant) -> Result<Spooled, ConvertError> {
        let ffmpeg = self.ffmpeg.as_ref().ok_or(ConvertError::NoConverter)?;
        let late = |_late| ConvertError::TooSlow;
        // The semaphore is never closed, so a slot comes or time runs out.
        let _slot = timeout_at(deadline, self.slots.acquire()).await.map_err(late)?;
        let end = deadline.min(Instant::now() + RUN);
        timeout_at(end, ffmpeg.to_mp3(&voice.path, &self.tmp)).await.map_err(late)?
    }

    async fn keep(&self, stem: &Stem, mp3: &Spooled, deadline: Instant) -> Result<Conversion, ConvertError> {
        let object = stem.with(MediaType::MP3);
        let url = self.store.put(&object, mp3, MediaType::MP3.mime, deadline).await?;
        Ok(Conversion::Done { url })
    }
}

#[async_trait]
impl VoiceConverter for LocalConverter {
    /// Voice that is MP3 already is kept as it is.
    async fn begin(
        &self,
        stem: &Stem,
        voice: &Spooled,
        media: MediaType,
        deadline: Instant,
    ) -> Result<Conversion, ConvertError> {
        if media == MediaType::MP3 {
            return self.keep(stem, voice, deadline).await;
        }
        self.keep(stem, &self.convert(voice, deadline).await?, deadline).await
    }

    /// Nothing is ever under way here: a task that is asked for was begun by another converter,
    /// which has been replaced since.
    async fn look(&self, _stem: &Stem, _task: &str, _deadline: Instant) -> Result<Conversion, ConvertError> {
        Err(ConvertError::UnknownTask)
    }

    async fn told(
        &self,
        _stem: &Stem,
        _task: &str,
        _news: &str,
        _deadline: Instant,
    ) -> Result<Conversion, ConvertError> {
        Err(ConvertError::UnknownTask)
    }
}

impl fmt::Debug for LocalConverter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalConverter").field("ffmpeg", &self.ffmpeg).finish_non_exhaustive()
    }
}
