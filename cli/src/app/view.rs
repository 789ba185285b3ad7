//! Apps as operators see them.

use serde::Serialize;
use wxgate_job::decide::Gate;
use wxgate_store::Directory;
use wxgate_store::model::operate::{App, GateView};

use crate::fields::{presence, yes_no};
use crate::local_time::{local, seconds};
use crate::output::Shown;
use crate::table::Table;

/// One app, its secrets as 'set' or 'missing'.
#[derive(Debug, Serialize)]
pub(super) struct AppView {
    pub(super) app_id: String,
    enabled: bool,
    secret: &'static str,
    token: &'static str,
    event_token: &'static str,
    aes_key: &'static str,
    /// The third-party platform that it is called through.
    component_appid: Option<String>,
    /// Whether it has authorised that platform; absent without one.
    authorised: Option<bool>,
    safe_push_only: bool,
    rate: Option<u32>,
    concurrency: Option<u32>,
    /// What waits, and why.
    closed: Vec<Closed>,
}

/// A closed gate: jobs of the app, or of one kind, wait.
#[derive(Debug, Serialize)]
struct Closed {
    /// The kind of job that waits; absent: all of them.
    #[serde(skip_serializing_if = "String::is_empty")]
    kind: String,
    reason: &'static str,
    errcode: Option<i64>,
    message: String,
    since: i64,
    next_probe_at: i64,
    #[serde(skip)]
    sentence: String,
}

impl AppView {
    /// The app, and what holds it back according to the directory.
    pub(super) fn of(app: &App, directory: &Directory) -> Self {
        let gates = directory.gates.iter().filter(|gate| gate.app_id == app.app_id);
        Self {
            app_id: app.app_id.clone(),
            enabled: app.enabled,
            secret: presence(app.secret.as_ref()),
            token: app.token.as_str(),
            event_token: presence(app.event_token.as_ref()),
            aes_key: presence(app.aes_key.as_ref()),
            component_appid: app.component_appid.clone(),
            authorised: app.component_appid.as_ref().map(|_| app.authorised),
            safe_push_only: app.safe_push_only,
            rate: app.rate,
            concurrency: app.concurrency,
            closed: gates.map(Closed::of).collect(),
        }
    }
}

impl AppView {
    /// A line on its platform, if it is on one.
    fn platform(&self) -> Option<String> {
        let platform = self.component_appid.as_ref()?;
        Some(match self.authorised {
            Some(true) => format!("{}: on platform {platform}, authorised", self.app_id),
            _ => format!("{}: on platform {platform}, which it has not authorised (114)", self.app_id),
        })
    }
}

impl Closed {
    fn of(gate: &GateView) -> Self {
        let reason = match gate.gate {
            Gate::Quota => "daily quota used up",
            Gate::Suspended => "suspended",
        };
        let jobs = if gate.kind.is_empty() { "all jobs wait" } else { &format!("{} waits", gate.kind) };
        Self {
            kind: gate.kind.clone(),
            reason,
            errcode: gate.failure.errcode,
            message: gate.failure.message.clone(),
            since: seconds(gate.closed_at),
            next_probe_at: seconds(gate.next_probe_at),
            sentence: format!(
                "{}: {reason} since {}, {jobs}: {} (tried again at {})",
                gate.app_id,
                local(gate.closed_at),
                gate.failure.message,
                local(gate.next_probe_at)
            ),
        }
    }
}

/// All apps, by id.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct AppList(Vec<AppView>);

impl AppList {
    pub(super) fn of(directory: &Directory) -> Self {
        let mut apps: Vec<_> = directory.apps.values().map(|app| AppView::of(app, directory)).collect();
        apps.sort_by(|one, other| one.app_id.cmp(&other.app_id));
        Self(apps)
    }
}

impl Shown for AppList {
    fn text(&self) -> String {
        let mut table = Table::new(
            [
                "APP",
                "ENABLED",
                "SECRET",
                "TOKEN",
                "EVENT TOKEN",
                "AES KEY",
                "SAFE ONLY",
                "RATE",
                "CONCURRENCY",
            ],
            &["APP"],
        );
        for app in &self.0 {
            table.add([
                app.app_id.clone(),
                yes_no(app.enabled).to_owned(),
                app.secret.to_owned(),
                app.token.to_owned(),
                app.event_token.to_owned(),
                app.aes_key.to_owned(),
                yes_no(app.safe_push_only).to_owned(),
                limit(app.rate),
                limit(app.concurrency),
            ]);
        }
        let platforms = self.0.iter().filter_map(AppView::platform);
        let closed = self.0.iter().flat_map(|app| &app.closed).map(|closed| closed.sentence.clone());
        let below = platforms.chain(closed).map(|line| format!("\n{line}"));
        table.text("no apps yet: 'wxgate app add' adds one") + &below.collect::<String>()
    }
}

fn limit(limit: Option<u32>) -> String {
    limit.map_or_else(|| "none".to_owned(), |limit| limit.to_string())
}
