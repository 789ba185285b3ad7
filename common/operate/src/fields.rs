//! What an operator may type into the fields of apps, platforms and clients. A refused value is never
//! quoted: it may be a secret.

use wxgate_secret::Secret;

/// A value that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidField {
    /// By itself: the field's name, and what must hold.
    #[error("{0} {1}")]
    Rule(&'static str, &'static str),
    /// Without another: both names, and why.
    #[error("{0} needs {1} as well: {2}")]
    Needs(&'static str, &'static str, &'static str),
}

/// A secret that can be signed with: not blank, no line breaks or the like from a careless paste.
///
/// # Errors
/// [`InvalidField`] naming the field.
pub fn secret(field: &'static str, secret: Secret) -> Result<Secret, InvalidField> {
    let text = secret.expose();
    if text.trim().is_empty() || text.trim() != text || text.chars().any(char::is_control) {
        let rule = "must not be blank, begin or end with a blank, or contain control characters";
        return Err(InvalidField::Rule(field, rule));
    }
    Ok(secret)
}

/// The token by which pushes are verified, as WeChat's console takes it: 3 to 32 letters and digits.
///
/// # Errors
/// [`InvalidField`] naming the field.
pub fn push_token(field: &'static str, token: Secret) -> Result<Secret, InvalidField> {
    if !(3..=32).contains(&token.expose().len()) || !is_alphanumeric(&token) {
        let rule = "must be 3 to 32 letters and digits, as set in WeChat's console";
        return Err(InvalidField::Rule(field, rule));
    }
    Ok(token)
}

/// `EncodingAESKey` as WeChat's console takes it: 43 letters and digits.
///
/// # Errors
/// [`InvalidField`] naming the field.
pub fn aes_key(field: &'static str, key: Secret) -> Result<Secret, InvalidField> {
    if key.expose().len() != 43 || !is_alphanumeric(&key) {
        let rule = "must be the 43 letters and digits of EncodingAESKey in WeChat's console";
        return Err(InvalidField::Rule(field, rule));
    }
    Ok(key)
}

fn is_alphanumeric(secret: &Secret) -> bool {
    secret.expose().bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// What is shown of a secret that is not there.
pub const MISSING: &str = "missing";

/// Whether a secret is there: all that is ever shown of it.
#[must_use]
pub const fn presence(secret: Option<&Secret>) -> &'static str {
    if secret.is_some() { "set" } else { MISSING }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_secret_is_not_quoted() {
        let refusals = [
            secret("--secret", Secret::new(" canary")),
            secret("--secret", Secret::new("canary\n")),
            secret("--secret", Secret::new("can\u{0}ary")),
            push_token("--token", Secret::new("canary!")),
            aes_key("--aes-key", Secret::new("canary")),
        ];
        for refusal in refusals {
            assert!(refusal.is_err_and(|error| !format!("{error:?}").contains("canary")));
        }
    }

    #[test]
    fn tokens_and_keys_are_those_that_wechats_console_takes() {
        let token = |length: usize| push_token("--token", Secret::new("t".repeat(length))).is_ok();
        assert_eq!([2, 3, 32, 33].map(token), [false, true, true, false]);
        let key = |length: usize| aes_key("--aes-key", Secret::new("K".repeat(length))).is_ok();
        assert_eq!([42, 43, 44].map(key), [false, true, false]);
        assert!(aes_key("--aes-key", Secret::new(format!("{}=", "K".repeat(42)))).is_err());
    }
}
