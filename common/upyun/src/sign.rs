//! Upyun's current signature: HMAC-SHA1, keyed with the hexadecimal MD5 of the operator's password,
//! over method, URI, date and (when it is sent) the body's MD5, joined by `&`.
//!
//! Body, length and type are bound through `Content-MD5` alone, so whatever has a body is sent with
//! one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha1::Sha1;
use wxgate_secret::Secret;

use crate::Account;

/// SHA-1 works on blocks of 64 bytes (FIPS 180-4).
const BLOCK: usize = 64;

/// What a signature binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed<'r> {
    /// The method, in capitals.
    pub method: &'r str,
    /// Path and query exactly as they stand in the request line, escapes included.
    pub uri: &'r str,
    /// The value of the `Date` header, byte for byte.
    pub date: &'r str,
    /// The value of the `Content-MD5` header, if there is one.
    pub content_md5: Option<&'r str>,
}

/// The value of the `Authorization` header.
#[must_use]
pub fn authorization(account: &Account, signed: Signed<'_>) -> String {
    format!("UPYUN {}:{}", account.operator, signature(&account.password, signed))
}

/// The signature alone, in padded base64: 28 characters.
#[must_use]
pub fn signature(password: &Secret, signed: Signed<'_>) -> String {
    let mut mac = keyed(password);
    mac.update(signed.method.as_bytes());
    for part in [Some(signed.uri), Some(signed.date), signed.content_md5].into_iter().flatten() {
        mac.update(b"&");
        mac.update(part.as_bytes());
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

/// The MD5 of a body as Upyun writes it: lower-case hexadecimal.
#[must_use]
pub fn content_md5(body: &[u8]) -> String {
    hex::encode(Md5::digest(body))
}

/// Keyed with the 32 digits, not with the 16 bytes they stand for, padded to a block as RFC 2104
/// has it.
fn keyed(password: &Secret) -> Hmac<Sha1> {
    let digits = hex::encode(Md5::digest(password.expose()));
    let mut block = [0; BLOCK];
    block[..digits.len()].copy_from_slice(digits.as_bytes());
    Hmac::new(&block.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Wed, 29 Oct 2014 02:26:58 GMT";
    /// The MD5 of `abc`.
    const ABC: Option<&str> = Some("900150983cd24fb0d6963f7d28e17f72");
    const TASK: &str = "service=bucket&task_ids=35f0148d414a688a275bf915ba7cebb2";

    fn signed(method: &str, uri: &str, content_md5: Option<&str>) -> String {
        signature(&Secret::new("password"), Signed { method, uri, date: DATE, content_md5 })
    }

    /// Seen on the wire from, or made by, the official SDKs: `PyPI` `upyun` 2.5.5, npm `upyun`
    /// 3.4.6.
    #[test]
    fn storage_calls_are_signed_as_the_official_sdks_sign_them() {
        for (method, uri, content_md5, expected) in [
            ("PUT", "/bucket/a.txt", ABC, "0PWlfCucsDaJPxP/zsLIV2JO2ng="),
            ("GET", "/bucket/a.txt", None, "B3KBteWAWk3d+OcNx1r94hgxqlY="),
            ("HEAD", "/bucket/a.txt", None, "5vzrr+mV3ciXYV9LLyn0y+ado6M="),
            ("DELETE", "/bucket/a.txt", None, "YeezIGwRexWVmWxWJeAtM+MOElU="),
            ("POST", "/bucket/newdir", None, "DR/B7ZLEdoOuImgTewU/RIjosHE="),
            ("GET", "/bucket/?usage", None, "pEP305Ow6XXraN7SchOSRqhUmBE="),
            ("PATCH", "/bucket/a.txt?metadata=merge", None, "cA9EnKF3tv4wk4HP8Q+4THGcbbA="),
            ("PUT", "/bucket/a/%E4%B8%AD%20%E6%96%87%2B~%28x%29.txt", ABC, "yXer76w4I1T3hTqT4BM40qtV3x4="),
        ] {
            assert_eq!(signed(method, uri, content_md5), expected, "{method} {uri}");
        }
    }

    /// Of the same SDKs.
    #[test]
    fn processing_calls_are_signed_as_the_official_sdks_sign_them() {
        let body_md5 = Some("934ad008b3c2c81ed1eb4a107e70f528");
        for (method, uri, content_md5, expected) in [
            ("POST", "/pretreatment/", body_md5, "Ol0Kets9jn31Dm69Y9VNSEp8uxY="),
            ("POST", "/pretreatment/", None, "qbAIzjWYmchqcB684Mk2ioH3EUE="),
            ("GET", &format!("/status/?{TASK}"), None, "HomxlqE40XObDxaDWyK0s23cxqs="),
            ("GET", &format!("/result/?{TASK}"), None, "ktEhhOFOXzAnmUupnbbPxAG6e90="),
        ] {
            assert_eq!(signed(method, uri, content_md5), expected, "{method} {uri}");
        }
    }

    /// Upyun's own examples, of its pages on the REST API, on processing and on callbacks.
    #[test]
    fn upyuns_own_examples_come_out() {
        let date = "Wed, 09 Nov 2016 14:26:58 GMT";
        for (method, uri, content_md5, expected) in [
            (
                "PUT",
                "/upyun-temp/demo.jpg",
                "7ac66c0f148de9519b8bd264312c4d64",
                "YUaAZX+WNAcJdNGHS5SBlITME5A=",
            ),
            ("POST", "/pretreatment/", "a2d75510f7ec654cc24cfa2b5a5a8182", "6KGqGX4tFwqnCdSndEmGQsR1jQU="),
            ("POST", "/upyun_notify_url", "e861f9f2ccd323df87b975904ccf19bb", "8wTKBjONUWG+Zwzxo8EpJISy95E="),
        ] {
            let signed = Signed { method, uri, date, content_md5: Some(content_md5) };
            assert_eq!(signature(&Secret::new("password123"), signed), expected, "{uri}");
        }
    }

    #[test]
    fn the_header_names_the_operator() {
        let (bucket, operator) = ("bucket".to_owned(), "operator".to_owned());
        let account = Account { bucket, operator, password: Secret::new("password") };
        let signed = Signed { method: "GET", uri: "/bucket/a.txt", date: DATE, content_md5: None };
        let expected = "UPYUN operator:B3KBteWAWk3d+OcNx1r94hgxqlY=";
        assert_eq!(authorization(&account, signed), expected);
    }

    #[test]
    fn a_bodys_md5_is_in_lower_case_hexadecimal() {
        assert_eq!(Some(content_md5(b"abc").as_str()), ABC);
    }
}
