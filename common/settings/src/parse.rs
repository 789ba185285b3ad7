//! From text to values. An error is the rest of a sentence that begins with the setting's name.

use std::net::SocketAddr;
use std::ops::RangeInclusive;

use tracing_subscriber::EnvFilter;
use wxgate_egress::{AllowList, InvalidAllowEntry};
use wxgate_secret::{Keyring, Secret};

use crate::AdminListen;

pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "must be an address with a port, such as 127.0.0.1:8080".to_owned())
}

pub(crate) fn admin_listen(text: &str) -> Result<AdminListen, String> {
    if text == "none" {
        return Ok(AdminListen::Off);
    }
    address(text).map(AdminListen::At).map_err(|reason| format!("{reason}, or none"))
}

pub(crate) fn number(range: RangeInclusive<u32>) -> impl Fn(&str) -> Result<u32, String> {
    move |text| match text.parse() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => Err(format!("must be a whole number from {} to {}", range.start(), range.end())),
    }
}

pub(crate) fn choice<T: Copy>(choices: &[(&str, T)]) -> impl Fn(&str) -> Result<T, String> {
    |text| match choices.iter().find(|(word, _)| *word == text) {
        Some((_, chosen)) => Ok(*chosen),
        None => {
            Err(format!("must be {}", choices.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" or ")))
        }
    }
}

pub(crate) fn log_filter(text: &str) -> Result<String, String> {
    match EnvFilter::builder().parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("must be a level (error, warn, info, debug, trace) or directives such as info,wxgate_worker=debug".to_owned()),
    }
}

pub(crate) fn allow_list(text: &str) -> Result<AllowList, String> {
    text.parse().map_err(|error: InvalidAllowEntry| {
        format!("must be a comma list of networks and host:port: {error}")
    })
}

/// The shortest admin token (characters): in hex 64 bits, which nobody guesses.
const SHORTEST_TOKEN: usize = 16;

/// What can be typed into a form and sent as a header, unchanged by either.
pub(crate) fn admin_token(text: &str) -> Result<Secret, String> {
    if text.len() >= SHORTEST_TOKEN && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Secret::new(text));
    }
    Err(format!("must be at least {SHORTEST_TOKEN} letters, digits and signs of ASCII, without blanks"))
}

/// Checked here so that a bad key is told with everything else; kept as text.
pub(crate) fn secret_key(text: &str) -> Result<Secret, String> {
    let list = Secret::new(text);
    match Keyring::parse(&list) {
        Ok(_) => Ok(list),
        Err(error) => Err(format!("must be 64 hex digits, or a comma list of such: {error}")),
    }
}
