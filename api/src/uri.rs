//! Addresses as callers write them.

use std::borrow::Cow;

/// The address as it is called: one without a scheme, as the document's `www.verystar.cn`, gets
/// `http://`. Everything else stays as it is, for the guard to judge.
pub(crate) fn with_scheme(address: &str) -> Cow<'_, str> {
    let address = address.trim();
    if has_scheme(address) { Cow::Borrowed(address) } else { Cow::Owned(format!("http://{address}")) }
}

/// Whether it begins with a word and a colon that is not followed by a port number.
fn has_scheme(address: &str) -> bool {
    let host = address.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let Some((word, rest)) = host.split_once(':') else { return false };
    let is_port = !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_word && !is_port
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_no_scheme_gets_one() {
        for (written, called) in [
            ("www.verystar.cn", "http://www.verystar.cn"),
            ("shop.example:8080/hook?a=b:c", "http://shop.example:8080/hook?a=b:c"),
            ("localhost:9000", "http://localhost:9000"),
            ("[::1]:80/x", "http://[::1]:80/x"),
            (" https://shop.example ", "https://shop.example"),
            ("HTTP://shop.example", "HTTP://shop.example"),
            ("javascript:alert(1)", "javascript:alert(1)"),
            ("ftp://host/", "ftp://host/"),
            ("mailto:", "mailto:"),
        ] {
            assert_eq!(with_scheme(written), called);
        }
    }
}
