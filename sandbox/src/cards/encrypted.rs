//! Encrypted codes, as pages and links carry them. Each is made anew and nothing is kept: what was
//! encrypted is in it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

use crate::chance::Chance;

/// Random bytes at the beginning, so that no two are alike.
const SALT: usize = 8;
/// Bytes at the end that show whether it is one of this app's.
const CHECK: usize = 4;

/// A code as only its app can have it decrypted.
pub(super) fn encrypt(app: &str, code: &str, chance: &Chance) -> String {
    let salt = chance.word(SALT).into_bytes();
    let mut bytes = salt.clone();
    bytes.extend(masked(app, &salt, code.as_bytes()));
    bytes.extend(check(app, &salt, code.as_bytes()));
    STANDARD.encode(bytes)
}

/// The code; none when this was not encrypted for this app.
pub(super) fn decrypt(app: &str, encrypted: &str) -> Option<String> {
    let bytes = STANDARD.decode(encrypted).ok()?;
    let (salt, rest) = bytes.split_at_checked(SALT)?;
    let (hidden, seen) = rest.split_at_checked(rest.len().checked_sub(CHECK)?)?;
    let code = masked(app, salt, hidden);
    (check(app, salt, &code) == seen).then(|| String::from_utf8(code).ok()).flatten()
}

/// The same twice gives back what was there.
fn masked(app: &str, salt: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mask = Sha1::digest([b"mask", app.as_bytes(), salt].concat());
    bytes.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect()
}

fn check(app: &str, salt: &[u8], code: &[u8]) -> Vec<u8> {
    Sha1::digest([b"check", app.as_bytes(), salt, code].concat()).iter().take(CHECK).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_app_can_have_it_decrypted() {
        let chance = Chance::seeded(1);
        let encrypted = encrypt("wx1", "751234212312", &chance);
        assert_eq!(decrypt("wx1", &encrypted).as_deref(), Some("751234212312"));
        assert_eq!(decrypt("wx2", &encrypted), None);
        assert_eq!(decrypt("wx1", &encrypted[4..]), None);
        assert_eq!(decrypt("wx1", "AAAA"), None);
        assert_ne!(encrypt("wx1", "751234212312", &chance), encrypted);
    }
}
