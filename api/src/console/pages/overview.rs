//! How the gateway stands.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use wxgate_operate::view::Closed;

use super::super::Console;
use super::super::chart::{Bucket, Chart, DAY, HEIGHT, HOUR, Span, WIDTH};
use super::super::desk::{Overview, explained_gate};
use super::super::time;
use super::frame::Frame;
use super::visit;

#[derive(Template)]
#[template(path = "console/overview.html")]
struct OverviewPage<'a> {
    frame: &'a Frame,
    overview: &'a Overview,
    charts: [ChartShown; 2],
}

/// A chart with what is written around it.
struct ChartShown {
    title: &'static str,
    chart: Chart,
    begins: String,
    ends: String,
    width: u32,
    height: u32,
}

impl ChartShown {
    fn of(title: &'static str, span: Span, minute: i64, buckets: &[Bucket]) -> Self {
        let first = span.first_minute(minute);
        let at = |minute: i64| time::hour_and_minute(minute * 60);
        let ends = at(first + span.minutes());
        Self { title, chart: Chart::of(buckets), begins: at(first), ends, width: WIDTH, height: HEIGHT }
    }
}

impl OverviewPage<'_> {
    /// Each part that has to be ready, and how it is.
    fn parts(&self) -> [(&'static str, &str); 4] {
        let ready = &self.overview.readiness;
        [
            (self.frame.say("数据库", "Store"), &ready.store),
            (self.frame.say("表结构", "Schema"), &ready.schema),
            (self.frame.say("设置", "Settings"), &ready.settings),
            (self.frame.say("队列", "Queue"), &ready.queue),
        ]
    }

    /// What to do about a closed gate.
    fn todo(&self, closed: &Closed) -> &'static str {
        explained_gate(closed, self.frame.language).todo
    }

    /// Whether any app is held back.
    fn has_closed(&self) -> bool {
        self.overview.apps.iter().any(|shown| !shown.app.closed.is_empty())
    }
}

/// The page.
pub(super) async fn visit(request: HttpRequest, console: Data<Console>) -> HttpResponse {
    visit::visit(&request, &console, "overview", async |visit| {
        let overview = console.overview().await?;
        let say = |chinese, english| visit.frame.language.pick(chinese, english);
        let hour = say("最近一小时（每分钟）", "The last hour, by minutes");
        let day = say("最近一天（每 15 分钟）", "The last day, by quarters of an hour");
        let charts = [
            ChartShown::of(hour, HOUR, overview.minute, &overview.hour),
            ChartShown::of(day, DAY, overview.minute, &overview.day),
        ];
        visit.show(&OverviewPage { frame: &visit.frame, overview: &overview, charts })
    })
    .await
}
