//! Ready-made files; `samples/README.md` says how they were made.

/// A picture, 64 by 48.
pub(super) const IMAGE_JPEG: &[u8] = include_bytes!("../../samples/image.jpg");
/// The same as PNG.
pub(super) const IMAGE_PNG: &[u8] = include_bytes!("../../samples/image.png");
/// A voice message of 5 s.
pub(crate) const VOICE_AMR: &[u8] = include_bytes!("../../samples/voice.amr");
/// The same, converted: what is answered where there is no ffmpeg.
pub(crate) const VOICE_MP3: &[u8] = include_bytes!("../../samples/voice.mp3");
/// What WeChat hands out as the same in its original quality: in the look of Speex, no real one.
pub(super) const VOICE_SPEEX: &[u8] = include_bytes!("../../samples/voice.speex");
/// A film of half a second, 64 by 48.
pub(super) const VIDEO_MP4: &[u8] = include_bytes!("../../samples/video.mp4");
