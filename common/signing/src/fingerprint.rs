//! Whether two requests say the same. Not a signature: anybody can compute these.

use sha2::{Digest, Sha256};

use crate::params::signed;

/// The document's time stamp, the one parameter that differs when a caller means the same again.
const REQ_TIME: &str = "req_time";

/// Equal for two requests exactly when their interface and their non-empty parameters are equal,
/// in whatever order (`authcode` aside). Decides whether a repeated authcode is a repeated request.
///
/// The first 16 bytes of a SHA-256: two different requests collide with odds of 2^-128, and whoever
/// seeks such a pair (2^64 steps) fools nobody but himself.
#[must_use]
pub fn fingerprint<'p>(interface: &str, params: impl IntoIterator<Item = (&'p str, &'p str)>) -> [u8; 16] {
    let mut hash = Sha256::new();
    update_framed(&mut hash, interface);
    for (name, value) in signed(params) {
        update_framed(&mut hash, name);
        update_framed(&mut hash, value);
    }
    let digest: [u8; 32] = hash.finalize().into();
    std::array::from_fn(|at| digest[at])
}

/// The same without `req_time`: what a `request_id` may be repeated with.
#[must_use]
pub fn content_digest<'p>(interface: &str, params: impl IntoIterator<Item = (&'p str, &'p str)>) -> [u8; 16] {
    fingerprint(interface, params.into_iter().filter(|(name, _)| *name != REQ_TIME))
}

/// The length goes first, so that no two sequences of texts hash the same bytes.
fn update_framed(hash: &mut Sha256, text: &str) {
    hash.update((text.len() as u64).to_be_bytes());
    hash.update(text);
}
