//! What all pages have in common: their head, and the headers that bind a browser.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use askama::Template;
use url::Url;

use super::fault::Fault;
use crate::color::Color;
use crate::language::Language;

/// Where WeChat's JS-SDK comes from.
const SDK_HOST: &str = "https://res.wx.qq.com";

/// What a page may do in a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    /// Look like something.
    Plain,
    /// Run our script and WeChat's JS-SDK, which older clients hear through a frame of their own scheme.
    Sdk,
    /// Run our script, which calls our own interfaces.
    Tool,
}

impl Policy {
    fn header(self, nonce: &str) -> String {
        let scripts = match self {
            Self::Plain => "'none'".to_owned(),
            Self::Sdk => format!("'nonce-{nonce}' {SDK_HOST}; frame-src weixin:"),
            Self::Tool => format!("'nonce-{nonce}'; connect-src 'self'"),
        };
        format!(
            "default-src 'none'; script-src {scripts}; style-src 'nonce-{nonce}'; img-src data:; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
    }
}

/// The outside of one page, made anew for every visit.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) language: Language,
    /// Marks the styles and scripts that are ours.
    pub(super) nonce: String,
    pub(super) colour: Color,
}

impl Frame {
    pub(super) fn new(language: Language) -> Self {
        Self { language, nonce: hex::encode(rand::random::<[u8; 16]>()), colour: Color::USUAL }
    }

    pub(super) fn coloured(self, colour: Color) -> Self {
        Self { colour, ..self }
    }

    /// The page as it is sent. It is never kept, since its address is a key; nor is that told to others
    /// (`Referrer-Policy`).
    pub(super) fn respond(
        &self,
        status: StatusCode,
        page: &impl Template,
        policy: Policy,
    ) -> Result<HttpResponse, Fault> {
        let html = page.render()?;
        let mut response = HttpResponse::build(status);
        response
            .insert_header((CONTENT_SECURITY_POLICY, policy.header(&self.nonce)))
            .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((REFERRER_POLICY, "no-referrer"))
            .insert_header((CACHE_CONTROL, "no-store"));
        Ok(response.content_type("text/html; charset=utf-8").body(html))
    }
}

/// Sends the browser elsewhere. It asks again next time.
pub(super) fn redirect(to: &Url) -> HttpResponse {
    HttpResponse::Found()
        .insert_header((LOCATION, to.as_str()))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}
