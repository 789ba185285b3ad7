//! WeChat's pushes: their XML, and the encrypted envelope around it.

use aes::Aes256;
use aes::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wxgate_push::{AesKey, Fields, LARGEST, Notice, Push};
use wxgate_secret::Secret;

const APP_ID: &str = "wx5andb0x00000001";
/// The key 00 01 02 … 1f, as WeChat would write it.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// What is read is bounded, the same each time, and has the same identity each time.
pub fn xml(bytes: &[u8]) {
    let Ok(fields) = Fields::read(bytes) else { return };
    assert!(bytes.len() <= LARGEST);
    assert_eq!(Fields::read(bytes).as_ref(), Ok(&fields));
    if let (Ok(one), Ok(other)) = (Push::read(fields.clone()), Push::read(fields.clone())) {
        assert_eq!(one.identity(), other.identity());
    }
    if let Ok(notice) = Notice::read(&fields) {
        assert_eq!(Notice::read(&fields).map(|again| again.identity()), Ok(notice.identity()));
    }
}

/// As an envelope they do not open; encrypted by whoever has the key, they open as what that wrote or not at all; as
/// a message they survive the envelope.
pub fn envelope(bytes: &[u8]) {
    let key = AesKey::parse(&Secret::new(KEY)).unwrap_or_else(|_| panic!("the key is one"));
    if let Ok(text) = str::from_utf8(bytes) {
        let _ = key.open(text, APP_ID);
    }
    let _ = key.open(&STANDARD.encode(bytes), APP_ID);
    if let Ok(message) = key.open(&encrypted(bytes), APP_ID) {
        let inside = bytes.windows(message.len().max(1)).any(|window| window == message);
        assert!(inside || message.is_empty(), "what was opened was not put in");
    }
    let sealed = key.seal(bytes, APP_ID, [7; 16]);
    assert_eq!(key.open(&sealed, APP_ID).as_deref(), Ok(bytes));
    assert!(key.open(&sealed, "wx-another").is_err());
}

/// These bytes as blocks of AES-256-CBC under the key, without any care for what is inside.
fn encrypted(bytes: &[u8]) -> String {
    let key: [u8; 32] = std::array::from_fn(|at| u8::try_from(at).unwrap_or_default());
    let iv: [u8; 16] = std::array::from_fn(|at| key[at]);
    let mut cipher = cbc::Encryptor::<Aes256>::new(&key.into(), &iv.into());
    let mut blocks = Vec::new();
    for piece in bytes.chunks_exact(16) {
        let mut block: [u8; 16] = std::array::from_fn(|at| piece[at]);
        cipher.encrypt_block((&mut block).into());
        blocks.extend(block);
    }
    STANDARD.encode(blocks)
}
