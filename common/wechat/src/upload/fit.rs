//! Which files WeChat takes: sizes and types from its pages on temporary media and on `uploadimg`.

use super::UploadFile;

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MediaKind {
    /// A picture: PNG, JPEG or GIF of at most 10 MiB.
    Image,
    /// A recording: AMR or MP3 of at most 2 MiB. WeChat also wants no more than 60 s.
    Voice,
    /// A video: MP4 of at most 10 MiB.
    Video,
    /// A thumbnail: JPEG of at most 64 KiB.
    Thumb,
}

impl MediaKind {
    /// WeChat's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Voice => "voice",
            Self::Video => "video",
            Self::Thumb => "thumb",
        }
    }
}

/// Why WeChat would not take a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnfitFile {
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is too large.
    #[error("the file has {length} bytes, and WeChat takes {limit} at most")]
    TooLarge {
        /// In bytes.
        length: usize,
        /// In bytes.
        limit: usize,
    },
    /// It is something else, or its name and its content type do not fit each other.
    #[error("WeChat takes {accepted} here, by the file's ending and its content type")]
    WrongType {
        /// The endings that it takes.
        accepted: String,
    },
}

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// A type of file.
#[derive(Debug)]
pub(super) struct Format {
    /// As sent.
    pub(super) extension: &'static str,
    other_extension: &'static str,
    /// As sent.
    pub(super) content_type: &'static str,
    other_content_type: &'static str,
}

const JPEG: Format = Format {
    extension: "jpg",
    other_extension: "jpeg",
    content_type: "image/jpeg",
    other_content_type: "image/jpg",
};
const PNG: Format = Format::only("png", "image/png");
const GIF: Format = Format::only("gif", "image/gif");
const AMR: Format = Format::only("amr", "audio/amr");
const MP3: Format = Format { other_content_type: "audio/mp3", ..Format::only("mp3", "audio/mpeg") };
const MP4: Format = Format::only("mp4", "video/mp4");

/// What WeChat takes for one purpose. Its '10 MB' is read as 10 MiB: where it means less, its own
/// refusal says so.
pub(super) struct Rule {
    pub(super) limit: usize,
    formats: &'static [Format],
}

impl Rule {
    pub(super) const PICTURE: Self = Self { limit: MIB, formats: &[JPEG, PNG] };

    pub(super) const fn of(kind: MediaKind) -> Self {
        match kind {
            MediaKind::Image => Self { limit: 10 * MIB, formats: &[PNG, JPEG, GIF] },
            MediaKind::Voice => Self { limit: 2 * MIB, formats: &[AMR, MP3] },
            MediaKind::Video => Self { limit: 10 * MIB, formats: &[MP4] },
            MediaKind::Thumb => Self { limit: 64 * KIB, formats: &[JPEG] },
        }
    }

    /// The format of the file, if WeChat takes it.
    pub(super) fn admit(&self, file: &UploadFile<'_>) -> Result<&'static Format, UnfitFile> {
        let (length, limit) = (file.bytes.len(), self.limit);
        if length == 0 {
            return Err(UnfitFile::Empty);
        }
        if length > limit {
            return Err(UnfitFile::TooLarge { length, limit });
        }
        let format = self.formats.iter().find(|format| format.fits(file));
        format.ok_or_else(|| UnfitFile::WrongType { accepted: self.accepted() })
    }

    fn accepted(&self) -> String {
        let endings: Vec<_> = self.formats.iter().map(|format| format.extension).collect();
        endings.join(", ")
    }
}

impl Format {
    const fn only(extension: &'static str, content_type: &'static str) -> Self {
        Self { extension, other_extension: extension, content_type, other_content_type: content_type }
    }

    fn fits(&self, file: &UploadFile<'_>) -> bool {
        let extension = file.name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let content_type = file.content_type.split(';').next().unwrap_or_default().trim();
        is_one_of(extension, [self.extension, self.other_extension])
            && is_one_of(content_type, [self.content_type, self.other_content_type])
    }
}

fn is_one_of(word: &str, words: [&str; 2]) -> bool {
    words.iter().any(|known| word.eq_ignore_ascii_case(known))
}
