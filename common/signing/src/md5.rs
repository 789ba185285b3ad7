//! The documented scheme (2.3): the values of all parameters and of `client_secret`, sorted by name,
//! joined without a separator, hashed with MD5.
//!
//! It binds neither names nor the borders between values nor the interface: two requests can share
//! one authcode. [`crate::hmac_sha256`] tells them apart.

use std::iter;

use ::md5::{Digest, Md5};
use wxgate_secret::Secret;

use crate::Authcode;
use crate::params::{CLIENT_SECRET, signed};

/// The text that is hashed: the document's `stringA`. It contains the secret, hence the type; only
/// a tool that explains a signature to its owner has a use for it.
#[must_use]
pub fn string_a<'p>(params: impl IntoIterator<Item = (&'p str, &'p str)>, secret: &Secret) -> Secret {
    Secret::new(with_secret(params, secret).map(|(_, value)| value).collect::<String>())
}

/// Signs `params`, which are as decoded; empty ones and `authcode` do not count. For a callback
/// `secret` is the callback secret.
#[must_use]
pub fn authcode<'p>(params: impl IntoIterator<Item = (&'p str, &'p str)>, secret: &Secret) -> Authcode {
    let mut hash = Md5::new();
    for (_, value) in with_secret(params, secret) {
        hash.update(value);
    }
    Authcode::Md5(hash.finalize().into())
}

fn with_secret<'s, 'p: 's>(
    params: impl IntoIterator<Item = (&'p str, &'p str)>,
    secret: &'s Secret,
) -> impl Iterator<Item = (&'s str, &'s str)> {
    let all = iter::once((CLIENT_SECRET, secret.expose())).chain(params.into_iter().map(shorter));
    signed(all).into_iter()
}

/// The same pair, kept no longer than the secret beside it.
fn shorter<'s, 'p: 's>(pair: (&'p str, &'p str)) -> (&'s str, &'s str) {
    pair
}
