//! Form-encoded queries and bodies.

use std::collections::HashSet;

use wxgate_signing::{Form, fingerprint};

/// Names are there once, nothing has a U+0000 or the secret, and what was read is read again from its own encoding.
pub fn read(bytes: &[u8]) {
    let Ok(form) = Form::parse(bytes) else { return };
    let mut names = HashSet::new();
    for (name, value) in form.pairs() {
        assert!(names.insert(name), "a name twice");
        assert!(!name.contains('\0') && !value.contains('\0') && name != "client_secret");
    }
    let encoded = encoded(&form);
    let again = Form::parse(encoded.as_bytes()).unwrap_or_else(|error| panic!("{encoded}: {error}"));
    assert!(form.pairs().eq(again.pairs()), "{encoded}");
    let texts = form.pairs().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    assert!(Form::of_texts(texts).is_ok());
    assert_eq!(fingerprint("x", form.pairs()), fingerprint("x", again.pairs()));
    assert_eq!(form.clone().join(again).is_ok(), names.is_empty());
}

/// Every byte escaped.
fn encoded(form: &Form<'_>) -> String {
    let escaped =
        |text: &str| text.bytes().flat_map(|byte| ['%', digit(byte >> 4), digit(byte)]).collect::<String>();
    let pairs = form.pairs().map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// The lower four bits as a hex digit.
fn digit(byte: u8) -> char {
    char::from_digit(u32::from(byte & 15), 16).unwrap_or_default()
}
