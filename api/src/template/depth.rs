//! How deep a JSON text is nested. Deeper ones are refused, as readers further on might overflow.

/// The deepest nesting taken; WeChat's own messages need four levels.
pub(super) const MOST_NESTED: usize = 32;

/// The most braces and brackets open at once, outside strings. Right for JSON; for other texts it is
/// some number.
pub(super) fn of(text: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                open += 1;
                most = most.max(open);
            }
            b'}' | b']' => open = open.saturating_sub(1),
            b'"' => skip_string(&mut bytes),
            _ => {}
        }
    }
    most
}

fn skip_string(bytes: &mut std::str::Bytes<'_>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_brackets_outside_strings_nest() {
        for (text, depth) in [
            ("1", 0),
            ("{}", 1),
            (r#"{"a":[{}],"b":[]}"#, 3),
            (r#"["[[[","\"[[","\\",[]]"#, 2),
            (r#"["unclosed [["#, 1),
        ] {
            assert_eq!(of(text), depth, "{text}");
        }
    }
}
