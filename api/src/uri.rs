//! Addresses as callers write them.

use std::borrow::Cow;

use url::Url;

use crate::Refusal;
use crate::refusal::said;

/// The address as it is called: one without a scheme, as the document's `www.verystar.cn`, gets
/// `http://`. Everything else stays as it is, for the guard to judge.
pub(crate) fn with_scheme(address: &str) -> Cow<'_, str> {
    let address = address.trim();
    if has_scheme(address) { Cow::Borrowed(address) } else { Cow::Owned(format!("http://{address}")) }
}

/// The address as a browser is sent there; `None` when it is none, or neither http nor https.
pub(crate) fn web_address(address: &str) -> Option<Url> {
    let url = Url::parse(&with_scheme(address)).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// The address as it was sent, if a browser that is led to it stays on the web: `javascript:` and its
/// like are refused.
pub(crate) fn web<'t>(name: &'static str, address: &'t str) -> Result<&'t str, Refusal> {
    let url = Url::parse(&with_scheme(address)).map_err(|error| {
        Refusal::malformed(
            name,
            said(format!("不是有效的地址（{error}）"), format!("is not an address: {error}")),
        )
    })?;
    match url.scheme() {
        "http" | "https" => Ok(address),
        _ => Err(Refusal::malformed(name, said("须为http或https地址", "must be an http or https address"))),
    }
}

/// The address with one more parameter in its query, and otherwise as it was. `value` must need no
/// escaping.
pub(crate) fn with_param(address: &str, name: &str, value: &str) -> String {
    let (page, fragment) = address.split_at(address.find('#').unwrap_or(address.len()));
    let joint = match page.find('?') {
        None => "?",
        Some(_) if page.ends_with(['?', '&']) => "",
        Some(_) => "&",
    };
    format!("{page}{joint}{name}={value}{fragment}")
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
    fn browsers_are_sent_to_http_and_https_alone() {
        for (written, sent_to) in [
            ("www.verystar.cn", Some("http://www.verystar.cn/")),
            ("https://shop.example/咖啡?a=1#b", Some("https://shop.example/%E5%92%96%E5%95%A1?a=1#b")),
            ("javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("ftp://shop.example/", None),
            ("weixin://dl/business", None),
            ("http://", None),
            ("", None),
        ] {
            assert_eq!(web_address(written).as_ref().map(Url::as_str), sent_to, "{written}");
        }
    }

    #[test]
    fn whatever_leads_off_the_web_is_refused() {
        for address in ["www.verystar.cn", "localhost:9000/a?b#c", "HTTPS://shop.example", " http://a/ "] {
            assert_eq!(web("url", address).ok(), Some(address));
        }
        for address in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "java\nscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,x",
            "weixin://dl",
            "ftp://host/",
            "mailto:a@b",
            "http://",
            "/",
        ] {
            assert!(web("url", address).is_err(), "{address:?}");
        }
    }

    #[test]
    fn a_parameter_is_added_behind_the_others_and_in_front_of_the_fragment() {
        for (address, with_key) in [
            ("www.verystar.cn", "www.verystar.cn?key=1"),
            ("http://a/b?", "http://a/b?key=1"),
            ("http://a/b?c=d", "http://a/b?c=d&key=1"),
            ("http://a/b?c=d&#/e?f", "http://a/b?c=d&key=1#/e?f"),
            ("http://a/#/e?f", "http://a/?key=1#/e?f"),
        ] {
            assert_eq!(with_param(address, "key", "1"), with_key);
        }
    }

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
