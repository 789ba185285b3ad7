//! Signed callbacks by the Standard Webhooks specification
//! (<https://github.com/standard-webhooks/standard-webhooks>, version 1.0.0): HMAC-SHA256 over
//! `id.timestamp.body`, base64, in three headers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretSlice};
use subtle::ConstantTimeEq;
use wxgate_secret::Secret;

use crate::keyed::Keyed;

/// Header of the message's id: the same over all attempts, so that a receiver can drop repeats.
pub const ID_HEADER: &str = "webhook-id";
/// Header of the attempt's time, in Unix seconds.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// Header of the signature: one or more, separated by blanks.
pub const SIGNATURE_HEADER: &str = "webhook-signature";

/// Marks a symmetric secret.
const PREFIX: &str = "whsec_";
/// Marks a symmetric signature.
const VERSION: &str = "v1,";
/// The sizes of a key that the specification allows (bytes).
const KEY_SIZES: std::ops::RangeInclusive<usize> = 24..=64;
/// What [`WebhookSecret::generate`] makes: as long as the hash, more adds nothing (bytes).
const GENERATED: usize = 32;

/// The key that signs callbacks. `Debug` shows nothing of it.
#[derive(Clone, Debug)]
pub struct WebhookSecret(SecretSlice<u8>);

/// Why a text or key signs no webhooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWebhookSecret {
    /// The prefix is missing.
    #[error("a webhook secret begins with whsec_")]
    NoPrefix,
    /// What follows the prefix is not padded standard base64, which is all that every receiver's
    /// library reads.
    #[error("a webhook secret is whsec_ followed by base64, padding included")]
    NotBase64,
    /// Too short to be safe, or too long for the specification.
    #[error("a webhook secret holds 24 to 64 bytes, not {0}")]
    Size(usize),
}

impl WebhookSecret {
    /// Reads `whsec_<base64>`.
    ///
    /// # Errors
    /// [`InvalidWebhookSecret`], by what is wrong.
    pub fn parse(text: &Secret) -> Result<Self, InvalidWebhookSecret> {
        let encoded = text.expose().strip_prefix(PREFIX).ok_or(InvalidWebhookSecret::NoPrefix)?;
        Self::from_bytes(STANDARD.decode(encoded).map_err(|_| InvalidWebhookSecret::NotBase64)?)
    }

    /// Uses a key as it is.
    ///
    /// # Errors
    /// [`InvalidWebhookSecret::Size`] unless it has 24 to 64 bytes.
    pub fn from_bytes(key: Vec<u8>) -> Result<Self, InvalidWebhookSecret> {
        if KEY_SIZES.contains(&key.len()) {
            Ok(Self(key.into()))
        } else {
            Err(InvalidWebhookSecret::Size(key.len()))
        }
    }

    /// A new key of 32 random bytes, from the thread's cryptographic generator.
    #[must_use]
    pub fn generate() -> Self {
        Self(rand::random::<[u8; GENERATED]>().to_vec().into())
    }

    /// The `whsec_…` text, to store it and to show it to its owner.
    #[must_use]
    pub fn to_text(&self) -> Secret {
        Secret::new(format!("{PREFIX}{}", STANDARD.encode(self.0.expose_secret())))
    }

    /// The value of [`SIGNATURE_HEADER`] for this attempt. `id` must not contain a full stop, or
    /// two messages could share a signature; `timestamp` is in Unix seconds.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        format!("{VERSION}{}", STANDARD.encode(self.mac(id, timestamp, body)))
    }

    /// Whether one of the signatures in `header` is ours, in constant time for each. The age of
    /// `timestamp` is for the receiver to judge.
    #[must_use]
    pub fn verify(&self, id: &str, timestamp: i64, body: &[u8], header: &str) -> bool {
        let expected = self.mac(id, timestamp, body);
        header
            .split(' ')
            .filter_map(|signature| STANDARD.decode(signature.strip_prefix(VERSION)?).ok())
            .any(|signature| signature.ct_eq(&expected).into())
    }

    fn mac(&self, id: &str, timestamp: i64, body: &[u8]) -> [u8; 32] {
        let mut mac = Keyed::new(self.0.expose_secret());
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        mac.finish()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    const ID: &str = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";
    const AT: i64 = 1_674_087_231;

    /// The key 00 01 02 … of `size` bytes.
    fn counting(size: u8) -> WebhookSecret {
        WebhookSecret::from_bytes((0..size).collect()).unwrap()
    }

    /// Made with `standardwebhooks` 1.1.0 of `PyPI`.
    #[test]
    fn signatures_equal_those_of_another_implementation() {
        let json = r#"{"a":"值"}"#;
        let form = "state=succeeded&msgid=1";
        for (size, body, signature) in [
            (24, json, "v1,9+lV6LewP0xdWybYYprAl95vG7xU5Xt2Am6qrph/eOI="),
            (24, form, "v1,qCLNFSmgL3sM0jSg4eUqqZluzoLs2Ozxwxkddw7fUPg="),
            (32, json, "v1,0V7rx+KEBPuvI/fdFjRzalpFNoCUOLlmff6UWETFdu8="),
            (32, "", "v1,ET/52+LuqQDyNkDsD8ylJcB7/dWj/MMfGFzSP9D5S+o="),
            (64, json, "v1,x1XBeW8uPM81C3MGcSFzpylmeQ28KbVNVSKorbzukgg="),
            (64, form, "v1,OBCRrDnzSgjZMkaWXZ9StvCjF9gz0zqzwCEX3htmWcc="),
        ] {
            assert_eq!(counting(size).sign(ID, AT, body.as_bytes()), signature, "{size} {body}");
        }
    }

    #[test]
    fn id_time_body_and_key_are_all_signed() {
        let (secret, header) = (counting(32), counting(32).sign(ID, AT, b"body"));
        assert!(secret.verify(ID, AT, b"body", &header));
        assert!(!secret.verify("msg_other", AT, b"body", &header));
        assert!(!secret.verify(ID, AT + 1, b"body", &header));
        assert!(!secret.verify(ID, AT, b"bodY", &header));
        assert!(!counting(33).verify(ID, AT, b"body", &header));
    }

    #[test]
    fn one_good_signature_among_several_is_enough() {
        let good = counting(32).sign(ID, AT, b"");
        let other = counting(24).sign(ID, AT, b"");
        let verify = |header: &str| counting(32).verify(ID, AT, b"", header);
        assert!(verify(&format!("v1a,AAAA {other} {good}")));
        assert!(!verify(&other));
        for header in ["", "v1,", "v1,!!", &good[3..], &good.replace("v1,", "v2,"), &good[..20]] {
            assert!(!verify(header), "{header}");
        }
    }

    #[test]
    fn a_secret_reads_back_from_its_text() {
        let text = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
        let secret = WebhookSecret::parse(&Secret::new(text)).unwrap();
        assert_eq!(secret.to_text().expose(), text);
        assert_eq!(secret.sign(ID, AT, b""), counting(24).sign(ID, AT, b""));
    }

    #[test]
    fn unusable_secrets_are_told_apart() {
        let of = |size: usize| format!("whsec_{}", STANDARD.encode(vec![7; size]));
        let error = |text: &str| WebhookSecret::parse(&Secret::new(text)).unwrap_err();
        assert_eq!(error("AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"), InvalidWebhookSecret::NoPrefix);
        assert_eq!(error("whsec_not base64"), InvalidWebhookSecret::NotBase64);
        assert_eq!(error("whsec_"), InvalidWebhookSecret::Size(0));
        assert_eq!(error(&of(23)), InvalidWebhookSecret::Size(23));
        assert_eq!(error(&of(65)), InvalidWebhookSecret::Size(65));
        assert!(
            [24, 64].map(of).iter().all(|text| WebhookSecret::parse(&Secret::new(text.as_str())).is_ok())
        );
    }

    #[test]
    fn a_new_secret_is_usable_unique_and_hidden() {
        let (one, two) = (WebhookSecret::generate(), WebhookSecret::generate());
        assert_ne!(one.to_text().expose(), two.to_text().expose());
        assert!(WebhookSecret::parse(&one.to_text()).is_ok());
        assert!(!format!("{:?}", counting(24)).contains("1, 2"));
    }
}
