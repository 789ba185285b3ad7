//! Reading the parameters, and whether all that are required are there (102).

use std::borrow::Cow;

use wxgate_signing::{Form, FormError};

use crate::interface::{AUTHCODE, COMMON, Param, ParamKind};
use crate::{Interface, Refusal};

/// The query's authcode, and the parameters of query and body together. An `authcode` in the body is
/// like any parameter that nobody knows, but unsigned.
pub(super) fn read<'a>(
    query: &'a [u8],
    sent: Result<Form<'a>, FormError>,
) -> Result<(Option<Cow<'a, str>>, Form<'a>), FormError> {
    let mut query = Form::parse(query)?;
    let authcode = query.take(AUTHCODE);
    let sent = sent?;
    let form = if query.pairs().next().is_none() { sent } else { query.join(sent)? };
    Ok((authcode, form))
}

/// The authcode, once everything required is there.
pub(super) fn complete<'a>(
    interface: &Interface,
    authcode: Option<&'a str>,
    form: &Form<'_>,
    body: &[u8],
) -> Result<&'a str, Refusal> {
    let authcode = authcode.filter(|code| !code.trim().is_empty()).ok_or(Refusal::NoAuthcode)?;
    match COMMON.iter().chain(interface.params).find(|param| is_missing(param, form)) {
        None => Ok(authcode),
        Some(_) if is_no_form(body) => Err(Refusal::NotAForm),
        Some(param) => Err(Refusal::Missing { name: param.name }),
    }
}

/// A file is none of the texts: it comes behind them, and whoever wants it asks for it.
fn is_missing(param: &Param, form: &Form<'_>) -> bool {
    let is_there = |value: &str| param.blank_allowed || !value.trim().is_empty();
    let is_text = !matches!(param.kind, ParamKind::File { .. });
    param.required && is_text && !form.get(param.name).is_some_and(is_there)
}

/// Whether it begins like JSON, XML or multipart.
fn is_no_form(body: &[u8]) -> bool {
    let body = body.trim_ascii_start();
    ["{", "[", "<", "--"].iter().any(|start| body.starts_with(start.as_bytes()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn missing(param: Param, body: &str) -> bool {
        is_missing(&param, &Form::parse(body.as_bytes()).unwrap())
    }

    #[test]
    fn a_required_parameter_is_there_and_not_blank_unless_it_may_be() {
        let required = Param::required("a", ParamKind::Text, "", "");
        for body in ["", "a", "a=", "a=+", "a=%09", "b=1", "A=1"] {
            assert!(missing(required, body), "{body}");
        }
        assert!(!missing(required, "a=0"));
        assert!(!missing(required.or_blank(), "a="));
        assert!(missing(required.or_blank(), "b=1"));
        assert!(!missing(Param::optional("a", ParamKind::Text, "", ""), ""));
        assert!(!missing(Param::required("a", ParamKind::File { limit: 1 }, "", ""), ""));
    }

    #[test]
    fn the_authcode_comes_from_the_query_alone() {
        let (authcode, form) = read(b"authcode=q&x=1", Form::parse(b"authcode=b&y=2")).unwrap();
        assert_eq!(authcode.as_deref(), Some("q"));
        assert_eq!(form.pairs().collect::<Vec<_>>(), [("x", "1"), ("authcode", "b"), ("y", "2")]);
        assert_eq!(read(b"", Form::parse(b"authcode=b")).unwrap().0, None);
    }

    #[test]
    fn one_name_in_query_and_body_is_a_repeat() {
        assert!(matches!(read(b"authcode=q&x=1", Form::parse(b"x=1")), Err(FormError::Repeated { .. })));
        assert!(matches!(read(b"authcode=q&authcode=q", Form::parse(b"")), Err(FormError::Repeated { .. })));
    }
}
