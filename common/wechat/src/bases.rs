//! Where WeChat is reached.

use url::Url;

use crate::passed_through::Endpoint;

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
    pub(crate) ticket: Url,
    pub(crate) template_send: Url,
    pub(crate) media_get: Url,
    pub(crate) media_get_original: Url,
    pub(crate) media_upload: Url,
    pub(crate) image_upload: Url,
    pub(crate) login: Url,
    pub(crate) component_login: Url,
    pub(crate) user_info: Url,
    pub(crate) component_token: Url,
    pub(crate) authorizer_token: Url,
    pub(crate) authorizer_list: Url,
    pub(crate) pre_auth_code: Url,
    pub(crate) query_auth: Url,
    passed_through: [Url; Endpoint::ALL.len()],
}

impl Endpoints {
    pub(crate) fn of(bases: &Bases) -> Self {
        let api = |path| below(&bases.api, path);
        Self {
            token: api("/cgi-bin/token"),
            stable_token: api("/cgi-bin/stable_token"),
            ticket: api("/cgi-bin/ticket/getticket"),
            template_send: api("/cgi-bin/message/template/send"),
            media_get: api("/cgi-bin/media/get"),
            media_get_original: api("/cgi-bin/media/get/jssdk"),
            media_upload: api("/cgi-bin/media/upload"),
            image_upload: api("/cgi-bin/media/uploadimg"),
            login: api("/sns/oauth2/access_token"),
            component_login: api("/sns/oauth2/component/access_token"),
            user_info: api("/sns/userinfo"),
            component_token: api("/cgi-bin/component/api_component_token"),
            authorizer_token: api("/cgi-bin/component/api_authorizer_token"),
            authorizer_list: api("/cgi-bin/component/api_get_authorizer_list"),
            pre_auth_code: api("/cgi-bin/component/api_create_preauthcode"),
            query_auth: api("/cgi-bin/component/api_query_auth"),
            passed_through: Endpoint::ALL.map(|endpoint| api(endpoint.path())),
        }
    }

    pub(crate) fn passed_through(&self, endpoint: Endpoint) -> &Url {
        &self.passed_through[endpoint as usize]
    }
}

pub(crate) fn below(base: &Url, path: &str) -> Url {
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
