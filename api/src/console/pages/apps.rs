//! Apps: how they stand, and mending one.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use wxgate_operate::advice::Advice;
use wxgate_operate::app::{AppChange, Edit};
use wxgate_operate::view::Closed;

use super::super::Console;
use super::super::desk::{AppShown, explained_gate};
use super::frame::Frame;
use super::visit::{self, shown_at};

#[derive(Template)]
#[template(path = "console/apps.html")]
struct AppsPage<'a> {
    frame: &'a Frame,
    apps: &'a [AppShown],
}

#[derive(Template)]
#[template(path = "console/app.html")]
struct AppPage<'a> {
    frame: &'a Frame,
    shown: &'a AppShown,
}

impl AppPage<'_> {
    /// What to do about a closed gate.
    fn advice(&self, closed: &Closed) -> Advice {
        explained_gate(closed, self.frame.language)
    }
}

/// All apps.
pub(super) async fn visit(request: HttpRequest, console: Data<Console>) -> HttpResponse {
    visit::visit(&request, &console, "apps", async |visit| {
        visit.show(&AppsPage { frame: &visit.frame, apps: &console.apps().await? })
    })
    .await
}

/// One of them.
pub(super) async fn visit_one(
    request: HttpRequest,
    console: Data<Console>,
    id: Path<String>,
) -> HttpResponse {
    visit::visit(&request, &console, "apps", async |visit| {
        visit.show(&AppPage { frame: &visit.frame, shown: &console.app(&id).await? })
    })
    .await
}

/// What is to change of it; with nothing, it is tried at once.
pub(super) async fn mend(
    request: HttpRequest,
    console: Data<Console>,
    id: Path<String>,
    payload: Payload,
) -> HttpResponse {
    visit::change(&request, &console, payload, async |_, form| {
        let secret = form.secret("secret").map_or(Edit::Keep, Edit::Set);
        // What was not chosen anew stays as it is by now: the page may be older than somebody else's change.
        let chosen = form.get("enabled").filter(|chosen| form.get("was_enabled") != Some(chosen));
        let enabled = chosen.map(|chosen| chosen == "yes");
        let is_probe = matches!(secret, Edit::Keep) && enabled.is_none();
        console.set_app(&id, AppChange { secret, enabled, ..AppChange::default() }).await?;
        let id = utf8_percent_encode(&id, NON_ALPHANUMERIC);
        Ok(shown_at(&format!("/apps/{id}"), if is_probe { "probed" } else { "mended" }))
    })
    .await
}
