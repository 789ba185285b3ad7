//! Width and height of an MP4 file's video (ISO/IEC 14496-12): `moov`, in it a `trak`, in that its
//! `tkhd`.
//!
//! Boxes say how long they are, and a file may lie. So nothing is read but headers and the two
//! numbers, every step goes forward, and the number of steps is bounded.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use super::Dimensions;

/// The most boxes that are looked at. Real files have a dozen on the way to the last track's header.
const MOST_BOXES: u32 = 4096;

/// The size of the first track that has one: sound has none.
///
/// # Errors
/// When the file cannot be read, and when it ends where it should go on.
pub(super) fn video_size(file: &mut (impl Read + Seek)) -> io::Result<Option<Dimensions>> {
    let end = file.seek(SeekFrom::End(0))?;
    let mut walk = Walk { file, boxes_left: MOST_BOXES };
    let Some(mut tracks) = walk.find(*b"moov", 0..end)? else { return Ok(None) };
    while let Some(track) = walk.find(*b"trak", tracks.clone())? {
        tracks.start = track.end;
        if let Some(header) = walk.find(*b"tkhd", track)?
            && let Some(size) = walk.track_size(header)?
        {
            return Ok(Some(size));
        }
    }
    Ok(None)
}

struct Walk<'f, F> {
    file: &'f mut F,
    boxes_left: u32,
}

impl<F: Read + Seek> Walk<'_, F> {
    /// The contents of the first box of this kind among those that lie side by side in `within`.
    fn find(&mut self, kind: [u8; 4], within: Range<u64>) -> io::Result<Option<Range<u64>>> {
        let mut at = within.start;
        while at < within.end && self.boxes_left > 0 {
            self.boxes_left -= 1;
            let Some((found, contents)) = self.open(at, within.end)? else { break };
            if found == kind {
                return Ok(Some(contents));
            }
            at = contents.end;
        }
        Ok(None)
    }

    /// Kind and contents of the box at `at`. One that reaches beyond `end` is cut there; `None` for
    /// one that is shorter than its own header.
    fn open(&mut self, at: u64, end: u64) -> io::Result<Option<([u8; 4], Range<u64>)>> {
        self.file.seek(SeekFrom::Start(at))?;
        let [a, b, c, d, kind @ ..] = self.read::<8>()?;
        let (header, size) = match u32::from_be_bytes([a, b, c, d]) {
            0 => (8, end - at),
            1 => (16, u64::from_be_bytes(self.read()?)),
            size => (8, u64::from(size)),
        };
        let contents = at.saturating_add(header)..at.saturating_add(size).min(end);
        Ok((size >= header && contents.start <= contents.end).then_some((kind, contents)))
    }

    /// Both numbers close a track's header, in 1/65536 of a pixel. Version 1 has wider times before
    /// them.
    fn track_size(&mut self, header: Range<u64>) -> io::Result<Option<Dimensions>> {
        self.file.seek(SeekFrom::Start(header.start))?;
        let [version, ..] = self.read::<4>()?;
        let at = header.start + if version == 1 { 88 } else { 76 };
        if at + 8 > header.end {
            return Ok(None);
        }
        self.file.seek(SeekFrom::Start(at))?;
        let (width, height) =
            (u32::from_be_bytes(self.read()?) >> 16, u32::from_be_bytes(self.read()?) >> 16);
        Ok((width > 0 && height > 0).then_some(Dimensions { width, height }))
    }

    fn read<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::io::Cursor;

    use super::*;

    fn size(file: &[u8]) -> Option<(u32, u32)> {
        video_size(&mut Cursor::new(file)).ok().flatten().map(|size| (size.width, size.height))
    }

    fn boxed(kind: &[u8], contents: &[u8]) -> Vec<u8> {
        let size = u32::try_from(8 + contents.len()).unwrap();
        [&size.to_be_bytes(), kind, contents].concat()
    }

    /// The same with its size in 64 bits.
    fn long_boxed(kind: &[u8], contents: &[u8]) -> Vec<u8> {
        let size = 16 + contents.len() as u64;
        [&1_u32.to_be_bytes(), kind, &size.to_be_bytes(), contents].concat()
    }

    fn track(version: u8, width: u32, height: u32) -> Vec<u8> {
        let mut header = vec![version, 0, 0, 7];
        header.resize(if version == 1 { 88 } else { 76 }, 0);
        header.extend((width << 16).to_be_bytes());
        header.extend((height << 16).to_be_bytes());
        let contents = [
            boxed(b"free", b""),
            boxed(b"edts", &[0; 20]),
            boxed(b"tkhd", &header),
            boxed(b"mdia", &[0; 99]),
        ]
        .concat();
        boxed(b"trak", &contents)
    }

    fn movie(tracks: &[Vec<u8>]) -> Vec<u8> {
        boxed(b"moov", &[boxed(b"mvhd", &[0; 100]), tracks.concat()].concat())
    }

    #[test]
    fn the_size_is_the_first_tracks_that_has_one() {
        let brand = boxed(b"ftyp", b"isom\0\0\x02\0isomiso2");
        for version in [0, 1] {
            let movie = movie(&[track(version, 0, 0), track(version, 1280, 720), track(version, 1, 1)]);
            for data in [boxed(b"mdat", &[7; 999]), long_boxed(b"mdat", &[7; 999]), Vec::new()] {
                let file = [brand.as_slice(), &data, &movie].concat();
                assert_eq!(size(&file), Some((1280, 720)), "version {version}");
            }
        }
    }

    #[test]
    fn a_last_box_may_reach_to_the_end() {
        let mut file = movie(&[track(0, 640, 480)]);
        file[..4].copy_from_slice(&[0; 4]);
        assert_eq!(size(&file), Some((640, 480)));
    }

    #[test]
    fn sound_alone_has_no_size() {
        assert_eq!(size(&movie(&[track(0, 0, 0)])), None);
        assert_eq!(size(&movie(&[])), None);
        assert_eq!(size(b""), None);
    }

    #[test]
    fn whatever_a_file_claims_reading_it_ends() {
        let whole = movie(&[track(0, 640, 480)]);
        for cut in 0..whole.len() {
            size(&whole[..cut]);
        }
        for at in 0..whole.len() {
            for byte in [0, 1, 7, 0x7f, 0xff] {
                let mut file = whole.clone();
                file[at] = byte;
                size(&file);
            }
        }
    }

    #[test]
    fn sizes_that_lead_nowhere_are_given_up() {
        for size_field in [2_u32, 7, u32::MAX] {
            let file =
                [&size_field.to_be_bytes(), b"free".as_slice(), &movie(&[track(0, 640, 480)])].concat();
            assert_eq!(size(&file), None, "{size_field}");
        }
        for size_field in [0_u64, 15, u64::MAX] {
            let long = [b"\0\0\0\x01free".as_slice(), &size_field.to_be_bytes()].concat();
            assert_eq!(size(&[long, movie(&[track(0, 640, 480)])].concat()), None, "{size_field}");
        }
    }

    #[test]
    fn boxes_without_end_are_given_up() {
        let many = boxed(b"free", b"x").repeat(4096);
        assert_eq!(size(&[many, movie(&[track(0, 640, 480)])].concat()), None);
        let few = boxed(b"free", b"x").repeat(4000);
        assert_eq!(size(&[few, movie(&[track(0, 640, 480)])].concat()), Some((640, 480)));
    }
}
