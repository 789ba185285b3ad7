//! Which of a browser's requests may be the operator's own wish.
//!
//! A page elsewhere can make a browser send a form here, and a name that somebody else owns can be made to
//! lead here (DNS rebinding). The session's cookie goes along with neither (`SameSite=Strict`, and it
//! belongs to one host name), and each change carries the session's own token; what is here is the second
//! wall, and the only one before the log-in form.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, HeaderName, ORIGIN};
use actix_web::http::uri::Authority;
use url::{Host, Url};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Under which names the console may be visited.
pub(crate) struct Origins {
    /// The host name of our public address, if it is a name.
    public: Option<String>,
    public_is_https: bool,
}

impl Origins {
    pub(super) fn new(public_url: &Url) -> Self {
        let public = match public_url.host() {
            Some(Host::Domain(name)) => Some(name.to_ascii_lowercase()),
            _ => None,
        };
        Self { public, public_is_https: public_url.scheme() == "https" }
    }

    /// Whether the name that the browser shows is one that no stranger can own: an address, a name
    /// without a dot (`localhost`, a container's), one below `localhost`, our public name and names
    /// below it. Others would have to be lent by whoever owns them.
    pub(crate) fn is_own_name(&self, request: &HttpRequest) -> bool {
        let Some(name) = host(request).map(name) else { return false };
        let is_below = |parent: &str| name.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.'));
        name.parse::<IpAddr>().is_ok()
            || !name.is_empty() && !name.contains('.') && !name.contains(':')
            || is_below("localhost")
            || self.public.as_ref().is_some_and(|public| name == *public || is_below(public))
    }

    /// Whether a browser sends this from one of our own pages. What browsers say in `Sec-Fetch-Site`
    /// decides; those that do not say it (over plain HTTP) name the page's origin. Whoever says neither is
    /// a program, which acts for nobody but itself.
    pub(crate) fn is_own_page(request: &HttpRequest) -> bool {
        let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
        match (header(SEC_FETCH_SITE), header(ORIGIN)) {
            (Some(site), _) => site == "same-origin",
            (None, Some(origin)) => {
                let authority = origin.split_once("://").map(|(_, authority)| authority);
                authority.is_some_and(|authority| Some(authority) == host(request))
            }
            (None, None) => true,
        }
    }

    /// Whether the browser came over TLS, as far as can be known behind a proxy: then the cookie must not
    /// be sent without. Browsers send `Sec-Fetch-Site` over TLS, and without only to this machine itself.
    pub(crate) fn is_https(&self, request: &HttpRequest) -> bool {
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let forwarded = header(X_FORWARDED_PROTO).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
        let is_public = || self.public_is_https && host(request).map(name) == self.public;
        let says_site = || header(SEC_FETCH_SITE).is_some() && !host(request).is_none_or(is_this_machine);
        forwarded
            || says_site()
            || header(ORIGIN).is_some_and(|origin| origin.starts_with("https://"))
            || is_public()
    }
}

/// Host and port as the browser shows them.
fn host(request: &HttpRequest) -> Option<&str> {
    let header = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    header.or_else(|| request.uri().authority().map(Authority::as_str))
}

/// Whether a host is a name for whatever machine the browser runs on.
fn is_this_machine(host: &str) -> bool {
    let name = name(host);
    name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        || name == "localhost"
        || name.ends_with(".localhost")
}

/// The host without port and brackets, in lower case.
fn name(host: &str) -> String {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _port)) => address,
        None => host.rsplit_once(':').map_or(host, |(name, _port)| name),
    };
    name.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use actix_web::test::TestRequest;

    use super::*;

    fn origins() -> Origins {
        Origins::new(&"https://gate.example".parse().unwrap())
    }

    fn request(headers: &[(&'static str, &str)]) -> HttpRequest {
        let add = |request: TestRequest, header: &(&'static str, &str)| request.insert_header(*header);
        headers.iter().fold(TestRequest::default(), add).to_http_request()
    }

    #[test]
    fn only_names_that_no_stranger_can_own_are_answered() {
        for own in [
            "127.0.0.1:8081",
            "10.0.0.7",
            "[::1]:8081",
            "localhost:8081",
            "LocalHost",
            "api:8081",
            "console.localhost",
            "gate.example",
            "Console.Gate.Example:443",
            "gate.example.",
        ] {
            assert!(origins().is_own_name(&request(&[("host", own)])), "{own}");
        }
        for foreign in [
            "",
            "evil.example",
            "127.0.0.1.evil.example:8081",
            "evilgate.example",
            "notlocalhost.com",
            "a:b:c",
        ] {
            assert!(!origins().is_own_name(&request(&[("host", foreign)])), "{foreign}");
        }
    }

    #[test]
    fn a_change_comes_from_our_own_page() {
        let host = ("host", "127.0.0.1:8081");
        for own in [
            [host, ("origin", "http://127.0.0.1:8081")],
            [host, ("sec-fetch-site", "same-origin")],
            [host, ("accept", "*/*")],
        ] {
            assert!(Origins::is_own_page(&request(&own)), "{own:?}");
        }
        for foreign in [
            [host, ("origin", "http://127.0.0.1:8080")],
            [host, ("origin", "https://evil.example")],
            [host, ("origin", "null")],
            [host, ("sec-fetch-site", "same-site")],
            [host, ("sec-fetch-site", "cross-site")],
            [host, ("sec-fetch-site", "none")],
        ] {
            assert!(!Origins::is_own_page(&request(&foreign)), "{foreign:?}");
        }
    }

    #[test]
    fn the_cookie_is_kept_to_tls_where_the_browser_came_over_tls() {
        for secure in [
            [("host", "10.0.0.1"), ("x-forwarded-proto", "https")],
            [("host", "10.0.0.1"), ("origin", "https://10.0.0.1")],
            [("host", "gate.example"), ("accept", "*/*")],
            [("host", "10.0.0.1"), ("sec-fetch-site", "none")],
        ] {
            assert!(origins().is_https(&request(&secure)), "{secure:?}");
        }
        for plain in [
            [("host", "10.0.0.1:8081"), ("origin", "http://10.0.0.1:8081")],
            [("host", "127.0.0.1:8081"), ("sec-fetch-site", "same-origin")],
            [("host", "localhost:8081"), ("sec-fetch-site", "none")],
        ] {
            assert!(!origins().is_https(&request(&plain)), "else the browser would drop it: {plain:?}");
        }
    }
}
