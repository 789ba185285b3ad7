//! Where a file lies in its bucket.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the unreserved characters of RFC 3986, section 2.3, and the slash. Every server reads
/// these alike, and it is what Upyun's SDKs for Python and Go send.
const ESCAPED_PATH: &AsciiSet = &ESCAPED_VALUE.remove(b'/');

/// All but the unreserved characters.
const ESCAPED_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The path of a file in a bucket: begins with a slash and does not end in one, has no empty
/// segment, neither `.` nor `..` as one, and no control characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectPath(String);

/// The text names no file in a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the path of a file in a bucket")]
pub struct InvalidPath;

impl ObjectPath {
    /// The path as it is, not escaped.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path as it stands in a URL.
    pub(crate) fn escaped(&self) -> String {
        utf8_percent_encode(&self.0, ESCAPED_PATH).to_string()
    }
}

impl FromStr for ObjectPath {
    type Err = InvalidPath;

    /// Segments that a URL parser would resolve are refused: what is signed must be what is sent.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let segments = text.strip_prefix('/').ok_or(InvalidPath)?;
        let names_something = |segment: &str| !matches!(segment, "" | "." | "..");
        let fits = segments.split('/').all(names_something) && !text.contains(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidPath) }
    }
}

impl fmt::Display for ObjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A value in a query or a form. Slashes are escaped too.
pub(crate) fn escaped_value(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED_VALUE).to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    /// As `PyPI` `upyun` 2.5.5 sends it.
    #[test]
    fn a_path_is_escaped_as_the_python_sdk_escapes_it() {
        let path: ObjectPath = "/a/中 文+~(x).txt".parse().unwrap();
        assert_eq!(path.escaped(), "/a/%E4%B8%AD%20%E6%96%87%2B~%28x%29.txt");
    }

    #[test]
    fn what_names_no_file_is_refused() {
        for text in ["", "a.txt", "/", "/a/", "//a", "/a//b", "/./a", "/a/..", "/a\nb", "/a\u{7f}"] {
            assert_eq!(text.parse::<ObjectPath>(), Err(InvalidPath), "{text:?}");
        }
    }

    #[test]
    fn what_is_signed_is_what_a_url_parser_leaves() {
        for text in ["/...", "/%2e%2e/a", "/a?b", "/a#b", "/a\\b", "/~a.b-c_d"] {
            let escaped = text.parse::<ObjectPath>().unwrap().escaped();
            let url: url::Url = format!("http://host{escaped}").parse().unwrap();
            assert_eq!(url.path(), escaped, "{text}");
        }
    }
}
