//! Media that the controls put there, as if a user had sent them.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::kind::{Format, MediaType};
use super::sample;
use super::shelf::Content;
use crate::refused::Refused;

/// Largest file that the controls put there, in bytes.
const LARGEST: usize = 64 << 20;

/// A ready-made file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sample {
    /// A JPEG.
    Image,
    /// A PNG.
    Png,
    /// A voice message, AMR, 5 s.
    Voice,
    /// The same recorded in a page by the JS-SDK: `media/get/jssdk` has it in its original quality,
    /// too.
    Recording,
    /// A film, MP4.
    Video,
}

/// A file to be put there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMedia {
    /// The app that it was sent to.
    pub app: String,
    /// Its type.
    pub kind: MediaType,
    /// Its bytes, which need not be what the type promises; 64 MiB at most.
    pub bytes: Bytes,
    /// What `media/get/jssdk` hands out, for a voice recorded by the JS-SDK.
    pub original: Option<Bytes>,
}

impl NewMedia {
    /// A ready-made file, sent to the ready-made app.
    #[must_use]
    pub fn sample(sample: Sample) -> Self {
        let (kind, bytes) = match sample {
            Sample::Image => (MediaType::Image, sample::IMAGE_JPEG),
            Sample::Png => (MediaType::Image, sample::IMAGE_PNG),
            Sample::Voice | Sample::Recording => (MediaType::Voice, sample::VOICE_AMR),
            Sample::Video => (MediaType::Video, sample::VIDEO_MP4),
        };
        let original = (sample == Sample::Recording).then(|| Bytes::from_static(sample::VOICE_SPEEX));
        Self { original, ..Self::new(kind, bytes) }
    }

    /// A file of one's own, sent to the ready-made app.
    #[must_use]
    pub fn new(kind: MediaType, bytes: impl Into<Bytes>) -> Self {
        Self { app: crate::APP_ID.to_owned(), kind, bytes: bytes.into(), original: None }
    }

    /// Filled up with zeros to so many bytes, if it has fewer; beyond 64 MiB it is refused when it is
    /// put there.
    #[must_use]
    pub fn filled_to(mut self, bytes: usize) -> Self {
        let bytes = bytes.min(LARGEST + 1);
        if self.bytes.len() < bytes {
            let mut filled = Vec::from(self.bytes);
            filled.resize(bytes, 0);
            self.bytes = filled.into();
        }
        self
    }

    pub(super) fn checked(self) -> Result<Content, Refused> {
        if self.bytes.is_empty() || self.bytes.len() > LARGEST {
            return Err(Refused::script(format!("media have 1 to {LARGEST} bytes")));
        }
        let format = Format::of(&self.bytes).unwrap_or_else(|| self.kind.usual_format());
        Ok(Content { kind: self.kind, format, bytes: self.bytes, original: self.original })
    }
}
