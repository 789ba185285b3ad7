//! How voice becomes MP3.
//!
//! Upyun converts at its leisure, `ffmpeg` on the spot. So a conversion is begun, and unless it is
//! done then, looked at until it is.

mod error;
mod ffmpeg;
mod local;
mod upyun;

pub use error::ConvertError;
pub use ffmpeg::Ffmpeg;
pub use local::LocalConverter;
pub use upyun::UpyunConverter;

use async_trait::async_trait;
use tokio::time::Instant;

use crate::{MediaType, Spooled, Stem};

/// How far a conversion is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conversion {
    /// Done.
    Done {
        /// The MP3's public address.
        url: String,
    },
    /// Under way elsewhere.
    Underway {
        /// What to look by; also the name by which the end is announced.
        task: String,
    },
}

/// Whoever converts voice.
#[async_trait]
pub trait VoiceConverter: Send + Sync {
    /// Begins to make `<stem>.mp3` of `voice`. Begun twice for one stem it leads to the same file.
    ///
    /// # Errors
    /// [`ConvertError`].
    async fn begin(
        &self,
        stem: &Stem,
        voice: &Spooled,
        media: MediaType,
        deadline: Instant,
    ) -> Result<Conversion, ConvertError>;

    /// How far the task is that [`Self::begin`] named for this stem.
    ///
    /// # Errors
    /// [`ConvertError`]; [`ConvertError::must_begin_again`] tells whether to look once more.
    async fn look(&self, stem: &Stem, task: &str, deadline: Instant) -> Result<Conversion, ConvertError>;

    /// How far it is by what the place of the conversion has told, which was verified when it came:
    /// the same that [`Self::look`] would come to, and looked for where the news cannot be read.
    ///
    /// # Errors
    /// [`ConvertError`].
    async fn told(
        &self,
        stem: &Stem,
        task: &str,
        news: &str,
        deadline: Instant,
    ) -> Result<Conversion, ConvertError>;
}
