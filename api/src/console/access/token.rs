//! The admin token, compared in constant time.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use wxgate_secret::Secret;

/// What is kept of the token: enough to know it again, whatever its length.
pub(super) struct Token([u8; 32]);

impl Token {
    pub(super) fn new(token: &Secret) -> Self {
        Self(digest(token.expose()))
    }

    /// Whether this is it. Takes the same time for all texts of a length.
    pub(super) fn is(&self, given: &str) -> bool {
        self.0.ct_eq(&digest(given)).into()
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_alone_is_the_token() {
        let token = Token::new(&Secret::new("correct"));
        assert!(token.is("correct"));
        for wrong in ["", "correc", "correct ", "Correct", "correctcorrect"] {
            assert!(!token.is(wrong), "{wrong}");
        }
    }
}
