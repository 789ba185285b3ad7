//! HMAC-SHA256 with a key of any length.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// SHA-256 works on blocks of 64 bytes (FIPS 180-4).
const BLOCK: usize = 64;

/// A message authentication code in the making.
pub(crate) struct Keyed(Hmac<Sha256>);

impl Keyed {
    pub(crate) fn new(key: &[u8]) -> Self {
        Self(Hmac::new(&block_key(key).into()))
    }

    pub(crate) fn update(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into_bytes().into()
    }
}

/// The key as RFC 2104 prepares it: hashed when longer than a block, then padded with zeros.
/// Doing it here leaves nothing that could fail.
fn block_key(key: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    match block.get_mut(..key.len()) {
        Some(start) => start.copy_from_slice(key),
        None => block[..32].copy_from_slice(&Sha256::digest(key)),
    }
    block
}
