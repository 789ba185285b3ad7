//! Media from a hostile upstream to a public address, on this machine and with an Upyun in memory.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bucket;
mod conversion;
mod ffmpeg;
mod folder;
mod hostile;
mod killed;
mod real_files;
mod support;
