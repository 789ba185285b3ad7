//! Files that users send: what they are, and how large they say their picture is.

use std::io::Cursor;

use wxgate_media::{Claim, MediaType, claimed};

/// Pictures, of whatever type they look or are said to be.
pub fn picture(bytes: &[u8]) {
    let looks = MediaType::decide(bytes, &Claim::default());
    assert_eq!(looks, MediaType::decide(bytes, &Claim::default()));
    // The start decides: what is kept cannot become another type by what follows.
    if let Some(start) = bytes.get(..512) {
        assert_eq!(looks, MediaType::decide(start, &Claim::default()));
    }
    for media in [looks, MediaType::JPEG, MediaType::PNG, MediaType::GIF, MediaType::BMP, MediaType::WEBP] {
        // What is cut off says nothing, or is an error; either is an answer.
        let _ = claimed(&mut Cursor::new(bytes), media);
    }
}

/// The boxes of MP4 and its relatives.
pub fn video(bytes: &[u8]) {
    for media in [MediaType::MP4, MediaType::MOV, MediaType::THREE_GP] {
        let _ = claimed(&mut Cursor::new(bytes), media);
    }
}
