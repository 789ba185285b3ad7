//! Conversions to MP3, by the machine's ffmpeg. Where there is none, the voice sample alone is
//! converted: to the MP3 that is shipped with it.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::time::timeout;

use super::key::Key;
use super::room::LARGEST_UPLOAD;
use crate::media::{VOICE_AMR, VOICE_MP3};

/// Longest conversion.
const TIME_LIMIT: Duration = Duration::from_mins(1);
/// Said where something needs ffmpeg and there is none.
const NO_FFMPEG: &str =
    "there is no ffmpeg here: the sandbox converts its own AMR sample to MP3 and nothing else";

/// What came out.
#[derive(Debug)]
pub(super) struct Converted {
    pub(super) bytes: Bytes,
    /// What `return_info` asks for.
    pub(super) info: Value,
    /// By ffmpeg, rather than taken from the shelf.
    pub(super) really: bool,
}

/// Why nothing came out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// As Upyun numbers them: 400 for wrong options, 5xx for what failed.
    pub(super) status_code: u16,
    pub(super) description: String,
}

impl Failure {
    fn new(status_code: u16, description: impl Into<String>) -> Self {
        Self { status_code, description: description.into() }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::new(501, format!("preparing failed: {error}"))
    }
}

/// Converts sound, or the sound of a film.
pub(super) async fn convert(
    kind: &str,
    avopts: &str,
    target: &Key,
    source: Bytes,
    uses_ffmpeg: bool,
) -> Result<Converted, Failure> {
    let options = options(avopts)?;
    let format = format(avopts).or_else(|| target.suffix()).unwrap_or_default();
    if !matches!(kind, "audio" | "video") || format != "mp3" {
        return Err(Failure::new(400, "the sandbox does 'audio' and 'video' to mp3 alone"));
    }
    let converted =
        if uses_ffmpeg { run(&source, &options).await } else { Err(Failure::new(500, NO_FFMPEG)) };
    match converted {
        Err(failure) if failure.description == NO_FFMPEG && source == VOICE_AMR => Ok(shipped()),
        other => other,
    }
}

fn shipped() -> Converted {
    let info = json!({"format": {"format": "mp3", "filesize": VOICE_MP3.len()}, "streams": []});
    Converted { bytes: Bytes::from_static(VOICE_MP3), info, really: false }
}

/// The format that the options name.
fn format(avopts: &str) -> Option<&str> {
    pairs(avopts).find(|(name, _)| *name == "f").map(|(_, format)| format)
}

/// The same, or the usual one.
pub(super) fn format_of(avopts: &str) -> &str {
    format(avopts).unwrap_or("mp3")
}

/// `/name/value/name/value…`.
fn pairs(avopts: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut parts = avopts.split('/').filter(|part| !part.is_empty());
    std::iter::from_fn(move || Some((parts.next()?, parts.next().unwrap_or_default())))
}

/// Upyun's options in ffmpeg's words.
fn options(avopts: &str) -> Result<Vec<String>, Failure> {
    let mut options = Vec::new();
    for (name, value) in pairs(avopts) {
        let is_number = !value.is_empty() && value.len() <= 6 && value.bytes().all(|b| b.is_ascii_digit());
        let is_time = value.len() <= 8 && value.bytes().all(|b| b.is_ascii_digit() || b == b':');
        let option = match name {
            "ac" if matches!(value, "1" | "2") => ["-ac".to_owned(), value.to_owned()],
            "ab" if is_number => ["-b:a".to_owned(), format!("{value}k")],
            "vbr" if is_number => ["-q:a".to_owned(), value.to_owned()],
            "ss" if is_time => ["-ss".to_owned(), value.to_owned()],
            "es" if is_time => ["-to".to_owned(), value.to_owned()],
            "f" | "sm" => continue,
            _ => return Err(Failure::new(400, format!("bad parameter: {name}/{value}"))),
        };
        options.extend(option);
    }
    Ok(options)
}

async fn run(source: &[u8], options: &[String]) -> Result<Converted, Failure> {
    let folder = tempfile::tempdir()?;
    let (from, to) = (folder.path().join("source"), folder.path().join("result.mp3"));
    tokio::fs::write(&from, source).await?;
    let mut arguments: Vec<OsString> = ["-nostdin", "-v", "quiet", "-y", "-protocol_whitelist", "file", "-i"]
        .into_iter()
        .map(OsString::from)
        .collect();
    arguments.push(from.into());
    arguments.push("-vn".into());
    arguments.extend(options.iter().map(OsString::from));
    arguments.extend(["-fs".into(), LARGEST_UPLOAD.to_string().into(), to.clone().into()]);
    ask("ffmpeg", arguments).await?;
    let bytes = tokio::fs::read(&to).await?;
    Ok(Converted { info: info(&to, bytes.len()).await, bytes: bytes.into(), really: true })
}

/// What a program prints, unless it fails.
async fn ask(program: &str, arguments: Vec<OsString>) -> Result<Vec<u8>, Failure> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    match timeout(TIME_LIMIT, command.output()).await {
        Ok(Ok(output)) if output.status.success() => Ok(output.stdout),
        Ok(Ok(_)) => Err(Failure::new(500, "transcoding error: the source cannot be read")),
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => Err(Failure::new(500, NO_FFMPEG)),
        Ok(Err(error)) => Err(error.into()),
        Err(_elapsed) => Err(Failure::new(504, "transcoding took too long")),
    }
}

/// What ffprobe says of the result, in Upyun's words; without it the size alone.
async fn info(result: &Path, bytes: usize) -> Value {
    let questions = ["-v", "quiet", "-of", "json", "-show_format", "-show_streams"];
    let arguments = questions.into_iter().map(OsString::from).chain([result.into()]).collect();
    let told = ask("ffprobe", arguments).await.ok();
    let told: Value = told.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default();
    let number = |value: &Value| value.as_str().and_then(|text| text.parse::<f64>().ok());
    let format = &told["format"];
    let streams = told["streams"].as_array().into_iter().flatten().map(|stream| {
        json!({"index": stream["index"], "type": stream["codec_type"], "codec": stream["codec_name"],
            "codec_desc": stream["codec_long_name"], "duration": number(&stream["duration"]),
            "bitrate": number(&stream["bit_rate"]), "audio_channels": stream["channels"],
            "audio_samplerate": number(&stream["sample_rate"]), "metadata": {}})
    });
    json!({"format": {"format": "mp3", "fullname": format["format_long_name"], "filesize": bytes,
        "duration": number(&format["duration"]), "bitrate": number(&format["bit_rate"])},
        "streams": streams.collect::<Vec<_>>()})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_put_in_ffmpegs_words_and_strange_ones_refused() {
        let told = options("/f/mp3/ac/1/ab/48/sm/0/ss/00:00:01").ok();
        assert_eq!(
            told.as_deref(),
            Some(["-ac", "1", "-b:a", "48k", "-ss", "00:00:01"].map(str::to_owned).as_slice())
        );
        for bad in ["/ac/5", "/ab/-1", "/ab", "/ss/1;2", "/x/1"] {
            assert_eq!(options(bad).err().map(|failure| failure.status_code), Some(400), "{bad}");
        }
    }
}
