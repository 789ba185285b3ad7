//! The authcode, written a second time from the interface's description: MD5 over the values of the
//! non-empty parameters and of `client_secret`, sorted by name. It checks the gateway's own.

use std::borrow::Cow;

use md5::{Digest, Md5};
use percent_encoding::percent_decode_str;

/// The name under which the secret takes part; for callbacks it holds the callback secret.
const SECRET_NAME: &str = "client_secret";

/// Signs decoded parameters. Lower-case hexadecimal, 32 digits.
#[must_use]
pub fn authcode(parameters: &[(impl AsRef<str>, impl AsRef<str>)], secret: &str) -> String {
    let mut sorted: Vec<(&str, &str)> =
        parameters.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
    sorted.push((SECRET_NAME, secret));
    sorted.sort_unstable_by_key(|&(name, _)| name);
    let mut hash = Md5::new();
    for (_, value) in sorted {
        hash.update(value);
    }
    hex::encode(hash.finalize())
}

/// Decodes a form body; `None` when it is not UTF-8 or a part lacks its `=`.
#[must_use]
pub fn decode_form(body: &[u8]) -> Option<Vec<(String, String)>> {
    std::str::from_utf8(body)
        .ok()?
        .split('&')
        .map(|part| part.split_once('=').and_then(|(name, value)| Some((decode(name)?, decode(value)?))))
        .collect()
}

fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    /// The example of the interface's document, section 2.4.
    #[test]
    fn the_documents_own_example_is_signed_as_it_says() {
        let parameters = [
            ("redirect_uri", "http://www.verystar.cn"),
            ("oauth_type", "oauth_snsapi_base"),
            ("req_time", "1459817487"),
            ("client_code", "ayAXXiXU6rXkBZAE464MVi8Wniwrrlp3GEX1M6"),
        ];
        let signed = authcode(&parameters, "AZa-zsn6lbaOxCpQzq85ijiaiOo6yBrcFqiaEv");
        assert_eq!(signed, "ff855997852eaebd899ce54fc094baed");
    }

    #[test]
    fn forms_are_decoded_or_refused() {
        let decoded = decode_form(b"a=1+2&b=%E5%92%96%26").unwrap();
        assert_eq!(decoded, [("a".into(), "1 2".into()), ("b".into(), "咖&".into())]);
        assert!(decode_form(b"a").is_none());
        assert!(decode_form(b"a=%FF").is_none());
    }
}
