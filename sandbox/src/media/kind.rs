//! What WeChat takes as media: types, formats and limits (documented in "New temporary materials").

use serde::{Deserialize, Serialize};

use crate::errcode::{Errcode, IMAGE_SIZE, THUMB_SIZE, VIDEO_SIZE, VOICE_SIZE};

/// A type of media.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaType {
    /// A picture: PNG, JPEG or GIF up to 10 MiB.
    Image,
    /// AMR or MP3 up to 2 MiB and 60 s.
    Voice,
    /// MP4 up to 10 MiB.
    Video,
    /// The small picture of a video: JPEG up to 64 KiB.
    Thumb,
}

/// A file format that is told by a file's first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Jpeg,
    Png,
    Gif,
    Amr,
    Mp3,
    Mp4,
    Speex,
}

impl MediaType {
    pub(super) fn parse(name: &str) -> Option<Self> {
        let all = [Self::Image, Self::Voice, Self::Video, Self::Thumb];
        all.into_iter().find(|kind| kind.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Voice => "voice",
            Self::Video => "video",
            Self::Thumb => "thumb",
        }
    }

    /// Most bytes, and what is said of more.
    pub(super) fn limit(self) -> (usize, Errcode) {
        match self {
            Self::Image => (10 << 20, IMAGE_SIZE),
            Self::Voice => (2 << 20, VOICE_SIZE),
            Self::Video => (10 << 20, VIDEO_SIZE),
            Self::Thumb => (64 << 10, THUMB_SIZE),
        }
    }

    pub(super) fn takes(self, format: Format) -> bool {
        match self {
            Self::Image => matches!(format, Format::Jpeg | Format::Png | Format::Gif),
            Self::Voice => matches!(format, Format::Amr | Format::Mp3),
            Self::Video => format == Format::Mp4,
            Self::Thumb => format == Format::Jpeg,
        }
    }

    /// What a file of this type is called when its bytes do not say.
    pub(super) fn usual_format(self) -> Format {
        match self {
            Self::Image | Self::Thumb => Format::Jpeg,
            Self::Voice => Format::Amr,
            Self::Video => Format::Mp4,
        }
    }
}

impl Format {
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'#', b'!', b'A', b'M', b'R', b'\n', ..] => Some(Self::Amr),
            // The sync word of an MPEG audio frame: eleven bits.
            [b'I', b'D', b'3', ..] | [0xff, 0xe0..=0xff, ..] => Some(Self::Mp3),
            [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some(Self::Mp4),
            _ => None,
        }
    }

    /// The format that a file's name promises.
    pub(super) fn of_name(filename: &str) -> Option<Self> {
        let (_, extension) = filename.rsplit_once('.')?;
        let extension = extension.to_ascii_lowercase();
        if extension == "jpeg" {
            return Some(Self::Jpeg);
        }
        let all = [Self::Jpeg, Self::Png, Self::Gif, Self::Amr, Self::Mp3, Self::Mp4];
        all.into_iter().find(|format| format.extension() == extension)
    }

    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::Amr => "amr",
            Self::Mp3 => "mp3",
            Self::Mp4 => "mp4",
            Self::Speex => "speex",
        }
    }

    /// The `Content-Type` that WeChat gives it.
    pub(super) fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Amr => "audio/amr",
            Self::Mp3 => "audio/mp3",
            Self::Mp4 => "video/mp4",
            Self::Speex => "voice/speex",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::sample;

    #[test]
    fn the_samples_are_what_they_are_called() {
        let samples = [
            (sample::IMAGE_JPEG, Format::Jpeg),
            (sample::IMAGE_PNG, Format::Png),
            (sample::VOICE_AMR, Format::Amr),
            (sample::VOICE_MP3, Format::Mp3),
            (sample::VIDEO_MP4, Format::Mp4),
        ];
        for (bytes, format) in samples {
            assert_eq!(Format::of(bytes), Some(format));
        }
        assert_eq!(Format::of(sample::VOICE_SPEEX), None);
    }

    #[test]
    fn a_name_promises_a_format_by_its_extension() {
        assert_eq!(Format::of_name("a.b.JPEG"), Some(Format::Jpeg));
        assert_eq!(Format::of_name("voice.amr"), Some(Format::Amr));
        assert_eq!(Format::of_name("voice.exe"), None);
        assert_eq!(Format::of_name("media"), None);
    }
}
