//! Encryption at rest: XChaCha20-Poly1305 (RustCrypto). Every sealed value carries the id of its
//! key, so that keys can be rotated: the first of the list encrypts, all of them decrypt.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand::Rng as _;
use sha2::{Digest as _, Sha256};

use crate::Secret;

const KEY_BYTES: usize = 32;
const KEY_ID_BYTES: usize = 4;
/// 192 bits: long enough to be drawn at random for every value without ever meeting twice.
const NONCE_BYTES: usize = 24;

/// The keys of one installation, from `WXGATE_SECRET_KEY`.
#[derive(Clone)]
pub struct Keyring {
    keys: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: [u8; KEY_ID_BYTES],
    cipher: XChaCha20Poly1305,
}

/// Why a text is no list of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// There is none at all.
    #[error("no key given: 64 hexadecimal digits are needed")]
    Empty,
    /// One of them has another length or other characters. Its position, from 1.
    #[error("key number {0} is not made of 64 hexadecimal digits")]
    Malformed(usize),
}

/// Why a sealed value could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Sealed with a key that is not in the list.
    #[error("sealed with another key than those of WXGATE_SECRET_KEY")]
    UnknownKey,
    /// Altered, cut short, or moved here from another row.
    #[error("a sealed value is damaged or belongs to another row")]
    Damaged,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keyring({} keys)", self.keys.len())
    }
}

impl Keyring {
    /// Reads 64 hexadecimal digits, or a comma list of such.
    ///
    /// # Errors
    /// [`InvalidKey`] naming the position of the first unusable key.
    pub fn parse(list: &Secret) -> Result<Self, InvalidKey> {
        if list.expose().trim().is_empty() {
            return Err(InvalidKey::Empty);
        }
        let keys =
            list.expose().split(',').enumerate().map(|(index, text)| Key::parse(text.trim(), index + 1));
        Ok(Self { keys: keys.collect::<Result<_, _>>()? })
    }

    /// A fresh random key in the form that [`Self::parse`] reads.
    #[must_use]
    pub fn generate_key() -> Secret {
        Secret::new(hex::encode(rand::random::<[u8; KEY_BYTES]>()))
    }

    /// Encrypts with the first key. `identity` names the row and column that the value belongs to:
    /// opened under another identity it counts as damaged, so values cannot be swapped.
    ///
    /// # Panics
    /// For plaintexts beyond 2^38 bytes.
    #[must_use]
    pub fn seal(&self, identity: &str, plain: &Secret) -> Vec<u8> {
        let key = &self.keys[0];
        let mut nonce = [0; NONCE_BYTES];
        rand::rng().fill_bytes(&mut nonce);
        let payload = Payload { msg: plain.expose().as_bytes(), aad: identity.as_bytes() };
        #[expect(clippy::expect_used, reason = "fails only for plaintexts beyond 2^38 bytes")]
        let sealed = key.cipher.encrypt(&XNonce::from(nonce), payload).expect("a short plaintext");
        [key.id.as_slice(), &nonce, &sealed].concat()
    }

    /// Decrypts what [`Self::seal`] made under the same identity.
    ///
    /// # Errors
    /// [`OpenError::UnknownKey`] when the key has left the list, else [`OpenError::Damaged`].
    pub fn open(&self, identity: &str, sealed: &[u8]) -> Result<Secret, OpenError> {
        let (id, rest) = sealed.split_at_checked(KEY_ID_BYTES).ok_or(OpenError::Damaged)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(OpenError::Damaged)?;
        let key = self.keys.iter().find(|key| key.id == id).ok_or(OpenError::UnknownKey)?;
        let payload = Payload { msg: text, aad: identity.as_bytes() };
        let plain = key.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| OpenError::Damaged)?;
        String::from_utf8(plain).map(Secret::new).map_err(|_| OpenError::Damaged)
    }

    /// What every value begins with that is sealed with the first key. The others are sealed with
    /// keys that are to leave the list.
    #[must_use]
    pub fn current_mark(&self) -> [u8; KEY_ID_BYTES] {
        self.keys[0].id
    }
}

impl Key {
    fn parse(text: &str, position: usize) -> Result<Self, InvalidKey> {
        let mut bytes = [0; KEY_BYTES];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| InvalidKey::Malformed(position))?;
        let digest = Sha256::new().chain_update(b"wxgate key id\0").chain_update(bytes).finalize();
        let mut id = [0; KEY_ID_BYTES];
        id.copy_from_slice(&digest[..KEY_ID_BYTES]);
        Ok(Self { id, cipher: XChaCha20Poly1305::new(&bytes.into()) })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test may panic")]

    use super::*;

    fn ring(keys: &[&Secret]) -> Keyring {
        let list: Vec<&str> = keys.iter().map(|key| key.expose()).collect();
        Keyring::parse(&Secret::new(list.join(","))).unwrap()
    }

    #[test]
    fn a_sealed_value_opens_under_its_own_identity_alone() {
        let ring = ring(&[&Keyring::generate_key()]);
        let sealed = ring.seal("app:wx1:secret", &Secret::new("咖啡"));
        assert_eq!(ring.open("app:wx1:secret", &sealed).unwrap().expose(), "咖啡");
        assert_eq!(ring.open("app:wx2:secret", &sealed).unwrap_err(), OpenError::Damaged);
    }

    #[test]
    fn every_altered_or_cut_value_is_refused() {
        let ring = ring(&[&Keyring::generate_key()]);
        let sealed = ring.seal("row", &Secret::new("secret"));
        for index in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[index] ^= 1;
            assert!(ring.open("row", &altered).is_err(), "byte {index}");
            assert!(ring.open("row", &sealed[..index]).is_err(), "cut at {index}");
        }
    }

    #[test]
    fn a_rotated_key_still_opens_what_it_sealed_until_it_leaves_the_list() {
        let (old, new) = (Keyring::generate_key(), Keyring::generate_key());
        let sealed = ring(&[&old]).seal("row", &Secret::new("secret"));
        let rotated = ring(&[&new, &old]);
        assert_eq!(rotated.open("row", &sealed).unwrap().expose(), "secret");
        assert!(!sealed.starts_with(&rotated.current_mark()));
        assert!(rotated.seal("row", &Secret::new("secret")).starts_with(&rotated.current_mark()));
        assert_eq!(ring(&[&new]).open("row", &sealed).unwrap_err(), OpenError::UnknownKey);
    }

    #[test]
    fn an_unusable_key_is_named_by_its_position() {
        let parse = |text: &str| Keyring::parse(&Secret::new(text)).unwrap_err();
        assert_eq!(parse(" "), InvalidKey::Empty);
        assert_eq!(parse("abc"), InvalidKey::Malformed(1));
        let good = Keyring::generate_key();
        assert_eq!(parse(&format!("{},xyz", good.expose())), InvalidKey::Malformed(2));
    }
}
