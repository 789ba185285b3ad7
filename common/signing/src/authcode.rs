//! The signature that comes with a request, in either scheme.

use std::fmt;
use std::str::FromStr;

use subtle::ConstantTimeEq;
use wxgate_secret::Secret;

use crate::{hmac_sha256, md5};

/// A signature. Deliberately without `==`, whose duration would tell how much of a guess was
/// right: [`Authcode::verify`] compares. `Display` is the lower-case hex that callers send;
/// `Debug` names only the scheme.
///
/// ```compile_fail,E0369
/// # use wxgate_signing::Authcode;
/// fn right(given: Authcode, expected: Authcode) -> bool {
///     given == expected
/// }
/// ```
#[derive(Clone, Copy)]
pub enum Authcode {
    /// By the documented scheme: [`mod@md5`].
    Md5([u8; 16]),
    /// By the strong scheme: [`hmac_sha256`].
    HmacSha256([u8; 32]),
}

/// A signature's scheme, told from its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// 32 hex digits.
    Md5,
    /// 64 hex digits.
    HmacSha256,
}

/// A text that is no authcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an authcode is 32 hex digits (MD5) or 64 (HMAC-SHA256)")]
pub struct InvalidAuthcode;

impl Authcode {
    /// Takes hex digits in either case.
    ///
    /// # Errors
    /// [`InvalidAuthcode`] for any other length and any other character.
    pub fn parse(text: &str) -> Result<Self, InvalidAuthcode> {
        let (mut short, mut long) = ([0; 16], [0; 32]);
        if hex::decode_to_slice(text, &mut short).is_ok() {
            Ok(Self::Md5(short))
        } else if hex::decode_to_slice(text, &mut long).is_ok() {
            Ok(Self::HmacSha256(long))
        } else {
            Err(InvalidAuthcode)
        }
    }

    /// Whether the owner of `secret` signed these parameters, by this authcode's own scheme (a
    /// caller who may not use it is for the reader of [`Authcode::scheme`] to refuse). The MD5
    /// scheme ignores `interface`. Compares in constant time.
    #[must_use]
    pub fn verify<'p>(
        &self,
        interface: &str,
        params: impl IntoIterator<Item = (&'p str, &'p str)>,
        secret: &Secret,
    ) -> bool {
        let expected = match self.scheme() {
            Scheme::Md5 => md5::authcode(params, secret),
            Scheme::HmacSha256 => hmac_sha256::authcode(interface, params, secret),
        };
        self.as_bytes().ct_eq(expected.as_bytes()).into()
    }

    /// How it was made, or claims to be.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        match self {
            Self::Md5(_) => Scheme::Md5,
            Self::HmacSha256(_) => Scheme::HmacSha256,
        }
    }

    /// The 16 or 32 bytes: with the client, what makes a request unique.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Md5(bytes) => bytes,
            Self::HmacSha256(bytes) => bytes,
        }
    }
}

impl fmt::Display for Authcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.as_bytes()))
    }
}

impl fmt::Debug for Authcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authcode({:?})", self.scheme())
    }
}

impl FromStr for Authcode {
    type Err = InvalidAuthcode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    const MD5: &str = "ff855997852eaebd899ce54fc094baed";
    const HMAC: &str = "fcb3d8dbe54152db9e777e9fe0c8257fdbf533e4a9bc91005079e59bf1ce5dcb";

    #[test]
    fn either_length_and_either_case_parse_to_the_same_authcode() {
        for (text, scheme) in [(MD5, Scheme::Md5), (HMAC, Scheme::HmacSha256)] {
            for written in [text.to_owned(), text.to_uppercase()] {
                let authcode = Authcode::parse(&written).unwrap();
                assert_eq!((authcode.to_string().as_str(), authcode.scheme()), (text, scheme));
            }
        }
    }

    #[test]
    fn other_texts_are_no_authcode() {
        let odd = format!("{MD5}a");
        let blank = format!("{MD5} ");
        let wide = "ｆ".repeat(32);
        for text in ["", &MD5[1..], &odd, &blank, &HMAC[1..], &HMAC[2..], &"g".repeat(32), &wide] {
            assert_eq!(Authcode::parse(text).unwrap_err(), InvalidAuthcode, "{text}");
        }
    }

    #[test]
    fn a_single_wrong_bit_is_a_mismatch() {
        let (secret, params) = (Secret::new("s"), [("a", "1")]);
        for signed in [md5::authcode(params, &secret), hmac_sha256::authcode("x", params, &secret)] {
            assert!(signed.verify("x", params, &secret));
            for bit in 0..signed.as_bytes().len() * 8 {
                let mut bytes = signed.as_bytes().to_vec();
                bytes[bit / 8] ^= 1 << (bit % 8);
                let forged = Authcode::parse(&hex::encode(bytes)).unwrap();
                assert!(!forged.verify("x", params, &secret), "bit {bit}");
            }
        }
    }

    #[test]
    fn debug_does_not_show_the_signature() {
        assert_eq!(format!("{:?}", Authcode::parse(MD5).unwrap()), "Authcode(Md5)");
    }
}
