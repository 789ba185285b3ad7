//! Why there is no MP3.

use std::io;

use wxgate_upyun::UpyunError;

use crate::{SpoolError, StorageError};

/// Why a conversion was not begun, failed, or cannot be looked at. The sentences are fit for the
/// caller.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// Nothing here can convert.
    #[error("this gateway cannot convert voice: install ffmpeg, or set up Upyun")]
    NoConverter,
    /// The file is no voice, or a broken one.
    #[error("the voice cannot be decoded{}", .0.as_ref().map(|words| format!(": {words}")).unwrap_or_default())]
    Undecodable(Option<String>),
    /// The MP3 would be longer than any voice message.
    #[error("the MP3 would be longer than {limit} bytes")]
    TooLong {
        /// In bytes.
        limit: u64,
    },
    /// Not done by the deadline.
    #[error("the conversion was not done in time")]
    TooSlow,
    /// `ffmpeg` could not be run, or somebody stopped it.
    #[error("ffmpeg cannot be run on this machine")]
    Machine(#[source] io::Error),
    /// Upyun gave up.
    #[error("Upyun could not convert the voice: {0}")]
    Failed(String),
    /// Upyun did not find the voice that it was to convert.
    #[error("Upyun has lost the voice")]
    SourceMissing,
    /// Upyun is done, and does not say any more what it made.
    #[error("Upyun has lost the conversion's result")]
    ResultMissing,
    /// No task of this converter's has such a name: another converter began it.
    #[error("the conversion was begun elsewhere")]
    UnknownTask,
    /// The MP3, or the voice, could not be kept.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Upyun did not answer as it should.
    #[error(transparent)]
    Upyun(#[from] UpyunError),
}

impl ConvertError {
    /// Whether it would be the same again.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::NoConverter | Self::Undecodable(_) | Self::TooLong { .. } | Self::Failed(_) => true,
            Self::TooSlow
            | Self::Machine(_)
            | Self::SourceMissing
            | Self::ResultMissing
            | Self::UnknownTask => false,
            Self::Storage(error) => error.is_permanent(),
            Self::Upyun(error) => !error.is_retryable(),
        }
    }

    /// Whether looking again is in vain and beginning again is not: the voice has to be handed over
    /// once more.
    #[must_use]
    pub fn must_begin_again(&self) -> bool {
        matches!(self, Self::SourceMissing | Self::ResultMissing | Self::UnknownTask)
    }

    /// One stable word for the failure, as jobs show it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoConverter => "no_converter",
            Self::Undecodable(_) => "undecodable",
            Self::TooLong { .. } => "too_long",
            Self::TooSlow => "timeout",
            Self::Machine(_) => "ffmpeg",
            Self::Failed(_) => "conversion_failed",
            Self::SourceMissing => "source_missing",
            Self::ResultMissing => "result_missing",
            Self::UnknownTask => "unknown_task",
            Self::Storage(error) => error.code(),
            Self::Upyun(error) => error.code(),
        }
    }
}

impl From<SpoolError> for ConvertError {
    fn from(error: SpoolError) -> Self {
        match error {
            SpoolError::TooLong { limit } => Self::TooLong { limit },
            SpoolError::Disk(error) => Self::Storage(StorageError::Disk(error)),
        }
    }
}
