//! A signed request in which one byte is another: every byte, every value.
//!
//! The strong scheme takes nothing but the same parameters written differently. The documented one cannot tell
//! requests apart whose values, sorted by name and joined, are the same text; exactly those are taken, and the
//! fingerprint tells them apart where it matters: an authcode serves one of them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use wxgate_secret::Secret;
use wxgate_signing::{Authcode, Form, Scheme, fingerprint, hmac_sha256, md5};

const INTERFACE: &str = "async_send_tpl";
const SECRET: &str = "a-client-secret";
/// With escapes in either case, a blank, an empty value, and names that sort on both sides of `client_secret`.
const BODY: &str =
    "client_code=shop&req_time=1459817487&tpl_data=%7B%22a%22%3a+1%7d&a=&zz=%e5%80%BC&A=x%2By&b=12&c=3";

/// What a body says, by the document's own words and none of our code: names with their values, the empty ones
/// left out.
fn said(body: &[u8]) -> BTreeMap<String, String> {
    let pairs = url::form_urlencoded::parse(body).into_owned();
    pairs.filter(|(name, value)| !value.is_empty() && name != "authcode").collect()
}

/// The text that the documented scheme hashes.
fn joined(body: &[u8]) -> String {
    let mut all = said(body);
    all.insert("client_secret".to_owned(), SECRET.to_owned());
    all.into_values().collect()
}

/// Whether a reader would take this body under this authcode.
fn taken(body: &[u8], authcode: &Authcode) -> bool {
    let secret = Secret::new(SECRET);
    Form::parse(body).is_ok_and(|form| authcode.verify(INTERFACE, form.pairs(), &secret))
}

fn signed(scheme: Scheme) -> Authcode {
    let (form, secret) = (Form::parse(BODY.as_bytes()).unwrap(), Secret::new(SECRET));
    match scheme {
        Scheme::Md5 => md5::authcode(form.pairs(), &secret),
        Scheme::HmacSha256 => hmac_sha256::authcode(INTERFACE, form.pairs(), &secret),
    }
}

/// The body with every byte replaced by every other, one at a time.
fn changed() -> impl Iterator<Item = Vec<u8>> {
    let with = |at: usize, byte: u8| {
        let mut body = BODY.as_bytes().to_vec();
        body[at] = byte;
        body
    };
    (0..BODY.len())
        .flat_map(move |at| (0..=u8::MAX).map(move |byte| with(at, byte)))
        .filter(|body| body != BODY.as_bytes())
}

fn print(body: &[u8]) -> [u8; 16] {
    fingerprint(INTERFACE, Form::parse(body).unwrap().pairs())
}

#[test]
fn under_the_strong_scheme_nothing_is_taken_that_says_anything_else() {
    let authcode = signed(Scheme::HmacSha256);
    let mut written_differently = 0;
    for body in changed().filter(|body| taken(body, &authcode)) {
        assert_eq!(said(&body), said(BODY.as_bytes()), "{}", body.escape_ascii());
        assert_eq!(print(&body), print(BODY.as_bytes()));
        written_differently += 1;
    }
    // Hex digits in the other case, a name of the empty value, and the '&' before it.
    assert!(written_differently > 0);
}

#[test]
fn under_the_documented_scheme_exactly_those_are_taken_whose_sorted_values_join_to_the_same_text() {
    let (authcode, text) = (signed(Scheme::Md5), joined(BODY.as_bytes()));
    let mut twins = 0;
    for body in changed() {
        let readable = Form::parse(&body).is_ok();
        assert_eq!(taken(&body, &authcode), readable && joined(&body) == text, "{}", body.escape_ascii());
        if taken(&body, &authcode) && said(&body) != said(BODY.as_bytes()) {
            assert_ne!(
                print(&body),
                print(BODY.as_bytes()),
                "an authcode would serve {}",
                body.escape_ascii()
            );
            twins += 1;
        }
    }
    // Names that stay in their place among the others.
    assert!(twins > 0, "the sample has none of what this is about");
}

#[test]
fn no_byte_of_an_authcode_can_be_another_but_a_letter_in_the_other_case() {
    let (form, secret) = (Form::parse(BODY.as_bytes()).unwrap(), Secret::new(SECRET));
    for text in [Scheme::Md5, Scheme::HmacSha256].map(|scheme| signed(scheme).to_string()) {
        for at in 0..text.len() {
            for byte in (0..0x80_u8).filter(|byte| !byte.eq_ignore_ascii_case(&text.as_bytes()[at])) {
                let other = format!("{}{}{}", &text[..at], char::from(byte), &text[at + 1..]);
                let taken =
                    Authcode::parse(&other).is_ok_and(|it| it.verify(INTERFACE, form.pairs(), &secret));
                assert!(!taken, "{other}");
            }
        }
    }
}

#[test]
fn only_the_strong_scheme_binds_the_interface() {
    let (form, secret) = (Form::parse(BODY.as_bytes()).unwrap(), Secret::new(SECRET));
    for (scheme, binds) in [(Scheme::Md5, false), (Scheme::HmacSha256, true)] {
        let elsewhere = signed(scheme).verify("get_user_data", form.pairs(), &secret);
        assert_eq!(elsewhere, !binds, "{scheme:?}");
    }
}
