//! What this process is doing to many.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::super::Console;
use super::super::mass::{MassView, Target};
use super::super::trouble::Trouble;
use super::frame::Frame;
use super::visit::{self, shown_at};

#[derive(Template)]
#[template(path = "console/tasks.html")]
struct TasksPage<'a> {
    frame: &'a Frame,
    tasks: Vec<MassView>,
}

impl TasksPage<'_> {
    /// Whether the page is to be asked for again in a moment.
    fn is_moving(&self) -> bool {
        self.tasks.iter().any(MassView::is_running)
    }

    fn title(&self, task: &MassView) -> String {
        let say = |chinese, english| self.frame.language.pick(chinese, english);
        match &task.target {
            Target::Callbacks => say("重发已放弃的回调", "Callbacks that were given up").to_owned(),
            Target::Failures(group) => {
                let code = group.errcode.map_or_else(|| group.code.clone(), |errcode| errcode.to_string());
                format!("{}: {code} · {} · {}", say("重试失败任务", "Failed jobs"), group.app, group.kind)
            }
        }
    }
}

/// The page.
pub(super) async fn visit(request: HttpRequest, console: Data<Console>) -> HttpResponse {
    visit::visit(&request, &console, "tasks", async |visit| {
        visit.show(&TasksPage { frame: &visit.frame, tasks: console.masses.views() })
    })
    .await
}

/// Stops one.
pub(super) async fn stop(
    request: HttpRequest,
    console: Data<Console>,
    id: Path<String>,
    payload: Payload,
) -> HttpResponse {
    visit::change(&request, &console, payload, async |_, _| {
        console.masses.stop(id.parse().map_err(|_| Trouble::NoSuchTask)?)?;
        Ok(shown_at("/tasks", "stopped"))
    })
    .await
}
