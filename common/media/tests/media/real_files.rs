//! Files as a program that others wrote makes them.

use std::fs;
use std::process::Command;

use wxgate_media::{Claim, Dimensions, MediaType, dimensions};

use crate::support::Data;

/// A picture, or a second of video, of 322 by 182 pixels.
fn made(data: &Data, name: &str, options: &[&str]) -> Vec<u8> {
    let file = data.path().join(name);
    let made = Command::new("ffmpeg")
        .args([
            "-nostdin",
            "-loglevel",
            "error",
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=322x182:rate=5:duration=1",
        ])
        .args(options)
        .arg(&file)
        .status();
    assert!(made.unwrap().success(), "{name}");
    fs::read(file).unwrap()
}

#[tokio::test]
async fn pictures_and_videos_are_told_apart_and_measured() {
    let data = Data::new();
    let picture = ["-frames:v", "1"].as_slice();
    let streamed = ["-c:v", "mpeg4", "-movflags", "faststart"].as_slice();
    for (name, options, media, measured) in [
        ("a.jpg", picture, MediaType::JPEG, true),
        ("a.png", picture, MediaType::PNG, true),
        ("a.gif", picture, MediaType::GIF, true),
        ("a.bmp", picture, MediaType::BMP, true),
        ("a.webp", picture, MediaType::WEBP, true),
        ("a.mp4", &["-c:v", "mpeg4"], MediaType::MP4, true),
        ("b.mp4", streamed, MediaType::MP4, true),
        ("a.mov", &["-c:v", "mpeg4"], MediaType::MOV, true),
        ("a.mpg", &["-r", "25", "-c:v", "mpeg1video"], MediaType::MPEG, false),
    ] {
        let bytes = made(&data, name, options);
        let file = data.spooled(&bytes).await;
        assert_eq!(MediaType::decide(&file.start, &Claim::default()), media, "{name}");
        let size = if measured { Dimensions { width: 322, height: 182 } } else { Dimensions::default() };
        assert_eq!(dimensions(&file, media).await, size, "{name}");
    }
}
