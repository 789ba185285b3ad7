//! Jobs as people read them.

use serde::Serialize;
use wxgate_job::{Failure, JobState};
use wxgate_operate::view::{JobLine, JobShown};
use wxgate_store::model::status::{JobDetail, JobView};

use crate::local_time::local;
use crate::output::Shown;
use crate::table::{Table, labelled};
use crate::{callbacks, history};

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
                local(job.updated_at),
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
#[serde(transparent)]
pub(super) struct Job(JobShown);

impl Job {
    pub(super) fn of(job: &JobDetail) -> Self {
        Self(JobShown::of(job))
    }
}

impl Shown for Job {
    fn text(&self) -> String {
        let attempts = history::text(&self.0.history);
        let callbacks = self.0.callbacks.iter().map(callbacks::text);
        let parts = [labelled(self.facts()), format!("attempts\n{attempts}")];
        parts.into_iter().chain(callbacks).collect::<Vec<_>>().join("\n\n")
    }
}

impl Job {
    fn facts(&self) -> Vec<(&'static str, String)> {
        let job = &self.0.job;
        let due = (job.state == JobState::Queued).then(|| ("due", local(job.due_at)));
        let failure = job.error.as_ref();
        let failure = failure.map(|failure| ("error", format!("{}: {}", failure.code, failure.message)));
        let result = job.result.as_ref().map(|result| ("result", result.to_string()));
        let mut facts = vec![
            ("job", job.job_id.to_string()),
            ("state", job.state.to_string()),
            ("kind", job.kind.clone()),
            ("client", job.client.clone()),
            ("app", job.app.clone()),
            ("subject", self.0.subject.clone()),
            ("accepted", local(job.created_at)),
            ("changed", local(job.updated_at)),
        ];
        facts.extend([due, failure, result].into_iter().flatten());
        facts.push(("payload", self.0.payload.to_string()));
        facts
    }
}
