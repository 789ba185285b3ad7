//! Reads what Upyun says when it refuses.

use reqwest::Response;
use serde_json::{Map, Value};

use crate::Refusal;

/// How much of an error's body is read (bytes); Upyun's have about a hundred.
const MOST: usize = 16 * 1024;

/// The longest message that is passed on (characters).
const LONGEST: usize = 200;

/// The status is known; number and words are taken as far as they come. HEAD has no body, so there
/// the number is in a header alone.
pub(crate) async fn read(mut response: Response) -> Refusal {
    let status = response.status().as_u16();
    let header = response.headers().get("x-error-code").and_then(|value| value.to_str().ok()?.parse().ok());
    let fields: Map<String, Value> = serde_json::from_slice(&start(&mut response).await).unwrap_or_default();
    let code = fields.get("code").and_then(number).or(header);
    Refusal { status, code, msg: words(fields.get("msg").and_then(Value::as_str).unwrap_or_default()) }
}

async fn start(response: &mut Response) -> Vec<u8> {
    let mut start = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        start.extend_from_slice(&chunk);
        if start.len() > MOST {
            break;
        }
    }
    start
}

/// The edge of the network gives the number as text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Fit for a log line and a caller.
pub(crate) fn words(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}
