//! Clients as operators see them.

use serde::Serialize;
use wxgate_secret::Secret;
use wxgate_store::Directory;
use wxgate_store::clock::now_ms;
use wxgate_store::model::operate::Client;
use wxgate_store::model::rotation::Former;

use super::change::Made;
use crate::fields::{MISSING, presence, yes_no};
use crate::local_time::local;
use crate::output::Shown;
use crate::table::{Table, labelled};

/// One client, its secrets as 'set' or 'missing'.
#[derive(Debug, Serialize)]
struct ClientView {
    code: String,
    app_id: Option<String>,
    open: bool,
    secret: &'static str,
    allow: Vec<String>,
    callback_secret: &'static str,
    callback_format: &'static str,
    signing: &'static str,
    ambiguous: &'static str,
    /// Until when the secrets before count (Unix seconds), while they do.
    #[serde(skip_serializing_if = "Option::is_none")]
    former_secret_until: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    former_callback_secret_until: Option<i64>,
}

/// When it ends, if it counts still.
fn counting(former: Option<&Former>) -> Option<i64> {
    former.filter(|former| former.at(now_ms()).is_some()).map(|former| former.until / 1000)
}

impl ClientView {
    fn of(client: &Client) -> Self {
        Self {
            code: client.code.clone(),
            app_id: client.app_id.clone(),
            open: client.open,
            secret: presence(client.secret.as_ref()),
            allow: client.allow.clone(),
            callback_secret: presence(client.callback_secret.as_ref()),
            callback_format: client.callback_format.as_str(),
            signing: client.signing.as_str(),
            ambiguous: client.on_ambiguity.as_str(),
            former_secret_until: counting(client.former_secret.as_ref()),
            former_callback_secret_until: counting(client.former_callback_secret.as_ref()),
        }
    }
}

impl ClientView {
    /// For people: `set`, and until when the secret before counts as well.
    fn secret_shown(&self) -> String {
        let former = self.former_secret_until.map(|until| format!(", former until {}", local(until)));
        format!("{}{}", self.secret, former.unwrap_or_default())
    }

    /// A client without a callback secret may have callbacks, but nobody can tell whose they are.
    fn callbacks(&self) -> String {
        let unsigned = if self.callback_secret == MISSING { ", unsigned" } else { "" };
        let former =
            self.former_callback_secret_until.map(|until| format!(", former until {}", local(until)));
        format!("{}{unsigned}{}", self.callback_format, former.unwrap_or_default())
    }
}

/// All clients, by code.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct ClientList(Vec<ClientView>);

impl ClientList {
    pub(super) fn of(directory: &Directory) -> Self {
        let mut clients: Vec<_> = directory.clients.values().map(|client| ClientView::of(client)).collect();
        clients.sort_by(|one, other| one.code.cmp(&other.code));
        Self(clients)
    }
}

impl Shown for ClientList {
    fn text(&self) -> String {
        let mut table = Table::new(
            ["CLIENT", "APP", "OPEN", "SECRET", "SIGNING", "CALLBACKS", "AMBIGUOUS", "ALLOW"],
            &["CLIENT", "APP", "ALLOW"],
        );
        for client in &self.0 {
            table.add([
                client.code.clone(),
                client.app_id.clone().unwrap_or_default(),
                yes_no(client.open).to_owned(),
                client.secret_shown(),
                client.signing.to_owned(),
                client.callbacks(),
                client.ambiguous.to_owned(),
                client.allow.join(","),
            ]);
        }
        table.text("no clients yet: 'wxgate client add' adds one")
    }
}

/// A client after a change, with the secrets that were made for it: the only time they are shown.
#[derive(Debug, Serialize)]
pub(super) struct Changed {
    done: &'static str,
    client: ClientView,
    #[serde(skip_serializing_if = "Option::is_none")]
    made_secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    made_callback_secret: Option<String>,
}

impl Changed {
    pub(super) fn new(done: &'static str, client: &Client, made: &Made) -> Self {
        let shown = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
        Self {
            done,
            client: ClientView::of(client),
            made_secret: shown(&made.secret),
            made_callback_secret: shown(&made.callback_secret),
        }
    }
}

impl Shown for Changed {
    fn text(&self) -> String {
        let heading = format!("{} client {}", self.done, self.client.code);
        let made = [("secret", &self.made_secret), ("callback secret", &self.made_callback_secret)];
        let made: Vec<_> =
            made.into_iter().filter_map(|(label, secret)| Some((label, secret.clone()?))).collect();
        if made.is_empty() {
            return heading;
        }
        let secrets = labelled(made);
        format!("{heading}\n{secrets}\nshown this once: pass on what was made, and keep it safe")
    }
}
