//! The types of media there are, and by what other names they come.

use super::MediaType;

pub(super) struct Row {
    pub(super) media: MediaType,
    /// Other names of the type, in lower case.
    mimes: &'static [&'static str],
    /// Other extensions, in lower case.
    extensions: &'static [&'static str],
}

/// One constant and one row for each line: the constant's documentation, its name, type, extension,
/// other names, other extensions.
macro_rules! types {
    ($($(#[$doc:meta])+ $name:ident $mime:literal $extension:literal $mimes:expr, $extensions:expr;)+) => {
        impl MediaType {
            $($(#[$doc])+ pub const $name: Self = Self { mime: $mime, extension: $extension };)+
        }

        pub(super) static TYPES: &[Row] =
            &[$(Row { media: MediaType::$name, mimes: &$mimes, extensions: &$extensions }),+];
    };
}

types! {
    /// A JPEG picture.
    JPEG "image/jpeg" "jpg" ["image/jpg", "image/pjpeg"], ["jpeg", "jpe"];
    /// A PNG picture.
    PNG "image/png" "png" [], [];
    /// A GIF picture.
    GIF "image/gif" "gif" [], [];
    /// A BMP picture.
    BMP "image/bmp" "bmp" ["image/x-ms-bmp"], [];
    /// A WebP picture.
    WEBP "image/webp" "webp" [], [];
    /// AMR, 8 kHz: WeChat's voice messages.
    AMR "audio/amr" "amr" ["audio/amr-nb", "voice/amr"], [];
    /// AMR, 16 kHz.
    AMR_WB "audio/amr-wb" "awb" [], [];
    /// WeChat's Speex, 16 kHz: not Ogg, and read by WeChat's own decoder alone.
    SPEEX "voice/speex" "speex" ["audio/speex"], ["spx"];
    /// MP3.
    MP3 "audio/mpeg" "mp3" ["audio/mp3", "voice/mp3"], [];
    /// AAC in an MP4 file.
    M4A "audio/mp4" "m4a" ["audio/m4a", "audio/x-m4a"], [];
    /// AAC alone.
    AAC "audio/aac" "aac" [], [];
    /// Ogg, whatever is in it.
    OGG "audio/ogg" "ogg" ["audio/opus"], ["oga", "opus"];
    /// WAV.
    WAV "audio/wav" "wav" ["audio/x-wav"], [];
    /// MP4 video.
    MP4 "video/mp4" "mp4" ["video/x-m4v", "video/mpeg4"], ["m4v"];
    /// MPEG-1 or MPEG-2 video.
    MPEG "video/mpeg" "mpg" [], ["mpeg"];
    /// Apple's MOV video.
    MOV "video/quicktime" "mov" [], ["qt"];
    /// 3GPP video.
    THREE_GP "video/3gpp" "3gp" [], [];
    /// WEBM video.
    WEBM "video/webm" "webm" [], [];
    /// AVI video.
    AVI "video/x-msvideo" "avi" [], [];
    /// Anything else, or nobody knows what: to be downloaded, never to be shown.
    UNKNOWN "application/octet-stream" "bin" [], [];
}

/// The type of this name, whatever its capitals. [`MediaType::UNKNOWN`] has none: it decides nothing.
pub(super) fn of_mime(name: &str) -> Option<MediaType> {
    let name = name.to_ascii_lowercase();
    known().find(|row| row.media.mime == name || row.mimes.contains(&name.as_str())).map(|row| row.media)
}

/// The type of a file with this extension, whatever its capitals.
pub(super) fn of_extension(extension: &str) -> Option<MediaType> {
    let extension = extension.to_ascii_lowercase();
    let fits = |row: &&Row| row.media.extension == extension || row.extensions.contains(&extension.as_str());
    known().find(fits).map(|row| row.media)
}

fn known() -> impl Iterator<Item = &'static Row> {
    TYPES.iter().filter(|row| row.media != MediaType::UNKNOWN)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_name_and_no_extension_stands_for_two_types() {
        let mimes: Vec<_> = TYPES.iter().flat_map(|row| row.mimes.iter().chain([&row.media.mime])).collect();
        let extensions: Vec<_> =
            TYPES.iter().flat_map(|row| row.extensions.iter().chain([&row.media.extension])).collect();
        for names in [mimes, extensions] {
            assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
        }
    }

    #[test]
    fn nothing_in_the_table_is_run_or_laid_out_by_a_browser() {
        for row in TYPES {
            let kind = row.media.mime.split('/').next();
            assert!(
                matches!(kind, Some("image" | "audio" | "video" | "voice"))
                    || row.media == MediaType::UNKNOWN
            );
            assert!(!row.media.mime.contains("svg"));
        }
    }
}
