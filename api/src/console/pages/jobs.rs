//! Finding jobs.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use wxgate_job::JobState;
use wxgate_operate::view::JobLine;

use super::super::desk::{JobPage, explained};
use super::super::query::Query;
use super::super::{Console, PATH};
use super::frame::{Frame, redirect};
use super::visit;

#[derive(Template)]
#[template(path = "console/jobs.html")]
struct JobsPage<'a> {
    frame: &'a Frame,
    query: &'a Query,
    states: [JobState; 6],
    apps: Vec<String>,
    clients: Vec<String>,
    page: &'a JobPage,
    /// The query of the next page; empty: there is none.
    next: String,
}

impl JobsPage<'_> {
    /// Why a job failed, in a few words.
    fn meaning(&self, job: &JobLine) -> String {
        let error = job.error.as_ref();
        error.map(|error| explained(error, self.frame.language).meaning).unwrap_or_default()
    }
}

/// The page. What was typed into the search box may be a job's id: then that job is shown.
pub(super) async fn visit(request: HttpRequest, console: Data<Console>) -> HttpResponse {
    visit::visit(&request, &console, "jobs", async |visit| {
        if let Some(id) = visit.query.job()
            && console.knows_job(id).await?
        {
            return Ok(redirect(&format!("{PATH}/jobs/{id}")));
        }
        let page = console.jobs(visit.query.filter()?).await?;
        let directory = console.operator.directory.now();
        let next = page.next.map(|id| visit.query.with("before", id)).unwrap_or_default();
        visit.show(&JobsPage {
            frame: &visit.frame,
            query: &visit.query,
            states: JobState::ALL,
            apps: sorted(directory.apps.keys()),
            clients: sorted(directory.clients.keys()),
            page: &page,
            next,
        })
    })
    .await
}

fn sorted<'k>(keys: impl Iterator<Item = &'k String>) -> Vec<String> {
    let mut keys: Vec<_> = keys.cloned().collect();
    keys.sort_unstable();
    keys
}
