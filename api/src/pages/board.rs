//! Finding what a key stands for.

use url::Url;
use wxgate_store::model::springboard::{CardPage, Springboard};

use super::fault::Fault;
use super::visit::Visit;
use crate::uri::web_address;

/// The springboard of the key that the visit names `wx_card_key`, as long as its app is there and enabled:
/// nothing is signed or shown in the name of one that an operator has stopped.
pub(super) async fn of(visit: &Visit) -> Result<Springboard, Fault> {
    let key = visit.param("wx_card_key").filter(|key| is_key(key)).ok_or(Fault::NoSuchPage)?.into_owned();
    let found = visit.ask_store(|store| async move { store.springboard(&key).await }).await?;
    let directory = visit.gateway.directory.now();
    let runs = |board: &Springboard| directory.apps.get(&board.app).is_some_and(|app| app.enabled);
    found.filter(runs).ok_or(Fault::NoSuchPage)
}

/// Whether it looks like one of ours: 32 hex digits. Others are not looked for.
pub(super) fn is_key(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A link to the caller's own page.
pub(super) struct Button<'a> {
    pub(super) url: Url,
    pub(super) name: &'a str,
}

impl<'a> Button<'a> {
    /// The one that the caller asked for, if any.
    pub(super) fn of(page: &'a CardPage) -> Option<Self> {
        let url = is_on(&page.show_btn).then(|| web_address(&page.redirect_uri)).flatten()?;
        Some(Self { url, name: &page.redirect_uri_name })
    }
}

fn is_on(show_btn: &str) -> bool {
    matches!(show_btn.trim(), "1") || show_btn.trim().eq_ignore_ascii_case("true")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_32_lower_case_hex_digits_are_a_key() {
        assert!(is_key("09a501b3ad76038890ac3144ed71a67b"));
        for text in [
            "",
            "09A501B3AD76038890AC3144ED71A67B",
            "09a501b3ad76038890ac3144ed71a67",
            "../../../../../../../../../../etc",
        ] {
            assert!(!is_key(text), "{text}");
        }
    }

    #[test]
    fn the_button_is_shown_for_true_and_1() {
        for text in ["true", "1", " TRUE "] {
            assert!(is_on(text), "{text}");
        }
        for text in ["", "0", "false", "yes", "11"] {
            assert!(!is_on(text), "{text}");
        }
    }
}
