//! What a file is, decided from its bytes and from what was said of it.

mod table;

use table::TYPES;

/// A type of media that may be kept and served. There are no others than the constants: nothing
/// that a browser would run, such as HTML or SVG, is among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct MediaType {
    /// For `Content-Type`.
    pub mime: &'static str,
    /// For file names, without the dot.
    pub extension: &'static str,
}

/// What an upstream says of a file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Claim<'h> {
    /// Its `Content-Type`.
    pub content_type: Option<&'h str>,
    /// Its name, for the sake of the extension.
    pub file_name: Option<&'h str>,
}

/// What the bytes tell.
enum Finding {
    Known(MediaType),
    /// Something certain that is not in the table.
    Foreign,
    Nothing,
}

impl MediaType {
    /// What a file is that begins with `start` (256 bytes or more, if it has them). The bytes
    /// decide; where they say nothing, the content type does, and after it the file name. Whatever
    /// remains, and whatever is certainly none of ours, is [`Self::UNKNOWN`].
    #[must_use]
    pub fn decide(start: &[u8], claim: &Claim<'_>) -> Self {
        match find(start) {
            Finding::Known(media) => media,
            Finding::Foreign => Self::UNKNOWN,
            Finding::Nothing => claim.media().unwrap_or(Self::UNKNOWN),
        }
    }

    /// The type whose files have this extension, in this very spelling.
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        TYPES.iter().map(|row| row.media).find(|media| media.extension == extension)
    }
}

/// `infer` knows AMR by its narrow-band magic alone; both are in RFC 4867, section 5.
fn find(start: &[u8]) -> Finding {
    if start.starts_with(b"#!AMR\n") {
        return Finding::Known(MediaType::AMR);
    }
    if start.starts_with(b"#!AMR-WB\n") {
        return Finding::Known(MediaType::AMR_WB);
    }
    match infer::get(start) {
        Some(found) => table::of_mime(found.mime_type()).map_or(Finding::Foreign, Finding::Known),
        None => Finding::Nothing,
    }
}

impl Claim<'_> {
    /// What says nothing (`application/octet-stream`, `text/plain`) is in the table under no name.
    fn media(&self) -> Option<MediaType> {
        let of_type = |value: &str| table::of_mime(value.split(';').next()?.trim());
        let of_name = |name: &str| table::of_extension(name.rsplit_once('.')?.1);
        self.content_type.and_then(of_type).or_else(|| self.file_name.and_then(of_name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(start: &[u8], content_type: &str, file_name: &str) -> MediaType {
        let claim = Claim { content_type: Some(content_type), file_name: Some(file_name) };
        MediaType::decide(start, &claim)
    }

    #[test]
    fn bytes_win_over_whatever_is_said() {
        for (start, media) in [
            (&b"\xff\xd8\xff\xe0\0\x10JFIF"[..], MediaType::JPEG),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", MediaType::PNG),
            (b"GIF89a\x01\0\x01\0", MediaType::GIF),
            (b"BM\x46\0\0\0\0\0\0\0", MediaType::BMP),
            (b"RIFF\x24\0\0\0WEBPVP8 ", MediaType::WEBP),
            (b"#!AMR\n", MediaType::AMR),
            (b"#!AMR\n\x3c\0\0\0\0\0\0\0", MediaType::AMR),
            (b"#!AMR-WB\n\x44", MediaType::AMR_WB),
            (b"ID3\x03\0\0\0", MediaType::MP3),
            (b"\xff\xfb\x90\x64", MediaType::MP3),
            (b"\0\0\0\x18ftypmp42\0\0\0\0", MediaType::MP4),
            (b"\0\0\0\x20ftypisom\0\0\x02\0", MediaType::MP4),
            (b"\0\0\0\x18ftypM4A \0\0\0\0", MediaType::M4A),
            (b"\0\0\x01\xba\x44", MediaType::MPEG),
            (b"OggS\0\x02", MediaType::OGG),
            (b"RIFF\x24\0\0\0WAVEfmt ", MediaType::WAV),
        ] {
            for content_type in ["application/octet-stream", "text/plain", "text/html", "image/gif"] {
                assert_eq!(decide(start, content_type, "a.svg"), media, "{start:?}");
            }
        }
    }

    /// WeChat's Speex has no magic number.
    #[test]
    fn where_bytes_say_nothing_the_content_type_decides_and_then_the_file_name() {
        let speex = b"\x3e\x7f\0\x01\x02";
        for (content_type, file_name) in [
            ("voice/speex", ""),
            ("Voice/Speex; rate=16000", "ID.jpg"),
            ("application/octet-stream", "ID.speex"),
            ("text/plain", "ID.SPEEX"),
            ("", "a.b.speex"),
        ] {
            assert_eq!(
                decide(speex, content_type, file_name),
                MediaType::SPEEX,
                "{content_type} {file_name}"
            );
        }
    }

    #[test]
    fn what_nobody_knows_is_a_plain_download() {
        for (content_type, file_name) in [
            ("application/octet-stream", ""),
            ("text/plain", "a"),
            ("text/html", "a.html"),
            ("image/svg+xml", "a.svg"),
            ("", "."),
        ] {
            let media = decide(b"\x01\x02\x03", content_type, file_name);
            assert_eq!(media, MediaType::UNKNOWN, "{content_type} {file_name}");
        }
        assert_eq!(MediaType::decide(b"", &Claim::default()), MediaType::UNKNOWN);
    }

    #[test]
    fn what_a_browser_or_a_shell_would_run_is_never_served_as_anything() {
        for start in [
            &b"<!DOCTYPE html><script>"[..],
            b"<html><body>",
            b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\">",
            b"#!/bin/sh\n",
            b"%PDF-1.7\n",
            b"PK\x03\x04\x14\0\0\0",
            b"MZ\x90\0",
        ] {
            assert_eq!(decide(start, "image/jpeg", "a.jpg"), MediaType::UNKNOWN, "{start:?}");
        }
    }

    #[test]
    fn the_unknown_is_named_bin() {
        let expected = ("application/octet-stream", "bin");
        assert_eq!((MediaType::UNKNOWN.mime, MediaType::UNKNOWN.extension), expected);
    }
}
