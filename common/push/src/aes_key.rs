//! The envelope of encrypted pushes: AES-256-CBC around random bytes, a length, the message and an app id.

use std::fmt;

use aes::Aes256;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use base64::Engine;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::DecodePaddingMode::RequireNone;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use wxgate_secret::Secret;

/// Random bytes that begin every plaintext, so that equal messages differ.
const RANDOM: usize = 16;
/// The length that follows them (big endian).
const LENGTH: usize = 4;
/// The plaintext is padded to a multiple of this, not of the cipher's own 16 bytes.
const PADDED_TO: usize = 32;

/// The last of a key's 43 digits stands for four bits, but usually has all six set somehow.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(RequireNone).with_decode_allow_trailing_bits(true),
);

/// A text that is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an EncodingAESKey has 43 letters and digits")]
pub struct InvalidAesKey;

/// An envelope that does not open. One word for every reason, since whoever could tell them apart could
/// use us to decrypt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the envelope does not open with this key, or is for another app")]
pub struct Unopenable;

/// The key that WeChat shares with us, and what is done with it. `Debug` prints stars.
#[derive(Clone)]
pub struct AesKey([u8; 32]);

impl AesKey {
    /// Reads an `EncodingAESKey`, as WeChat's console shows it.
    ///
    /// # Errors
    /// [`InvalidAesKey`] for any other length and any other character.
    pub fn parse(text: &Secret) -> Result<Self, InvalidAesKey> {
        let bytes = LENIENT.decode(text.expose()).map_err(|_| InvalidAesKey)?;
        bytes.try_into().map(Self).map_err(|_| InvalidAesKey)
    }

    /// The message inside an envelope (base64), if it is for this app. Check the signature over the
    /// envelope first.
    ///
    /// # Errors
    /// [`Unopenable`].
    pub fn open(&self, envelope: &str, app_id: &str) -> Result<Vec<u8>, Unopenable> {
        let encrypted = STANDARD.decode(envelope).map_err(|_| Unopenable)?;
        let padded = self.decrypted(encrypted).ok_or(Unopenable)?;
        let plain = unpadded(&padded).ok_or(Unopenable)?;
        let (message, owner) = parts(plain).ok_or(Unopenable)?;
        if owner == app_id.as_bytes() { Ok(message.to_vec()) } else { Err(Unopenable) }
    }

    /// Puts a message for an app into an envelope (base64). `random` is to be drawn anew each time.
    #[must_use]
    pub fn seal(&self, message: &[u8], app_id: &str, random: [u8; RANDOM]) -> String {
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes();
        let mut text = [&random[..], &length, message, app_id.as_bytes()].concat();
        pad(&mut text);
        let mut cipher = cbc::Encryptor::<Aes256>::new(&self.0.into(), &self.iv().into());
        for block in blocks(&mut text) {
            cipher.encrypt_block(block);
        }
        STANDARD.encode(text)
    }

    /// `None` unless it has whole blocks.
    fn decrypted(&self, mut text: Vec<u8>) -> Option<Vec<u8>> {
        if !text.len().is_multiple_of(PADDED_TO) {
            return None;
        }
        let mut cipher = cbc::Decryptor::<Aes256>::new(&self.0.into(), &self.iv().into());
        for block in blocks(&mut text) {
            cipher.decrypt_block(block);
        }
        Some(text)
    }

    /// As WeChat defines it: the key's own beginning.
    fn iv(&self) -> [u8; 16] {
        let mut iv = [0; 16];
        iv.copy_from_slice(&self.0[..16]);
        iv
    }
}

fn blocks(text: &mut [u8]) -> &mut [aes::Block] {
    aes::Block::slice_as_chunks_mut(text).0
}

/// Fills up with bytes that each tell how many they are; 32 of them where nothing is missing.
#[expect(clippy::cast_possible_truncation, reason = "at most 32")]
fn pad(text: &mut Vec<u8>) {
    let missing = PADDED_TO - text.len() % PADDED_TO;
    text.resize(text.len() + missing, missing as u8);
}

fn unpadded(text: &[u8]) -> Option<&[u8]> {
    let count = usize::from(*text.last()?);
    let (plain, padding) = text.split_at_checked(text.len().checked_sub(count)?)?;
    let is_padding =
        (1..=PADDED_TO).contains(&count) && padding.iter().all(|byte| usize::from(*byte) == count);
    is_padding.then_some(plain)
}

/// The message, and whom it is for.
fn parts(plain: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = plain.get(RANDOM..)?.split_first_chunk::<LENGTH>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

impl fmt::Debug for AesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AesKey(***)")
    }
}

#[cfg(test)]
mod tests;
