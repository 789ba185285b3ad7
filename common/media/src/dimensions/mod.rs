//! How large a picture or a video is.

mod mp4;

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};

use crate::disk::off_thread;
use crate::{MediaType, Spooled};

/// How far into a picture its size is looked for (bytes). A JPEG has it behind its metadata, which
/// come in pieces of at most 64 KiB. Beyond this it is not looked for: a picture made of nothing
/// but tiny pieces would keep us busy.
const PICTURE_START: u64 = 512 * 1024;

/// Width and height in pixels; both 0 where nobody says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dimensions {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// The size that the file claims: of pictures, and of videos of the MP4 family as they are stored
/// (one that is shown rotated has width and height exchanged). 0 and 0 for everything else, and
/// for files that cannot be read. No file takes more than some milliseconds and half a MiB.
pub async fn dimensions(file: &Spooled, media: MediaType) -> Dimensions {
    let path = file.path.to_path_buf();
    let found =
        off_thread(move || claimed(&mut BufReader::with_capacity(512, File::open(&path)?), media)).await;
    found.ok().flatten().unwrap_or_default()
}

/// The size that these bytes of a file claim, as [`dimensions`] tells it; `None` where nobody says.
///
/// # Errors
/// When the file cannot be read, and when it ends where it should go on.
pub fn claimed(file: &mut (impl Read + Seek), media: MediaType) -> io::Result<Option<Dimensions>> {
    match media {
        MediaType::JPEG | MediaType::PNG | MediaType::GIF | MediaType::BMP | MediaType::WEBP => picture(file),
        MediaType::MP4 | MediaType::MOV | MediaType::THREE_GP => mp4::video_size(file),
        _ => Ok(None),
    }
}

fn picture(file: &mut impl Read) -> io::Result<Option<Dimensions>> {
    let mut start = Vec::new();
    file.take(PICTURE_START).read_to_end(&mut start)?;
    let Ok(size) = imagesize::blob_size(&start) else { return Ok(None) };
    let (width, height) = (u32::try_from(size.width), u32::try_from(size.height));
    // A BMP whose lines go from top to bottom has a negative height.
    let height = height
        .map(|height| if start.starts_with(b"BM") { height.cast_signed().unsigned_abs() } else { height });
    Ok(width.ok().zip(height.ok()).map(|(width, height)| Dimensions { width, height }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::Spool;

    async fn of(bytes: &[u8], media: MediaType) -> (u32, u32) {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = Spool::create(dir.path(), 16 << 20).await.unwrap();
        spool.write(bytes).await.unwrap();
        let found = dimensions(&spool.finish().await.unwrap(), media).await;
        (found.width, found.height)
    }

    fn jpeg(before: &[u8]) -> Vec<u8> {
        let frame = b"\xff\xc0\0\x11\x08\x01\x2c\x02\x58\x03\x01\x22\0\x02\x11\x01\x03\x11\x01";
        [b"\xff\xd8", before, frame].concat()
    }

    #[tokio::test]
    async fn pictures_tell_their_size() {
        let app0 = b"\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";
        assert_eq!(of(&jpeg(app0), MediaType::JPEG).await, (600, 300));
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x58\0\0\x01\x2c\x08\x02\0\0\0";
        assert_eq!(of(png, MediaType::PNG).await, (600, 300));
        assert_eq!(of(b"GIF89a\x58\x02\x2c\x01\x80\0\0", MediaType::GIF).await, (600, 300));
    }

    #[tokio::test]
    async fn a_bitmap_may_go_from_top_to_bottom() {
        for height in [300_i32, -300] {
            let mut bmp = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x58\x02\0\0".to_vec();
            bmp.extend(height.to_le_bytes());
            assert_eq!(of(&bmp, MediaType::BMP).await, (600, 300));
        }
    }

    #[tokio::test]
    async fn what_cannot_be_read_has_no_size() {
        for start in [&b"\xff\xd8\xff"[..], b"\xff\xd8\xff\xe0\0", b"\x89PNG\r\n", b"GIF8", b""] {
            for media in [MediaType::JPEG, MediaType::MP4, MediaType::AMR, MediaType::UNKNOWN] {
                assert_eq!(of(start, media).await, (0, 0), "{start:?}");
            }
        }
    }

    /// Metadata in pieces that hold nothing, so many that the frame's size lies near the limit.
    #[tokio::test]
    async fn a_picture_of_more_metadata_than_any_real_one_is_given_up() {
        let pieces = |bytes: u64| b"\xff\xe1\0\x02".repeat(usize::try_from(bytes / 4).unwrap());
        let near = jpeg(&pieces(PICTURE_START - 64));
        assert_eq!(of(&near, MediaType::JPEG).await, (600, 300));
        let beyond = jpeg(&pieces(PICTURE_START));
        assert_eq!(of(&beyond, MediaType::JPEG).await, (0, 0));
    }
}
