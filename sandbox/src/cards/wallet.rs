//! What users do with cards in WeChat itself: `receive` takes one, `choose` shows those that one can
//! use. The signatures that pages give are checked as WeChat's own software checks them.

use std::sync::Arc;

use serde::Serialize;

use crate::apps::{APP_ID, Account};
use crate::refused::Refused;
use crate::signature::sign;
use crate::state::State;
use crate::tickets::TicketKind;

/// A copy that a user has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CardGiven {
    /// The card.
    pub card_id: String,
    /// The copy's code.
    pub code: String,
    /// The same as pages and links carry it: to be decrypted by the app.
    pub encrypt_code: String,
    /// Who has it.
    pub openid: String,
}

/// The app that is meant, and who sits there.
pub(super) fn who(
    state: &State,
    app: Option<&str>,
    openid: Option<&str>,
) -> Result<(Arc<Account>, String), Refused> {
    let app_id = app.unwrap_or(APP_ID);
    let account = state.accounts.find(app_id).ok_or_else(|| Refused::no_app(app_id))?;
    let app = account.app();
    let openid = openid.unwrap_or(&app.visitor).to_owned();
    if app.knows(&openid) {
        Ok((account, openid))
    } else {
        Err(Refused::missing(format!("app {app_id} has no user '{openid}'")))
    }
}

/// Whether one of the app's card tickets makes this signature.
pub(super) fn check_signature(
    state: &State,
    app: &Arc<str>,
    values: &[&str],
    signature: &str,
    what: &str,
) -> Result<(), Refused> {
    let tickets = state.tickets.signing(app, TicketKind::Card, state.clock.now());
    let signed_with = |ticket: &Arc<str>| sign(values.iter().copied().chain([&**ticket])) == signature;
    if tickets.iter().any(signed_with) {
        Ok(())
    } else {
        Err(Refused::script(format!("{what}: the signature is none of this app's card ticket")))
    }
}
