//! One job: what was accepted, what became of it, and what can be done.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::Value;
use wxgate_job::{JobId, JobState};
use wxgate_operate::advice::Advice;
use wxgate_operate::view::{CallbackView, JobShown};

use super::super::Console;
use super::super::desk::{Change, explained};
use super::super::trouble::Trouble;
use super::frame::Frame;
use super::visit::{self, shown_at};

/// Of a payload or a result, what a page shows (characters): a screenful of screens.
const SHOWN: usize = 20_000;

#[derive(Template)]
#[template(path = "console/job.html")]
struct JobPage<'a> {
    frame: &'a Frame,
    shown: &'a JobShown,
    /// What its error means and what to do.
    advice: Option<Advice>,
    payload: Pretty,
    result: Option<Pretty>,
}

/// JSON as people read it.
struct Pretty {
    text: String,
    /// There is more.
    cut: bool,
}

impl Pretty {
    fn of(value: &Value) -> Self {
        let whole = serde_json::to_string_pretty(value).unwrap_or_default();
        let cut = whole.char_indices().nth(SHOWN).map(|(end, _)| end);
        Self { text: whole[..cut.unwrap_or(whole.len())].to_owned(), cut: cut.is_some() }
    }
}

impl JobPage<'_> {
    fn can_be_retried(&self) -> bool {
        matches!(self.shown.job.state, JobState::Failed | JobState::Waiting)
    }

    /// What the form tells of the job, so that another is not retried in its place.
    fn seen(&self) -> i64 {
        self.shown.job.seen.updated_at.unwrap_or_default()
    }

    fn can_be_cancelled(&self) -> bool {
        self.shown.job.state == JobState::Queued
    }
}

/// The number by which a form names a callback.
fn seq(callback: &CallbackView) -> &str {
    callback.callback.rsplit('/').next().unwrap_or_default()
}

/// The page.
pub(super) async fn visit(request: HttpRequest, console: Data<Console>, id: Path<String>) -> HttpResponse {
    visit::visit(&request, &console, "jobs", async |visit| {
        let shown = console.job(parsed(&id)?).await?;
        let error = shown.job.error.as_ref();
        visit.show(&JobPage {
            frame: &visit.frame,
            advice: error.map(|error| explained(error, visit.frame.language)),
            payload: Pretty::of(&shown.payload),
            result: shown.job.result.as_ref().map(Pretty::of),
            shown: &shown,
        })
    })
    .await
}

/// What is to become of it.
pub(super) async fn change(
    request: HttpRequest,
    console: Data<Console>,
    path: Path<(String, String)>,
    payload: Payload,
) -> HttpResponse {
    visit::change(&request, &console, payload, async |_, form| {
        let id = parsed(&path.0)?;
        let (change, done) = match path.1.as_str() {
            "retry" => (Change::Retry(form.parse("seen")?), "retried"),
            "cancel" => (Change::Cancel, "cancelled"),
            "callback" => (Change::Replay(form.parse("seq")?), "replayed"),
            _ => return Err(Trouble::NoSuchPage),
        };
        console.change(id, change).await?;
        Ok(shown_at(&format!("/jobs/{id}"), done))
    })
    .await
}

fn parsed(id: &str) -> Result<JobId, Trouble> {
    id.parse().map_err(|_| Trouble::NoSuchJob)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_huge_payload_is_cut_between_two_characters() {
        let pretty = Pretty::of(&Value::from("卡".repeat(SHOWN)));
        assert_eq!((pretty.text.chars().count(), pretty.cut), (SHOWN, true));
        assert!(!Pretty::of(&Value::from("卡")).cut);
    }
}
