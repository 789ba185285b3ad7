//! What Upyun says of a picture that is uploaded: its format, its size, how many frames it has.

/// A picture's format and size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) format: &'static str,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// What the bytes say, when they are a JPEG, PNG or GIF.
pub(super) fn look(bytes: &[u8]) -> Option<Picture> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => {
            Some(Picture { format: "PNG", width: big(bytes, 16, 4)?, height: big(bytes, 20, 4)? })
        }
        [b'G', b'I', b'F', b'8', ..] => {
            Some(Picture { format: "GIF", width: little(bytes, 6)?, height: little(bytes, 8)? })
        }
        [0xff, 0xd8, ..] => jpeg(bytes),
        _ => None,
    }
}

/// Walks the segments to the one that begins a frame.
fn jpeg(bytes: &[u8]) -> Option<Picture> {
    let mut at = 2;
    loop {
        let marker = *bytes.get(at..at + 2)?.strip_prefix(&[0xff])?.first()?;
        // SOF0 to SOF15, less those that are tables (DHT, JPG, DAC).
        if (0xc0..=0xcf).contains(&marker) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            return Some(Picture {
                format: "JPEG",
                height: big(bytes, at + 5, 2)?,
                width: big(bytes, at + 7, 2)?,
            });
        }
        at += 2 + big(bytes, at + 2, 2)?.max(2) as usize;
    }
}

fn big(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    Some(bytes.get(at..at + length)?.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

fn little(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from(*bytes.get(at)?) | u32::from(*bytes.get(at + 1)?) << 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_tell_their_size_and_halves_of_them_nothing() {
        let pictures: [(&[u8], &str); 2] = [
            (include_bytes!("../../samples/image.jpg"), "JPEG"),
            (include_bytes!("../../samples/image.png"), "PNG"),
        ];
        for (bytes, format) in pictures {
            assert_eq!(look(bytes), Some(Picture { format, width: 64, height: 48 }));
            assert_eq!(look(&bytes[..12]), None);
        }
        let gif = look(b"GIF89a\x40\x00\x30\x00");
        assert_eq!(gif, Some(Picture { format: "GIF", width: 64, height: 48 }));
        assert_eq!(look(b"hello"), None);
    }
}
