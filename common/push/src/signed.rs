//! The signature that comes with a push, in the query of its request.

use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;
use wxgate_secret::Secret;

/// What WeChat made with the token that it shares with us.
///
/// It is SHA-1 over token, `timestamp` and `nonce`, sorted as bytes and joined; the one of an encrypted
/// push covers the encrypted text too. The plain one covers no body: whoever has seen one can put it over
/// another body for as long as its time stamp is taken.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// Hex digits: `signature`, or `msg_signature` of an encrypted push.
    pub signature: &'a str,
    /// As sent.
    pub timestamp: &'a str,
    /// As sent.
    pub nonce: &'a str,
}

impl Signed<'_> {
    /// Whether the owner of `token` signed this time stamp and nonce. Compares in constant time.
    #[must_use]
    pub fn is_by(&self, token: &Secret) -> bool {
        self.is_over(&mut [token.expose(), self.timestamp, self.nonce])
    }

    /// Whether the owner of `token` signed this encrypted text. Compares in constant time.
    #[must_use]
    pub fn covers(&self, encrypted: &str, token: &Secret) -> bool {
        self.is_over(&mut [token.expose(), self.timestamp, self.nonce, encrypted])
    }

    /// How far the time stamp is off `now` (Unix seconds); `None` when it is none.
    #[must_use]
    pub fn seconds_off(&self, now: i64) -> Option<u64> {
        self.timestamp.parse::<i64>().ok().map(|made| made.abs_diff(now))
    }

    fn is_over(&self, values: &mut [&str]) -> bool {
        let mut sent = [0; 20];
        let is_hex = hex::decode_to_slice(self.signature, &mut sent).is_ok();
        is_hex && bool::from(sent.ct_eq(&digest(values)))
    }
}

fn digest(values: &mut [&str]) -> [u8; 20] {
    values.sort_unstable();
    let mut hash = Sha1::new();
    for value in values {
        hash.update(value);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;
    const SIGNED: Signed<'_> = Signed {
        signature: "1f690dd2021f108a47718678a7c2e8cb0dbcf40b",
        timestamp: "1700000000",
        nonce: "1234567890",
    };

    fn token() -> Secret {
        Secret::new("invented_token")
    }

    #[test]
    fn only_the_tokens_owner_signs() {
        assert!(SIGNED.is_by(&token()));
        assert!(!SIGNED.is_by(&Secret::new("another_token")));
        for forged in ["", "1f69", "1f690dd2021f108a47718678a7c2e8cb0dbcf40c", "not hex"] {
            assert!(!Signed { signature: forged, ..SIGNED }.is_by(&token()), "{forged}");
        }
        assert!(!Signed { timestamp: "1700000001", ..SIGNED }.is_by(&token()));
        assert!(!Signed { nonce: "1234567891", ..SIGNED }.is_by(&token()));
    }

    #[test]
    fn the_signature_of_an_encrypted_push_covers_its_text() {
        let signed = Signed { signature: "fbfcbda92c14f371e805ce0c76c9f09700bfb697", ..SIGNED };
        let text = "Q3stYC6hdFzMh9T8HCvyDJatpvLhfy9s8l+X+yRGMWcPHjTxxgsuqybU9CysO8OTnMxfhhlTANVokb6wahlwbg==";
        assert!(signed.covers(text, &token()));
        assert!(!signed.covers(&text.replacen('Q', "R", 1), &token()));
        assert!(!SIGNED.covers(text, &token()), "the plain signature must not do for an encrypted text");
    }

    #[test]
    fn a_time_stamp_is_judged_either_way() {
        assert_eq!(SIGNED.seconds_off(NOW), Some(0));
        assert_eq!(SIGNED.seconds_off(NOW + 5), Some(5));
        assert_eq!(SIGNED.seconds_off(NOW - 5), Some(5));
        assert_eq!(Signed { timestamp: "yesterday", ..SIGNED }.seconds_off(NOW), None);
    }
}
