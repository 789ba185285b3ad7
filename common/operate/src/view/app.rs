//! An app, and what holds it back.

use serde::Serialize;
use wxgate_job::decide::Gate;
use wxgate_store::Directory;
use wxgate_store::model::operate::{App, GateView};

use super::seconds;
use crate::fields::presence;

/// One app, its secrets as 'set' or 'missing'.
#[derive(Debug, Serialize)]
pub struct AppView {
    /// Its id.
    pub app_id: String,
    /// Whether requests for it are taken.
    pub enabled: bool,
    /// `AppSecret`.
    pub secret: &'static str,
    /// Which access token it uses.
    pub token: &'static str,
    /// Verifies pushes.
    pub event_token: &'static str,
    /// Decrypts pushes.
    pub aes_key: &'static str,
    /// The third-party platform that it is called through.
    pub component_appid: Option<String>,
    /// Whether it has authorised that platform; absent without one.
    pub authorised: Option<bool>,
    /// Whether unencrypted pushes are refused.
    pub safe_push_only: bool,
    /// Calls a second at most, per worker process.
    pub rate: Option<u32>,
    /// Calls at the same time at most, per worker process.
    pub concurrency: Option<u32>,
    /// What waits, and why.
    pub closed: Vec<Closed>,
}

/// A closed gate: jobs of the app, or of one kind, wait.
#[derive(Debug, Serialize)]
pub struct Closed {
    /// The kind of job that waits; absent: all of them.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// In a word or two.
    pub reason: &'static str,
    /// As in [`wxgate_job::Failure::code`].
    #[serde(skip)]
    pub code: String,
    /// WeChat's return code.
    pub errcode: Option<i64>,
    /// What WeChat said.
    pub message: String,
    /// Since when (Unix seconds).
    pub since: i64,
    /// When the next single job is let through.
    pub next_probe_at: i64,
}

impl AppView {
    /// The app, and what holds it back according to the directory.
    #[must_use]
    pub fn of(app: &App, directory: &Directory) -> Self {
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

    /// All apps of the directory, by id.
    #[must_use]
    pub fn all(directory: &Directory) -> Vec<Self> {
        let mut apps: Vec<_> = directory.apps.values().map(|app| Self::of(app, directory)).collect();
        apps.sort_by(|one, other| one.app_id.cmp(&other.app_id));
        apps
    }
}

impl Closed {
    fn of(gate: &GateView) -> Self {
        Self {
            kind: gate.kind.clone(),
            reason: match gate.gate {
                Gate::Quota => "daily quota used up",
                Gate::Suspended => "suspended",
            },
            code: gate.failure.code.clone(),
            errcode: gate.failure.errcode,
            message: gate.failure.message.clone(),
            since: seconds(gate.closed_at),
            next_probe_at: seconds(gate.next_probe_at),
        }
    }
}
