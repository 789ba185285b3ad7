//! What an operator may type into the fields of apps, platforms and clients. Secrets are checked by
//! [`wxgate_operate::fields`] rather than by the parser of the command line, which would quote a refused one.

use std::io;

use clap::builder::{StringValueParser, TypedValueParser};
pub(crate) use wxgate_operate::fields::{MISSING, aes_key, presence, push_token, secret};
use wxgate_secret::Secret;

/// Longest `app_id`, `component_appid` and `client_code` (characters). WeChat's app ids have 18, the codes in the
/// document 38.
const LONGEST_NAME: usize = 64;

/// An `app_id`, `component_appid` or `client_code`. They stand in addresses, logs and metrics, hence no others than
/// these characters.
pub(crate) fn name(text: &str) -> Result<String, String> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    if (1..=LONGEST_NAME).contains(&text.len()) && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err(format!("must be 1 to {LONGEST_NAME} letters, digits, '-', '_' or '.'"))
    }
}

/// Said below the help of commands that take secrets.
pub(crate) const SECRETS_HELP: &str = "A secret given as '-' is read from standard input, a line for each.";

/// Takes any text; [`secret`] and its like check it later. `-` stands for the next line of standard input, since a
/// command line is seen by others: in the list of processes, in the shell's history, in sudo's log.
pub(crate) fn unchecked() -> impl TypedValueParser<Value = Secret> {
    StringValueParser::new().try_map(|text| if text == "-" { next_line() } else { Ok(Secret::new(text)) })
}

fn next_line() -> io::Result<Secret> {
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n'])))
}

/// A limit that can be lifted again: `none`, or a whole number from 1.
pub(crate) fn limit(text: &str) -> Result<Limit, String> {
    match text.parse() {
        _ if text == "none" => Ok(Limit(None)),
        // The stores keep 31 bits.
        Ok(number @ 1..=0x7fff_ffff) => Ok(Limit(Some(number))),
        _ => Err("must be a whole number from 1, or none".to_owned()),
    }
}

/// See [`limit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit(pub(crate) Option<u32>);

/// A yes or no for people.
pub(crate) const fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_checked_at_its_edges() {
        for good in ["a", "wx5andb0x00000001", "A-b_c.9", &"x".repeat(64)] {
            assert!(name(good).is_ok(), "{good}");
        }
        for bad in ["", "a b", "a,b", "名", "a/b", &"x".repeat(65)] {
            assert!(name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_limit_can_be_lifted_but_not_be_zero() {
        assert_eq!(limit("none"), Ok(Limit(None)));
        assert_eq!(limit("2147483647"), Ok(Limit(Some(2_147_483_647))));
        for bad in ["0", "-1", "2147483648", "x", ""] {
            assert!(limit(bad).is_err(), "{bad}");
        }
    }
}
