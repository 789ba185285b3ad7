//! Access tokens: the two endpoints that issue them, and the vault that says what a token is worth.

mod issue;
mod vault;

pub(crate) use issue::{STABLE_TOKEN, TOKEN, authorizer_token};
pub use vault::TokensIssued;
pub(crate) use vault::Vault;

use crate::errcode::{Errcode, INVALID_CREDENTIAL, INVALID_TOKEN, Refusal, TOKEN_EXPIRED, TOKEN_MISSING};
use vault::Worth;

/// Lengths that a token can have: WeChat asks clients to reserve 512 characters; below 16 nothing
/// could be called one.
const POSSIBLE_LENGTHS: std::ops::RangeInclusive<usize> = 16..=512;

/// Whose token this is, or why it does not count.
pub(crate) fn owner_of(vault: &Vault, token: Option<&str>, now: i64) -> Result<std::sync::Arc<str>, Refusal> {
    let token = token.ok_or(TOKEN_MISSING)?;
    let reason: Errcode = match vault.worth(token, now) {
        Worth::Valid(app) => return Ok(app),
        Worth::Expired => TOKEN_EXPIRED,
        Worth::Unknown if is_absurd(token) => INVALID_TOKEN,
        Worth::Unknown | Worth::Replaced => INVALID_CREDENTIAL,
    };
    Err(reason.into())
}

fn is_absurd(token: &str) -> bool {
    let possible = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    !POSSIBLE_LENGTHS.contains(&token.len()) || !token.bytes().all(possible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_of_the_wrong_shape_is_told_from_an_unknown_one() {
        let vault = Vault::default();
        let codes = [
            (None, 41001),
            (Some("INVENTED_ACCESS_TOKEN_1"), 40001),
            (Some("short"), 40014),
            (Some("not a token, by its characters"), 40014),
        ];
        for (token, errcode) in codes {
            let refusal = owner_of(&vault, token, 0).err().map(|refusal| refusal.errcode);
            assert_eq!(refusal, Some(errcode), "{token:?}");
        }
        assert_eq!(owner_of(&vault, Some(&"x".repeat(513)), 0).err().map(|r| r.errcode), Some(40014));
    }
}
