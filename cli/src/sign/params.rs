//! The parameters of a request, as typed.

use std::str::FromStr;

use anyhow::bail;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the unreserved characters of RFC 3986, section 2.3: what the strong scheme encodes, and
/// enough for a form.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One `name=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Param {
    name: String,
    value: String,
}

impl FromStr for Param {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                Ok(Self { name: name.to_owned(), value: value.to_owned() })
            }
            _ => Err("must be a name and a value, such as client_code=shop"),
        }
    }
}

/// Parameters that a gateway would take, in the order typed.
#[derive(Debug)]
pub(super) struct Params(Vec<Param>);

impl Params {
    /// # Errors
    /// For a repeated name, and for the two that are no parameters: `client_secret`, `authcode`.
    pub(super) fn new(params: Vec<Param>) -> anyhow::Result<Self> {
        for (index, param) in params.iter().enumerate() {
            match param.name.as_str() {
                "client_secret" => bail!("client_secret is never sent: give the secret with --secret"),
                "authcode" => bail!("authcode is what is being computed: leave it out"),
                name if params[..index].iter().any(|earlier| earlier.name == name) => {
                    bail!("{name} is given more than once")
                }
                _ => {}
            }
        }
        Ok(Self(params))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.pairs().find_map(|(found, value)| (found == name).then_some(value))
    }

    pub(super) fn add_if_absent(&mut self, name: &str, value: &str) {
        if self.get(name).is_none() {
            self.0.push(Param { name: name.to_owned(), value: value.to_owned() });
        }
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|param| (param.name.as_str(), param.value.as_str()))
    }

    /// The body of the request.
    pub(super) fn encoded(&self) -> String {
        joined(self.pairs())
    }

    /// What the strong scheme signs.
    pub(super) fn hmac_text(&self, interface: &str) -> String {
        let mut signed: Vec<_> = self.pairs().filter(|(_, value)| !value.is_empty()).collect();
        signed.sort_unstable();
        format!("{interface}\n{}", joined(signed))
    }
}

fn joined<'p>(pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> String {
    let encoded = |text| utf8_percent_encode(text, RESERVED);
    let pairs = pairs.into_iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use hmac::{Hmac, KeyInit as _, Mac as _};
    use sha2::Sha256;
    use wxgate_secret::Secret;
    use wxgate_signing::hmac_sha256;

    use super::*;

    fn params(texts: &[&str]) -> Params {
        Params::new(texts.iter().map(|text| text.parse().unwrap()).collect()).unwrap()
    }

    #[test]
    fn a_value_may_contain_equals_signs_and_be_empty() {
        let params = params(&["tpl_data={\"a\":\"b=c\"}", "empty="]);
        assert_eq!(params.get("tpl_data"), Some("{\"a\":\"b=c\"}"));
        assert_eq!(params.get("empty"), Some(""));
        for bad in ["", "=value", "name"] {
            assert!(bad.parse::<Param>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_text_shown_for_the_strong_scheme_is_the_one_that_is_signed() {
        let params = params(&["z=1 +&", "B=值", "a=~-._", "empty=", "client_code=shop"]);
        let mut mac = Hmac::<Sha256>::new_from_slice(b"S").unwrap();
        mac.update(params.hmac_text("get_card_list").as_bytes());
        let shown = hex::encode(mac.finalize().into_bytes());
        let signed = hmac_sha256::authcode("get_card_list", params.pairs(), &Secret::new("S"));
        assert_eq!(shown, signed.to_string());
    }
}
