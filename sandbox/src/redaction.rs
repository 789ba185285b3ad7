//! What the log shows of bodies, tokens and secrets.

use serde_json::Value;

/// How much of one body or answer is kept, in bytes.
const KEPT_BYTES: usize = 16 << 10;
/// How much of a token or secret is shown, in characters: enough to tell two apart.
const SHOWN_OF_A_SECRET: usize = 8;

/// A body as the log shows it. One that should be JSON and may hold secrets is not shown at all
/// when it cannot be read.
pub(crate) fn shown(body: &[u8], has_secrets: bool) -> String {
    if has_secrets && !body.is_empty() {
        return match serde_json::from_slice::<Value>(body) {
            Ok(mut json) => {
                shorten_secrets(&mut json);
                truncated(json.to_string().as_bytes())
            }
            Err(_) => format!("({} bytes that are no JSON)", body.len()),
        };
    }
    truncated(body)
}

fn truncated(text: &[u8]) -> String {
    String::from_utf8_lossy(&text[..text.len().min(KEPT_BYTES)]).into_owned()
}

fn shorten_secrets(json: &mut Value) {
    match json {
        Value::Array(values) => values.iter_mut().for_each(shorten_secrets),
        Value::Object(fields) => fields.iter_mut().for_each(|(name, value)| match value {
            Value::String(text) if is_secret(name) => *text = shorten(text),
            _ => shorten_secrets(value),
        }),
        _ => {}
    }
}

/// Whether something of this name is a token or secret.
pub(crate) fn is_secret(name: &str) -> bool {
    ["token", "secret", "ticket"].iter().any(|ending| name.ends_with(ending))
}

/// As much of a secret as is shown.
pub(crate) fn shorten(secret: &str) -> String {
    let shown = if secret.chars().count() > SHOWN_OF_A_SECRET { SHOWN_OF_A_SECRET } else { 0 };
    secret.chars().take(shown).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreadable_body_with_a_secret_is_not_shown() {
        assert_eq!(shown(b"secret=hunter2", true), "(14 bytes that are no JSON)");
        assert_eq!(shown(b"plain", false), "plain");
    }

    #[test]
    fn a_secret_is_shortened_wherever_it_stands() {
        let body = br#"{"list":[{"info":{"refresh_token":"hunter2-hunter2"}}]}"#;
        assert_eq!(shown(body, true), r#"{"list":[{"info":{"refresh_token":"hunter2-…"}}]}"#);
    }
}
