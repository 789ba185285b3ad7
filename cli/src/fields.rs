//! What an operator may type into the fields of apps, platforms and clients. Checked here rather than by the
//! parser of the command line, which would quote a refused secret.

use anyhow::bail;
use clap::builder::{StringValueParser, TypedValueParser};
use wxgate_secret::Secret;

/// Longest `app_id`, `component_appid` and `client_code` (characters). WeChat's app ids have 18, the codes in the
/// document 38.
const LONGEST_NAME: usize = 64;

/// An `app_id`, `component_appid` or `client_code`. They stand in addresses, logs and metrics, hence no others than
/// these characters.
pub(crate) fn name(text: &str) -> Result<String, String> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    if (1..=LONGEST_NAME).contains(&text.len()) && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err(format!("must be 1 to {LONGEST_NAME} letters, digits, '-', '_' or '.'"))
    }
}

/// Takes any text; [`secret`] and its like check it later.
pub(crate) fn unchecked() -> impl TypedValueParser<Value = Secret> {
    StringValueParser::new().map(Secret::new)
}

/// A secret that can be signed with: not blank, no line breaks or the like from a careless paste.
///
/// # Errors
/// Names the flag, never the value.
pub(crate) fn secret(flag: &str, secret: Secret) -> anyhow::Result<Secret> {
    let text = secret.expose();
    if text.trim().is_empty() || text.trim() != text || text.chars().any(char::is_control) {
        bail!("{flag} must not be blank, begin or end with a blank, or contain control characters");
    }
    Ok(secret)
}

/// The token by which pushes are verified, as WeChat's console takes it: 3 to 32 letters and digits.
///
/// # Errors
/// Names the flag, never the value.
pub(crate) fn push_token(flag: &str, token: Secret) -> anyhow::Result<Secret> {
    if !(3..=32).contains(&token.expose().len()) || !is_alphanumeric(&token) {
        bail!("{flag} must be 3 to 32 letters and digits, as set in WeChat's console");
    }
    Ok(token)
}

/// `EncodingAESKey` as WeChat's console takes it: 43 letters and digits.
///
/// # Errors
/// Names the flag, never the value.
pub(crate) fn aes_key(key: Secret) -> anyhow::Result<Secret> {
    if key.expose().len() != 43 || !is_alphanumeric(&key) {
        bail!("--aes-key must be the 43 letters and digits of EncodingAESKey in WeChat's console");
    }
    Ok(key)
}

fn is_alphanumeric(secret: &Secret) -> bool {
    secret.expose().bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A limit that can be lifted again: `none`, or a whole number from 1.
pub(crate) fn limit(text: &str) -> Result<Limit, String> {
    match text.parse() {
        _ if text == "none" => Ok(Limit(None)),
        // The stores keep 31 bits.
        Ok(number @ 1..=0x7fff_ffff) => Ok(Limit(Some(number))),
        _ => Err("must be a whole number from 1, or none".to_owned()),
    }
}

/// See [`limit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit(pub(crate) Option<u32>);

/// What is shown of a secret that is not there.
pub(crate) const MISSING: &str = "missing";

/// Whether a secret is there: all that is ever shown of it.
pub(crate) const fn presence(secret: Option<&Secret>) -> &'static str {
    if secret.is_some() { "set" } else { MISSING }
}

/// A yes or no for people.
pub(crate) const fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_checked_at_its_edges() {
        for good in ["a", "wx5andb0x00000001", "A-b_c.9", &"x".repeat(64)] {
            assert!(name(good).is_ok(), "{good}");
        }
        for bad in ["", "a b", "a,b", "名", "a/b", &"x".repeat(65)] {
            assert!(name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_refused_secret_is_not_quoted() {
        let refusals = [
            secret("--secret", Secret::new(" canary")),
            secret("--secret", Secret::new("canary\n")),
            secret("--secret", Secret::new("can\u{0}ary")),
            push_token("--token", Secret::new("canary!")),
            aes_key(Secret::new("canary")),
        ];
        for refusal in refusals {
            assert!(refusal.is_err_and(|error| !format!("{error:?}").contains("canary")));
        }
    }

    #[test]
    fn tokens_and_keys_are_those_that_wechats_console_takes() {
        let token = |length: usize| push_token("--token", Secret::new("t".repeat(length))).is_ok();
        assert_eq!([2, 3, 32, 33].map(token), [false, true, true, false]);
        let key = |length: usize| aes_key(Secret::new("K".repeat(length))).is_ok();
        assert_eq!([42, 43, 44].map(key), [false, true, false]);
        assert!(aes_key(Secret::new(format!("{}=", "K".repeat(42)))).is_err());
    }

    #[test]
    fn a_limit_can_be_lifted_but_not_be_zero() {
        assert_eq!(limit("none"), Ok(Limit(None)));
        assert_eq!(limit("2147483647"), Ok(Limit(Some(2_147_483_647))));
        for bad in ["0", "-1", "2147483648", "x", ""] {
            assert!(limit(bad).is_err(), "{bad}");
        }
    }
}
