//! What all pages have in common: their head and foot, and the headers that bind a browser.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use wxgate_job::JobState;

use super::super::time;
use super::super::trouble::Trouble;
use super::words;
use crate::language::Language;

/// The outside of one page, made anew for every visit.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) language: Language,
    /// Marks the styles that are ours.
    pub(super) nonce: String,
    /// What a form has to carry; empty: nobody is logged in.
    pub(super) token: String,
    /// Where we are in the menu.
    pub(super) section: &'static str,
    /// The same page in the other language.
    pub(super) switch: String,
    /// What was just done.
    pub(super) notice: &'static str,
}

impl Frame {
    /// For somebody who is not logged in.
    pub(super) fn outside(language: Language) -> Self {
        Self {
            language,
            nonce: hex::encode(rand::random::<[u8; 16]>()),
            token: String::new(),
            section: "",
            switch: String::new(),
            notice: "",
        }
    }

    /// The page as it is sent. It is never kept: the next one at this machine may be somebody else.
    pub(super) fn respond(&self, status: StatusCode, page: &impl Template) -> Result<HttpResponse, Trouble> {
        let html = page.render().map_err(|error| Trouble::Ours(error.into()))?;
        // Without a referrer at all, browsers would not say either where a form comes from.
        let policy = format!(
            "default-src 'none'; style-src 'nonce-{}'; img-src data:; base-uri 'none'; form-action 'self'; \
             frame-ancestors 'none'",
            self.nonce
        );
        Ok(guarded(&mut HttpResponse::build(status))
            .insert_header((CONTENT_SECURITY_POLICY, policy))
            .content_type("text/html; charset=utf-8")
            .body(html))
    }

    // What templates ask for.

    /// The one that is in the page's language.
    pub(super) fn say(&self, chinese: &'static str, english: &'static str) -> &'static str {
        self.language.pick(chinese, english)
    }

    /// A time (Unix seconds).
    #[expect(clippy::unused_self, clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    pub(super) fn clock(&self, unix_s: &i64) -> String {
        time::clock(*unix_s)
    }

    /// A length of time (s).
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    pub(super) fn length(&self, seconds: &i64) -> String {
        time::length(*seconds, self.language)
    }

    /// A name as a part of an address.
    #[expect(clippy::unused_self, reason = "templates ask the frame")]
    pub(super) fn path(&self, name: &str) -> String {
        utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
    }

    /// A state.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    pub(super) fn state(&self, state: &JobState) -> &'static str {
        words::state(*state, self.language)
    }

    /// The word for how an attempt or a callback stands.
    pub(super) fn word<'w>(&self, stored: &'w str) -> &'w str {
        words::of_stored(stored, self.language)
    }
}

/// Sends the browser on, to see what became of what it sent.
pub(super) fn redirect(to: &str) -> HttpResponse {
    guarded(&mut HttpResponse::SeeOther()).insert_header((LOCATION, to)).finish()
}

fn guarded(response: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    response
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((X_FRAME_OPTIONS, "DENY"))
        .insert_header((REFERRER_POLICY, "same-origin"))
        .insert_header((CACHE_CONTROL, "no-store"))
}
