//! The beginning of many addresses.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// An http(s) URL to which paths are appended: no query, no fragment, no user, no slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// The text, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of `path`, which begins with a slash.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for BaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).map_err(|error| format!("must be a URL: {error}"))?;
        let plain = url.username().is_empty() && url.password().is_none();
        if !matches!(url.scheme(), "http" | "https") {
            Err("must begin with http:// or https://".to_owned())
        } else if !plain || url.query().is_some() || url.fragment().is_some() {
            Err("must have no user, query or fragment".to_owned())
        } else {
            Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_appended_whether_or_not_a_slash_was_given() {
        for (base, expected) in [
            ("https://gw.example", "https://gw.example/tu/1"),
            ("https://gw.example/", "https://gw.example/tu/1"),
            ("http://gw.example:8080/wx//", "http://gw.example:8080/wx/tu/1"),
        ] {
            assert_eq!(base.parse::<BaseUrl>().map(|base| base.join("/tu/1")).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn what_cannot_be_appended_to_is_refused() {
        for text in
            ["", "gw.example", "ftp://gw.example", "http://", "http://u:p@h", "http://h/?a=1", "http://h/#a"]
        {
            assert!(text.parse::<BaseUrl>().is_err(), "{text}");
        }
    }
}
