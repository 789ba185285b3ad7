//! The encrypted form of messages: AES-256-CBC over 16 random bytes, the message's length, the
//! message and an appid, padded to a multiple of 32 bytes, in Base64.

use aes::Aes256;
use aes::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

/// Length of an `EncodingAESKey`.
const KEY_LENGTH: usize = 43;
/// Length of an AES block.
const BLOCK: usize = 16;
/// Messages are padded to a multiple of this, twice the cipher's own block.
const PADDED_TO: usize = 32;
/// Random bytes, then the length as four bytes, before the message.
const RANDOM: usize = 16;
const HEAD: usize = RANDOM + 4;

/// The last of the 43 characters has bits to spare, which are not always zero.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The AES key that an `EncodingAESKey` stands for.
#[derive(Clone)]
pub(crate) struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Key(***)")
    }
}

impl Key {
    /// None unless these are 43 letters and digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_sound = text.len() == KEY_LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let bytes = if is_sound { LENIENT.decode(text).ok()? } else { return None };
        Some(Self(bytes.try_into().ok()?))
    }

    fn iv(&self) -> [u8; BLOCK] {
        std::array::from_fn(|index| self.0[index])
    }

    /// The message in its envelope.
    pub(super) fn seal(&self, random: &[u8; RANDOM], message: &[u8], app_id: &str) -> String {
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes();
        let mut bytes = [random, length.as_slice(), message, app_id.as_bytes()].concat();
        pad(&mut bytes);
        let mut cipher = cbc::Encryptor::<Aes256>::new(&self.0.into(), &self.iv().into());
        for block in blocks(&mut bytes) {
            cipher.encrypt_block(block);
        }
        STANDARD.encode(bytes)
    }

    /// The message out of an envelope that is for this appid; none when anything is wrong with it.
    pub(super) fn open(&self, sealed: &str, app_id: &str) -> Option<String> {
        let mut bytes = STANDARD.decode(sealed.trim()).ok().filter(|bytes| bytes.len() % BLOCK == 0)?;
        let mut cipher = cbc::Decryptor::<Aes256>::new(&self.0.into(), &self.iv().into());
        for block in blocks(&mut bytes) {
            cipher.decrypt_block(block);
        }
        let content = unpadded(&bytes)?;
        let length = u32::from_be_bytes(content.get(RANDOM..HEAD)?.try_into().ok()?);
        let end = HEAD.checked_add(usize::try_from(length).ok()?)?;
        let is_ours = content.get(end..)? == app_id.as_bytes();
        let message = is_ours.then(|| content.get(HEAD..end)).flatten()?;
        String::from_utf8(message.to_vec()).ok()
    }
}

fn blocks(bytes: &mut [u8]) -> impl Iterator<Item = &mut Array<u8, aes::cipher::consts::U16>> {
    bytes.chunks_exact_mut(BLOCK).filter_map(|chunk| chunk.try_into().ok())
}

/// Each byte of padding says how many there are: 1 to 32.
fn pad(bytes: &mut Vec<u8>) {
    let count = PADDED_TO - bytes.len() % PADDED_TO;
    bytes.resize(bytes.len() + count, u8::try_from(count).unwrap_or_default());
}

fn unpadded(bytes: &[u8]) -> Option<&[u8]> {
    let count = usize::from(*bytes.last()?);
    let end = bytes.len().checked_sub(count).filter(|_| (1..=PADDED_TO).contains(&count))?;
    bytes.get(..end)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::signature::sign;

    const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

    fn key() -> Key {
        Key::parse(KEY).unwrap()
    }

    #[test]
    fn sealing_equals_that_of_other_implementations() {
        // The first is from WxJava's test suite; the others were decrypted by wechatpy 1.8.18.
        let long = "x".repeat(58);
        let vectors = [
            (
                "wxb11529c136998cb6",
                b"aaaabbbbccccdddd",
                "我是中文abcd123",
                "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==",
            ),
            (
                "wx0000000000000001",
                b"0123456789abcdef",
                "<xml><A>1</A></xml>",
                "Q3stYC6hdFzMh9T8HCvyDJatpvLhfy9s8l+X+yRGMWcPHjTxxgsuqybU9CysO8OTnMxfhhlTANVokb6wahlwbg==",
            ),
            (
                "wx0000000000000001",
                b"0123456789abcdef",
                &long,
                "Q3stYC6hdFzMh9T8HCvyDIKMpJ2YB/WJNYEsiBRSdP7uuAg59ygU0GcjEbNixcLfuHJQGfnGB/sQWDCwRYJJMDGHdyNX\
                 waSNbiwQT1k8/tsqeiL19lgsJ4G54kZjfJElHV0O1gzE1Mt47rZ4XD6NNVr0zlzAd10HLmLOOknyzmA=",
            ),
        ];
        for (app_id, random, message, sealed) in vectors {
            assert_eq!(key().seal(random, message.as_bytes(), app_id), sealed);
            assert_eq!(key().open(sealed, app_id).as_deref(), Some(message));
            assert_eq!(key().open(sealed, "wx9"), None);
        }
    }

    #[test]
    fn a_message_of_another_implementation_is_opened() {
        // From EasyWeChat's test suite: 21 bytes of padding.
        let sealed = "rTNFcsut4LfGuAFKEUVVpwcaCOTJzOd9twZdIW910jb3k+iicx2uvhttIZ3Qg9Qgty3BEF2xbOrz6boTfb30dMomcgrk\
            TqdFPwnhqbk+kIQ7rZiwny9D7NUrTgA5kpX3KsZvrXzUZyP2x9YOlxbgm572lmxKvM7HAQQhIQ/p6HBmoY30bGXFK0BtIu1pW9Tjh\
            OYrLQoU18nWYjWqDA1ynkmOytpv7QRI1P1+0NoxL0q2zO1DgeSvnE8CZGo/o5Ap/WHK5W2RAsinpzN4/LjPnmB6U01I5XCoJoC0GK\
            /yMZycd2Oh8Nq6+wBkC1U85oy0ktOY4nLvsQMLrourmMGdZHuTbqpeJ8Ao/5PRYJ+WBvRUwPfGKBL2+2IKZF49vAJqkcGWSHGE76Z\
            N2erXeuNazf/o9o3lIE3q739o4c8t9QGPe31GT2Go/rOz1BsrASwvauNulCh+++yz+CQzBIuikA==";
        let signature = sign(["pamtest", "1458300676", "260774613", sealed]);
        assert_eq!(signature, "4f3ad57b6989f09f4eb392acce4f9e93942ed890");

        let message = key().open(sealed, "wxb11529c136998cb6").unwrap();
        assert!(message.len() == 293 && message.contains("asdasdasd"), "{message}");
    }

    #[test]
    fn what_is_no_envelope_is_not_opened() {
        for sealed in ["", "AAAA", "not base64", &STANDARD.encode([0; 32]), &STANDARD.encode([7; 48])] {
            assert_eq!(key().open(sealed, "wx1"), None, "{sealed}");
        }
        assert!(Key::parse(&KEY[1..]).is_none() && Key::parse(&KEY.replace('a', "+")).is_none());
    }
}
