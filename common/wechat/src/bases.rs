//! Where WeChat is reached.

use url::Url;

/// The addresses of WeChat's three hosts. Each may carry a path, as a proxy's may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bases {
    /// Server calls; WeChat's own is `https://api.weixin.qq.com`.
    pub api: Url,
    /// Pictures of QR codes, the page that authorises a third party; `https://mp.weixin.qq.com`.
    pub mp: Url,
    /// Where browsers log in; `https://open.weixin.qq.com`.
    pub open: Url,
}

impl Bases {
    /// All three hosts in one, as the sandbox has them.
    #[must_use]
    pub fn all_at(base: &Url) -> Self {
        Self { api: base.clone(), mp: base.clone(), open: base.clone() }
    }
}

/// The addresses of single interfaces, made once so that no call has to parse a URL.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints {
    pub(crate) token: Url,
    pub(crate) stable_token: Url,
    pub(crate) template_send: Url,
}

impl Endpoints {
    pub(crate) fn of(bases: &Bases) -> Self {
        Self {
            token: below(&bases.api, "/cgi-bin/token"),
            stable_token: below(&bases.api, "/cgi-bin/stable_token"),
            template_send: below(&bases.api, "/cgi-bin/message/template/send"),
        }
    }
}

fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn an_endpoint_lies_below_its_base_whether_that_ends_in_a_slash_or_not() {
        for (base, endpoint) in [
            ("https://api.weixin.qq.com", "https://api.weixin.qq.com/cgi-bin/token"),
            ("http://127.0.0.1:8181/", "http://127.0.0.1:8181/cgi-bin/token"),
            ("https://proxy.example/wx/", "https://proxy.example/wx/cgi-bin/token"),
            ("https://proxy.example/wx", "https://proxy.example/wx/cgi-bin/token"),
        ] {
            let bases = Bases::all_at(&base.parse().unwrap());
            assert_eq!(Endpoints::of(&bases).token.as_str(), endpoint);
        }
    }
}
