//! The parameters of a request, decoded from a form-encoded body or query.

use std::borrow::Cow;

use crate::params::CLIENT_SECRET;

/// How much of a repeated name is told back (characters): enough to find it, not enough to flood
/// an answer.
const NAME_SHOWN: usize = 64;

/// Decoded parameters in the order sent; each name occurs once, and no name or value contains
/// U+0000. Whatever needed no decoding is borrowed from the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

/// Why a body or query is not taken. No variant keeps a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// A name or value is not UTF-8 once decoded.
    #[error("parameters must be UTF-8")]
    NotUtf8,
    /// One name twice, so that signer and reader could pick different values.
    #[error("parameter '{name}' is given more than once")]
    Repeated {
        /// The name, cut after 64 characters.
        name: String,
    },
    /// A name or value contains U+0000, which no store keeps faithfully.
    #[error("parameters must not contain U+0000")]
    Nul,
    /// The signing secret was sent along.
    #[error("client_secret must never be sent: it only goes into the signature")]
    ClientSecret,
}

impl<'a> Form<'a> {
    /// Decodes `application/x-www-form-urlencoded` as browsers do: `+` is a blank, a `%` that no
    /// two hex digits follow stays itself, empty pieces between `&` are skipped. Unlike browsers
    /// it takes no byte that is not UTF-8. Empty values are kept.
    ///
    /// # Errors
    /// [`FormError`], for the first offending parameter; [`FormError::Repeated`] only when there
    /// is nothing else to say.
    pub fn parse(encoded: &'a [u8]) -> Result<Self, FormError> {
        let pieces = encoded.split(|&byte| byte == b'&').filter(|piece| !piece.is_empty());
        Self::of(pieces.map(pair).collect::<Result<_, _>>()?)
    }

    /// Parameters that came decoded, as the texts of a multipart body do.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn of_texts(texts: Vec<(String, String)>) -> Result<Self, FormError> {
        if texts.iter().any(|(name, _)| name == CLIENT_SECRET) {
            return Err(FormError::ClientSecret);
        }
        if texts.iter().any(|(name, value)| name.contains('\0') || value.contains('\0')) {
            return Err(FormError::Nul);
        }
        Self::of(texts.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// These parameters, followed by those of `other`: a query and a body together.
    ///
    /// # Errors
    /// [`FormError::Repeated`] when both have one name.
    pub fn join(mut self, other: Self) -> Result<Self, FormError> {
        self.pairs.extend(other.pairs);
        Self::of(self.pairs)
    }

    /// The value of `name`; an empty one is `Some("")`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs().find_map(|(found, value)| (found == name).then_some(value))
    }

    /// Removes `name` and gives its value, as for the `authcode` of a query.
    pub fn take(&mut self, name: &str) -> Option<Cow<'a, str>> {
        let position = self.pairs.iter().position(|(found, _)| found == name)?;
        Some(self.pairs.remove(position).1)
    }

    /// All parameters in the order sent, the empty ones too.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    fn of(pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>) -> Result<Self, FormError> {
        // Sorted rather than compared each with each: a body may hold half a million names.
        let mut names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_ref()).collect();
        names.sort_unstable();
        match names.array_windows().find(|[one, next]| one == next) {
            Some([name, _]) => Err(FormError::Repeated { name: name.chars().take(NAME_SHOWN).collect() }),
            None => Ok(Self { pairs }),
        }
    }
}

fn pair(piece: &[u8]) -> Result<(Cow<'_, str>, Cow<'_, str>), FormError> {
    let equals = piece.iter().position(|&byte| byte == b'=');
    let (name, value) = equals.map_or((piece, &[][..]), |at| (&piece[..at], &piece[at + 1..]));
    let name = decode(name)?;
    if name == CLIENT_SECRET {
        return Err(FormError::ClientSecret);
    }
    Ok((name, decode(value)?))
}

fn decode(raw: &[u8]) -> Result<Cow<'_, str>, FormError> {
    let text = match unescape(raw) {
        Cow::Borrowed(bytes) => str::from_utf8(bytes).map(Cow::Borrowed).ok(),
        Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).ok(),
    };
    let text = text.ok_or(FormError::NotUtf8)?;
    if text.contains('\0') { Err(FormError::Nul) } else { Ok(text) }
}

fn unescape(raw: &[u8]) -> Cow<'_, [u8]> {
    if !raw.iter().any(|byte| matches!(byte, b'+' | b'%')) {
        return Cow::Borrowed(raw);
    }
    let mut decoded = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&byte, after)) = rest.split_first() {
        let (byte, after) = match byte {
            b'+' => (b' ', after),
            b'%' => escaped(after).unwrap_or((byte, after)),
            _ => (byte, after),
        };
        decoded.push(byte);
        rest = after;
    }
    Cow::Owned(decoded)
}

/// The byte that two hex digits at the start of `rest` stand for, and what follows them.
fn escaped(rest: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, after) = rest.split_first_chunk::<2>()?;
    let mut byte = [0];
    hex::decode_to_slice(digits, &mut byte).ok()?;
    Some((byte[0], after))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn pairs<'a>(form: &'a Form<'_>) -> Vec<(&'a str, &'a str)> {
        form.pairs().collect()
    }

    #[test]
    fn parameters_are_decoded_and_keep_their_order() {
        let form = Form::parse(b"b=1+2%2B3&a=%E5%80%BC&%e5%90%8d=\xE5\x80\xBC").unwrap();
        assert_eq!(pairs(&form), [("b", "1 2+3"), ("a", "值"), ("名", "值")]);
    }

    #[test]
    fn only_the_first_equals_sign_splits() {
        assert_eq!(pairs(&Form::parse(b"a=b=c&=d&e").unwrap()), [("a", "b=c"), ("", "d"), ("e", "")]);
    }

    #[test]
    fn empty_values_are_kept_and_empty_pieces_skipped() {
        let form = Form::parse(b"&&a=&b&").unwrap();
        assert_eq!(pairs(&form), [("a", ""), ("b", "")]);
        assert_eq!((form.get("a"), form.get("c")), (Some(""), None));
        assert_eq!(Form::parse(b"").unwrap(), Form::default());
    }

    #[test]
    fn a_stray_percent_sign_stays_itself() {
        let form = Form::parse(b"a=100%&b=%4&c=%zz&d=%%41&e=%+1").unwrap();
        assert_eq!(pairs(&form), [("a", "100%"), ("b", "%4"), ("c", "%zz"), ("d", "%A"), ("e", "% 1")]);
    }

    #[test]
    fn what_needs_no_decoding_is_borrowed() {
        let form = Form::parse(b"a=plain&b=x+y").unwrap();
        assert!(matches!(form.pairs[0], (Cow::Borrowed(_), Cow::Borrowed(_))));
        assert!(matches!(form.pairs[1].1, Cow::Owned(_)));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused() {
        for body in
            [&b"a=\xff"[..], b"a=%ff", b"%ff=a", b"a=%C0%80", b"a=%ED%A0%80", b"a=\xE5\x80", b"a=%D6%D0"]
        {
            assert_eq!(Form::parse(body), Err(FormError::NotUtf8), "{}", body.escape_ascii());
        }
    }

    #[test]
    fn a_nul_is_refused_in_names_and_values() {
        for body in [&b"a=\0"[..], b"a=x%00y", b"%00=a", b"a\0=b", b"a=1&b=%00"] {
            assert_eq!(Form::parse(body), Err(FormError::Nul), "{}", body.escape_ascii());
        }
    }

    #[test]
    fn a_repeated_name_is_refused_however_it_is_written() {
        for body in ["a=1&b=2&a=1", "a=1&%61=2", "a&a=", "+=1&%20=2"] {
            assert!(matches!(Form::parse(body.as_bytes()), Err(FormError::Repeated { .. })), "{body}");
        }
        assert!(Form::parse(b"a=1&A=1").is_ok());
    }

    #[test]
    fn a_long_repeated_name_is_cut_in_the_error() {
        let name = "值".repeat(1_000);
        let error = Form::parse(format!("{name}=1&{name}=2").as_bytes()).unwrap_err();
        assert_eq!(error, FormError::Repeated { name: "值".repeat(64) });
    }

    #[test]
    fn a_secret_sent_along_is_refused_without_keeping_it() {
        for body in [
            "client_secret=hush",
            "a=1&client%5Fsecret=hush",
            "client_secret=hush&client_secret=hush",
            "client_secret",
        ] {
            let error = Form::parse(body.as_bytes()).unwrap_err();
            assert_eq!(error, FormError::ClientSecret, "{body}");
            assert!(!format!("{error:?} {error}").contains("hush"));
        }
    }

    #[test]
    fn decoded_texts_pass_the_same_checks() {
        let of = |texts: &[(&str, &str)]| {
            Form::of_texts(texts.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
        };
        assert_eq!(pairs(&of(&[("b", "1+%41"), ("a", "值")]).unwrap()), [("b", "1+%41"), ("a", "值")]);
        assert_eq!(of(&[("client_secret", "hush")]), Err(FormError::ClientSecret));
        assert_eq!(of(&[("a", "\0")]), Err(FormError::Nul));
        assert!(matches!(of(&[("a", "1"), ("a", "2")]), Err(FormError::Repeated { .. })));
    }

    #[test]
    fn query_and_body_join_unless_they_share_a_name() {
        let mut query = Form::parse(b"authcode=00&a=1").unwrap();
        assert_eq!(query.take("authcode").as_deref(), Some("00"));
        assert_eq!(query.take("authcode"), None);
        let joined = query.clone().join(Form::parse(b"b=2").unwrap()).unwrap();
        assert_eq!(pairs(&joined), [("a", "1"), ("b", "2")]);
        let error = query.join(Form::parse(b"a=1").unwrap()).unwrap_err();
        assert_eq!(error, FormError::Repeated { name: "a".to_owned() });
    }
}
