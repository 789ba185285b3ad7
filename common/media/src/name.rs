//! Names of kept media.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::MediaType;

/// 128 bits that nobody guesses, written as 32 lower-case hexadecimal digits: what all that comes of
/// one file is named by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Stem([u8; 16]);

/// The name of a kept file: a stem, a dot, and the extension of a type that may be kept. Nothing
/// else fits, so it can be part of a path and of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ObjectName {
    stem: Stem,
    media: MediaType,
}

/// The text is no such name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the name of a media file")]
pub struct InvalidName;

impl Stem {
    /// A new one, from the thread's cryptographic generator.
    #[must_use]
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// The name of what is of this type.
    #[must_use]
    pub const fn with(self, media: MediaType) -> ObjectName {
        ObjectName { stem: self, media }
    }
}

impl ObjectName {
    /// What the file is, as its extension has it.
    #[must_use]
    pub const fn media(self) -> MediaType {
        self.media
    }
}

/// 16 bytes that are random, or a hash of something secret.
impl From<[u8; 16]> for Stem {
    fn from(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl From<Stem> for String {
    fn from(stem: Stem) -> Self {
        stem.to_string()
    }
}

impl TryFrom<String> for Stem {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl FromStr for Stem {
    type Err = InvalidName;

    /// Capitals are refused: one file has one name.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| InvalidName)?;
        if text.contains(|c: char| c.is_ascii_uppercase()) { Err(InvalidName) } else { Ok(Self(bytes)) }
    }
}

impl FromStr for ObjectName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (stem, extension) = text.split_once('.').ok_or(InvalidName)?;
        Ok(stem.parse::<Stem>()?.with(MediaType::of_extension(extension).ok_or(InvalidName)?))
    }
}

impl fmt::Display for Stem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.stem, self.media.extension)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    const STEM: &str = "00112233445566778899aabbccddeeff";

    #[test]
    fn a_name_is_a_stem_and_the_extension_of_a_known_type() {
        let name: ObjectName = format!("{STEM}.jpg").parse().unwrap();
        assert_eq!((name.to_string(), name.media()), (format!("{STEM}.jpg"), MediaType::JPEG));
        assert_eq!(STEM.parse::<Stem>().unwrap().with(MediaType::MP3).to_string(), format!("{STEM}.mp3"));
    }

    #[test]
    fn nothing_else_is_a_name() {
        for text in [
            "",
            ".jpg",
            STEM,
            &format!("{STEM}."),
            &format!("{STEM}.html"),
            &format!("{STEM}.svg"),
            &format!("{STEM}.JPG"),
            &format!("{STEM}.jpeg"),
            &format!("{STEM}.jpg.mp3"),
            &format!("{STEM}0.jpg"),
            &format!("{}.jpg", STEM.to_uppercase()),
            &format!("../{STEM}.jpg"),
            &format!("{STEM}.jpg/.."),
            &format!("{STEM}.jpg\0"),
        ] {
            assert_eq!(text.parse::<ObjectName>(), Err(InvalidName), "{text:?}");
        }
    }

    #[test]
    fn no_two_random_stems_are_alike() {
        assert_ne!(Stem::random(), Stem::random());
    }
}
