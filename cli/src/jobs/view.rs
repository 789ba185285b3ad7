//! Jobs as operators see them.

use serde::Serialize;
use serde_json::Value;
use wxgate_job::{Failure, JobId, JobState};
use wxgate_store::model::status::{JobDetail, JobView};

use crate::callbacks::CallbackShown;
use crate::history::{self, AttemptView};
use crate::local_time::{local, seconds};
use crate::output::Shown;
use crate::table::{Table, labelled};

/// A job in a list.
#[derive(Debug, Serialize)]
struct JobLine {
    job_id: JobId,
    kind: String,
    client: String,
    app: String,
    state: JobState,
    attempts: u32,
    created_at: i64,
    updated_at: i64,
    due_at: i64,
    result: Option<Value>,
    error: Option<Failure>,
    callback: &'static str,
    #[serde(skip)]
    times: Times,
}

/// Times for people.
#[derive(Debug)]
struct Times {
    created: String,
    updated: String,
    due: String,
}

impl JobLine {
    fn of(job: &JobView) -> Self {
        Self {
            job_id: job.id,
            kind: job.lane.kind.to_string(),
            client: job.lane.client.clone(),
            app: job.lane.app.clone(),
            state: job.state,
            attempts: job.attempts,
            created_at: seconds(job.created_at),
            updated_at: seconds(job.updated_at),
            due_at: seconds(job.due_at),
            result: job.result.as_deref().map(parsed),
            error: job.failure.clone(),
            callback: job.callback.map_or("none", |callback| callback.state.shown()),
            times: Times {
                created: local(job.created_at),
                updated: local(job.updated_at),
                due: local(job.due_at),
            },
        }
    }
}

/// Stored JSON, or its text should it not be JSON.
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_not_json| Value::from(text))
}

/// Jobs, newest first.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct JobList(Vec<JobLine>);

impl JobList {
    pub(super) fn of(jobs: &[JobView]) -> Self {
        Self(jobs.iter().map(JobLine::of).collect())
    }
}

impl Shown for JobList {
    fn text(&self) -> String {
        let mut table = Table::new(
            ["ID", "KIND", "CLIENT", "STATE", "TRIED", "CHANGED", "WHY"],
            &["KIND", "CLIENT", "WHY"],
        );
        for job in &self.0 {
            table.add([
                job.job_id.to_string(),
                job.kind.clone(),
                job.client.clone(),
                job.state.to_string(),
                job.attempts.to_string(),
                job.times.updated.clone(),
                job.error.as_ref().map(short).unwrap_or_default(),
            ]);
        }
        table.text("no such jobs")
    }
}

/// A failure in a word or two; its sentence has no room in a list.
fn short(failure: &Failure) -> String {
    let errcode = failure.errcode.map(|errcode| format!(" {errcode}"));
    format!("{}{}", failure.code, errcode.unwrap_or_default())
}

/// One job with all that is known of it.
#[derive(Debug, Serialize)]
pub(super) struct JobShown {
    #[serde(flatten)]
    job: JobLine,
    subject: String,
    payload: Value,
    history: Vec<AttemptView>,
    callbacks: Vec<CallbackShown>,
}

impl JobShown {
    pub(super) fn of(job: &JobDetail) -> Self {
        Self {
            job: JobLine::of(&job.view),
            subject: job.subject.clone(),
            payload: parsed(&job.payload),
            history: history::views(&job.attempts),
            callbacks: job.callbacks.iter().map(CallbackShown::of).collect(),
        }
    }
}

impl Shown for JobShown {
    fn text(&self) -> String {
        let attempts = history::text(&self.history);
        let callbacks = self.callbacks.iter().map(Shown::text);
        let parts = [labelled(self.facts()), format!("attempts\n{attempts}")];
        parts.into_iter().chain(callbacks).collect::<Vec<_>>().join("\n\n")
    }
}

impl JobShown {
    fn facts(&self) -> Vec<(&'static str, String)> {
        let job = &self.job;
        let due = (job.state == JobState::Queued).then(|| ("due", job.times.due.clone()));
        let failure = job.error.as_ref();
        let failure = failure.map(|failure| ("error", format!("{}: {}", failure.code, failure.message)));
        let result = job.result.as_ref().map(|result| ("result", result.to_string()));
        let mut facts = vec![
            ("job", job.job_id.to_string()),
            ("state", job.state.to_string()),
            ("kind", job.kind.clone()),
            ("client", job.client.clone()),
            ("app", job.app.clone()),
            ("subject", self.subject.clone()),
            ("accepted", job.times.created.clone()),
            ("changed", job.times.updated.clone()),
        ];
        facts.extend([due, failure, result].into_iter().flatten());
        facts.push(("payload", self.payload.to_string()));
        facts
    }
}
