//! Failed jobs by cause, with what to do about each.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use url::form_urlencoded;
use wxgate_operate::advice::Advice;

use super::super::Console;
use super::super::desk::{FailureShown, group_of};
use super::super::mass::{FASTEST, USUAL};
use super::frame::Frame;
use super::visit::{self, shown_at};

#[derive(Template)]
#[template(path = "console/failures.html")]
struct FailuresPage<'a> {
    frame: &'a Frame,
    groups: Vec<GroupShown>,
    usual: u32,
    fastest: u32,
}

struct GroupShown {
    failure: FailureShown,
    advice: Advice,
    /// Finds its jobs.
    query: String,
}

impl GroupShown {
    fn of(failure: FailureShown, frame: &Frame) -> Self {
        let mut query = form_urlencoded::Serializer::new(String::from("state=failed"));
        let group = &failure.group;
        query.append_pair("code", &group.code);
        query.append_pair("app", &group.app).append_pair("kind", &group.kind);
        if let Some(errcode) = group.errcode {
            query.append_pair("errcode", &errcode.to_string());
        }
        let query = query.finish();
        Self { advice: failure.explained(frame.language), failure, query }
    }
}

/// The page.
pub(super) async fn visit(request: HttpRequest, console: Data<Console>) -> HttpResponse {
    visit::visit(&request, &console, "failures", async |visit| {
        let frame = &visit.frame;
        let groups = console.failures().await?.into_iter().map(|failure| GroupShown::of(failure, frame));
        visit.show(&FailuresPage { frame, groups: groups.collect(), usual: USUAL, fastest: FASTEST })
    })
    .await
}

/// All of one cause.
pub(super) async fn retry(request: HttpRequest, console: Data<Console>, payload: Payload) -> HttpResponse {
    visit::change(&request, &console, payload, async |_, form| {
        let group = group_of(|name| form.get(name).map(str::to_owned))?;
        console.retry_group(group, form.parse("rate")?.unwrap_or(USUAL)).await?;
        Ok(shown_at("/tasks", "begun"))
    })
    .await
}
