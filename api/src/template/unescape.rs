//! Replaces `\uXXXX` in a JSON text by the characters themselves.

use std::borrow::Cow;

use super::TemplateError;

/// The same JSON without `\uXXXX`, but for control characters that have no shorter escape. `json`
/// must be well formed: then backslashes occur in strings only.
pub(super) fn unescape(json: &str) -> Result<Cow<'_, str>, TemplateError> {
    if !json.contains("\\u") {
        return Ok(Cow::Borrowed(json));
    }
    let mut written = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        written.push_str(&rest[..at]);
        rest = match rest[at..].strip_prefix("\\u") {
            Some(digits) => character(digits, &mut written)?,
            None => copy_escape(&rest[at..], &mut written),
        };
    }
    written.push_str(rest);
    Ok(Cow::Owned(written))
}

/// A backslash and what it escapes, which may be another backslash.
fn copy_escape<'a>(escape: &'a str, written: &mut String) -> &'a str {
    let end = escape.char_indices().nth(2).map_or(escape.len(), |(end, _)| end);
    written.push_str(&escape[..end]);
    &escape[end..]
}

/// Writes the character whose digits come next, and gives what follows it.
fn character<'a>(digits: &'a str, written: &mut String) -> Result<&'a str, TemplateError> {
    let (unit, rest) = code_unit(digits)?;
    if let Some(character) = char::from_u32(unit) {
        write(character, written)?;
        return Ok(rest);
    }
    let low = rest.strip_prefix("\\u").ok_or(TemplateError::LoneSurrogate)?;
    let (low, rest) = code_unit(low)?;
    if !(0xD800..0xDC00).contains(&unit) || !(0xDC00..0xE000).contains(&low) {
        return Err(TemplateError::LoneSurrogate);
    }
    let code = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    written.push(char::from_u32(code).ok_or(TemplateError::LoneSurrogate)?);
    Ok(rest)
}

fn code_unit(text: &str) -> Result<(u32, &str), TemplateError> {
    let (digits, rest) = text.split_at_checked(4).ok_or(TemplateError::LoneSurrogate)?;
    let unit = u32::from_str_radix(digits, 16).map_err(|_| TemplateError::LoneSurrogate)?;
    Ok((unit, rest))
}

/// What must stay escaped is, in the shortest way.
fn write(character: char, written: &mut String) -> Result<(), TemplateError> {
    match character {
        '\0' => return Err(TemplateError::Nul),
        '"' => written.push_str("\\\""),
        '\\' => written.push_str("\\\\"),
        '\u{8}' => written.push_str("\\b"),
        '\t' => written.push_str("\\t"),
        '\n' => written.push_str("\\n"),
        '\u{c}' => written.push_str("\\f"),
        '\r' => written.push_str("\\r"),
        control if control < ' ' => {
            written.push_str("\\u00");
            written.push_str(&hex::encode([control as u8]));
        }
        other => written.push(other),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn escapes_become_characters_and_all_else_stays() {
        for (escaped, plain) in [
            (r#""\u503c\u503C""#, r#""值值""#),
            (r#""\ud83d\ude00\u007f""#, "\"😀\u{7f}\""),
            (r#""\u0022\u005c\u002f""#, r#""\"\\/""#),
            (r#""\u0008\u0009\u000a\u000c\u000d\u001f""#, r#""\b\t\n\f\r\u001f""#),
            (r#""\\u0041 \/ \n \"\u0041\\""#, r#""\\u0041 \/ \n \"A\\""#),
            (r#""\\\u0041""#, r#""\\A""#),
            (r#"{"价":1e400,"\u4ef7":"\u003ca\u003e"}"#, r#"{"价":1e400,"价":"<a>"}"#),
        ] {
            assert_eq!(unescape(escaped).unwrap(), plain, "{escaped}");
        }
    }

    #[test]
    fn the_meaning_is_kept_for_every_character_of_the_basic_plane() {
        for code in (1..=0xFFFF_u32).filter(|code| char::from_u32(*code).is_some()) {
            let escaped = format!("\"\\u{code:04x}\"");
            let read = |json: &str| serde_json::from_str::<String>(json).unwrap();
            assert_eq!(read(&unescape(&escaped).unwrap()), read(&escaped), "{escaped}");
        }
    }

    #[test]
    fn half_a_pair_and_nul_are_refused() {
        for lone in [r#""\ud83d""#, r#""\ude00""#, r#""\ud83d\u0041""#, r#""\ude00\ud83d""#, r#""\ud83dx""#] {
            assert!(matches!(unescape(lone), Err(TemplateError::LoneSurrogate)), "{lone}");
        }
        assert!(matches!(unescape(r#""\u0000""#), Err(TemplateError::Nul)));
    }
}
