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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::super::super::desk::Counted;
    use super::super::super::mass::Stand;
    use super::*;
    use crate::language::Language;

    #[test]
    fn what_was_not_counted_to_its_end_is_said_to_be_more() {
        let task = MassView {
            id: 1,
            target: Target::Callbacks,
            rate: 10,
            begun_at: 0,
            expected: Counted { number: 1000, capped: true },
            done: 7,
            refused: 0,
            stand: Stand::Running,
        };
        let frame = Frame::outside(Language::English);
        let page = TasksPage { frame: &frame, tasks: vec![task] }.render().unwrap();
        assert!(page.contains("7 / 1000+"), "{page}");
    }
}
