//! Media as their users see them: fetched from where the gateway says, and played.

use std::process::Command;

use reqwest::Response;
use serde_json::Value;

/// What a player makes of a sound file.
#[derive(Clone, Debug, PartialEq)]
pub struct Sound {
    /// Such as `mp3`.
    pub codec: String,
    /// In seconds.
    pub duration: f64,
}

/// Fetches a file that has to be there.
pub async fn fetch(url: &str) -> Response {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let response = http.get(url).send().await.unwrap();
    assert_eq!(response.status(), 200, "{url}");
    response
}

/// What ffprobe says of a file. All of it is decoded, so that a damaged one fails.
pub fn probe(bytes: &[u8]) -> Sound {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let shown = ["-show_entries", "stream=codec_name", "-show_entries", "packet=duration_time"];
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-of", "json"])
        .args(shown)
        .arg(file.path())
        .output()
        .expect("ffprobe is not there: run the tests through scripts/test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packets = told["packets"].as_array().unwrap().iter();
    let duration =
        packets.map(|packet| packet["duration_time"].as_str().unwrap().parse::<f64>().unwrap()).sum();
    Sound { codec: told["streams"][0]["codec_name"].as_str().unwrap().to_owned(), duration }
}
