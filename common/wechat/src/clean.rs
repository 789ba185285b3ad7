//! Makes JSON out of what WeChat sometimes sends instead: nicknames and card codes bring raw
//! control characters and broken UTF-8 into its answers.

/// The body as text that a strict parser can read: broken UTF-8 becomes U+FFFD, a byte order mark
/// at the start and control characters inside strings are dropped. Nothing else is mended.
pub(crate) fn cleaned(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let mut place = Place::Outside;
    text.trim_start_matches('\u{feff}')
        .chars()
        .filter(|&c| {
            let dropped = c.is_ascii_control() && c != '\u{7f}' && place != Place::Outside;
            if !dropped {
                place = place.after(c);
            }
            !dropped
        })
        .collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    String,
    Escape,
}

impl Place {
    fn after(self, c: char) -> Self {
        match (self, c) {
            (Self::Outside, '"') | (Self::Escape, _) => Self::String,
            (Self::String, '\\') => Self::Escape,
            (Self::String, '"') => Self::Outside,
            (place, _) => place,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_parser_refuses_is_dropped_and_all_else_kept() {
        for (sent, read) in [
            (&b"{\"a\":\"x\x01y\nz\"}"[..], "{\"a\":\"xyz\"}"),
            (b"{\"a\":\"x\xe5\xbc\"}", "{\"a\":\"x\u{fffd}\"}"),
            (b"\xef\xbb\xbf{}", "{}"),
            (
                b"{\n\t\"a\" : \"b\\\"\x02c\\\\\" ,\n\"d\":\"\x7f\"}",
                "{\n\t\"a\" : \"b\\\"c\\\\\" ,\n\"d\":\"\x7f\"}",
            ),
            ("{\"a\":\"咖啡\\/\"}".as_bytes(), "{\"a\":\"咖啡\\/\"}"),
        ] {
            assert_eq!(cleaned(sent), read);
        }
    }
}
