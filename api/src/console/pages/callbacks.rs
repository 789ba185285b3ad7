//! Callbacks that were given up.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use wxgate_operate::callbacks::Name;

use super::super::Console;
use super::super::desk::{CallbackPage, Change};
use super::super::mass::{FASTEST, USUAL};
use super::super::trouble::Trouble;
use super::frame::Frame;
use super::visit::{self, shown_at};

#[derive(Template)]
#[template(path = "console/callbacks.html")]
struct CallbacksPage<'a> {
    frame: &'a Frame,
    page: &'a CallbackPage,
    usual: u32,
    fastest: u32,
}

/// The page.
pub(super) async fn visit(request: HttpRequest, console: Data<Console>) -> HttpResponse {
    visit::visit(&request, &console, "callbacks", async |visit| {
        let page = console.exhausted(visit.query.read("before")?).await?;
        visit.show(&CallbacksPage { frame: &visit.frame, page: &page, usual: USUAL, fastest: FASTEST })
    })
    .await
}

/// Those that were ticked.
pub(super) async fn replay(request: HttpRequest, console: Data<Console>, payload: Payload) -> HttpResponse {
    visit::change(&request, &console, payload, async |_, form| {
        let names: Result<Vec<Name>, _> = form.all("callback").map(str::parse).collect();
        let names = names.map_err(|_| Trouble::Value("callback"))?;
        if names.is_empty() {
            return Err(Trouble::Nothing);
        }
        for name in names {
            match console.change(name.job, Change::Replay(name.seq)).await {
                // Somebody else was faster.
                Ok(()) | Err(Trouble::Refused(_)) => {}
                Err(trouble) => return Err(trouble),
            }
        }
        Ok(shown_at("/callbacks", "replayed"))
    })
    .await
}

/// All of them.
pub(super) async fn replay_all(
    request: HttpRequest,
    console: Data<Console>,
    payload: Payload,
) -> HttpResponse {
    visit::change(&request, &console, payload, async |_, form| {
        console.replay_all(form.parse("rate")?.unwrap_or(USUAL)).await?;
        Ok(shown_at("/tasks", "begun"))
    })
    .await
}
