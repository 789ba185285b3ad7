//! A URL that somebody else chose, read with the parser that also dials.

use url::{ParseError, Url};

/// The longest URL taken (bytes): what the oldest common clients and proxies can handle.
pub const MAX_URL: usize = 2048;

/// Why a text is no URL to call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// Not a URL, or one without a host.
    #[error("the URL cannot be read: {0}")]
    Malformed(ParseError),
    /// Neither http nor https.
    #[error("the URL must begin with http:// or https://")]
    Scheme,
    /// A user name or password in front of the host, which is how a URL is made to look like
    /// another's.
    #[error("the URL must not contain a user name or password")]
    Credentials,
    /// Over [`MAX_URL`] bytes.
    #[error("the URL is longer than {MAX_URL} bytes")]
    TooLong,
}

/// Why a URL is not called, known without calling it. Both sentences are fit for the caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It cannot be called.
    #[error(transparent)]
    InvalidUrl(#[from] InvalidUrl),
    /// It leads to an address that is not public and not allowed.
    #[error("the URL leads to an address that is not public")]
    Forbidden,
}

/// Reads a URL. Hosts come out normalised: `http://2130706433/` and `http://0x7f.1/` are
/// `127.0.0.1` from here on.
pub(crate) fn read(url: &str) -> Result<Url, InvalidUrl> {
    if url.len() > MAX_URL {
        return Err(InvalidUrl::TooLong);
    }
    let url = Url::parse(url).map_err(InvalidUrl::Malformed)?;
    if !matches!(url.scheme(), "http" | "https") {
        Err(InvalidUrl::Scheme)
    } else if !url.username().is_empty() || url.password().is_some() {
        Err(InvalidUrl::Credentials)
    } else {
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn unusable_urls_are_told_apart() {
        let long = format!("http://host/{}", "x".repeat(MAX_URL));
        for (url, expected) in [
            ("", InvalidUrl::Malformed(ParseError::RelativeUrlWithoutBase)),
            ("www.verystar.cn", InvalidUrl::Malformed(ParseError::RelativeUrlWithoutBase)),
            ("http://", InvalidUrl::Malformed(ParseError::EmptyHost)),
            ("http://host:99999/", InvalidUrl::Malformed(ParseError::InvalidPort)),
            ("http://1.2.3.4.5/", InvalidUrl::Malformed(ParseError::InvalidIpv4Address)),
            ("ftp://host/", InvalidUrl::Scheme),
            ("file:///etc/passwd", InvalidUrl::Scheme),
            ("javascript:alert(1)", InvalidUrl::Scheme),
            ("http://user@host/", InvalidUrl::Credentials),
            ("http://:password@host/", InvalidUrl::Credentials),
            ("http://public.example@127.0.0.1/", InvalidUrl::Credentials),
            (&long, InvalidUrl::TooLong),
        ] {
            assert_eq!(read(url), Err(expected), "{url}");
        }
    }

    #[test]
    fn the_longest_url_is_taken() {
        let url = format!("http://host/{}", "x".repeat(MAX_URL - "http://host/".len()));
        assert!(read(&url).is_ok());
    }

    #[test]
    fn hosts_are_normalised_as_they_will_be_dialled() {
        for url in [
            "http://2130706433/",
            "http://0x7f.1/",
            "http://127.1/",
            "http://017700000001/",
            "http://127.0.0.1./",
            "http://１２７。0.0.1/",
            "http:\\\\127.0.0.1\\",
            "http://127.0.0.1#@public.example/",
        ] {
            assert_eq!(read(url).unwrap().host_str(), Some("127.0.0.1"), "{url}");
        }
    }
}
