//! Signatures: what is signed verifies, whatever it is, and nothing else does.

use wxgate_secret::Secret;
use wxgate_signing::{Authcode, Form, WebhookSecret, hmac_sha256, md5};

/// The first line is an authcode or a header with signatures, the rest is what it is said to sign.
pub fn read(bytes: &[u8]) {
    let (given, body) = match bytes.iter().position(|byte| *byte == b'\n') {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (bytes, &[][..]),
    };
    let given = String::from_utf8_lossy(given);
    let secret = Secret::new("a secret that nobody guesses");
    if let Ok(form) = Form::parse(body) {
        if let Ok(authcode) = Authcode::parse(&given) {
            assert!(!authcode.verify("interface", form.pairs(), &secret), "a guess fits");
            assert!(authcode.to_string().eq_ignore_ascii_case(&given));
        }
        for signed in
            [md5::authcode(form.pairs(), &secret), hmac_sha256::authcode("interface", form.pairs(), &secret)]
        {
            let again = Form::parse(body).unwrap_or_default();
            let read = Authcode::parse(&signed.to_string()).unwrap_or(signed);
            assert!(read.verify("interface", again.pairs(), &secret));
        }
    }
    webhook(&given, body);
}

fn webhook(given: &str, body: &[u8]) {
    let Ok(secret) = WebhookSecret::from_bytes(vec![7; 32]) else { return };
    assert!(!secret.verify("id", 1, body, given), "a guess fits");
    let signed = secret.sign("id", 1, body);
    assert!(secret.verify("id", 1, body, &signed));
    assert!(secret.verify("id", 1, body, &format!("{given} {signed}")) || given.contains('\0'));
    let _ = WebhookSecret::parse(&Secret::new(given));
}
