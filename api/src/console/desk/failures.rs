//! Failed jobs by cause, and doing something about all of a cause.

use serde::Serialize;
use wxgate_job::{Failure, JobId};
use wxgate_operate::advice::{self, Advice};
use wxgate_operate::view::Closed;
use wxgate_store::model::insight::FailureGroup;

use super::super::Console;
use super::super::mass::{Group, MassView, Target};
use super::super::trouble::Trouble;
use super::overview::Counted;
use crate::language::Language;

/// Groups told at most.
const GROUPS: u32 = 100;

/// Failed jobs of one cause.
#[derive(Debug, Serialize)]
pub(crate) struct FailureShown {
    #[serde(flatten)]
    pub(crate) group: Group,
    /// How many there are.
    pub(crate) jobs: Counted,
    pub(crate) newest: JobId,
    /// When that one failed (Unix seconds).
    pub(crate) newest_at: i64,
    /// What was said of that one.
    pub(crate) message: String,
    /// What to do about it, in English.
    pub(crate) advice: &'static str,
}

impl FailureShown {
    fn of(found: FailureGroup) -> Self {
        let FailureGroup { code, errcode, app_id, kind, jobs, newest, newest_at, message } = found;
        let group = Group { code, errcode, app: app_id, kind: kind.to_string() };
        let mut shown = Self {
            group,
            jobs: jobs.into(),
            newest,
            newest_at: newest_at.div_euclid(1000),
            message,
            advice: "",
        };
        shown.advice = advice::english(&shown.failure()).todo;
        shown
    }

    /// As it stands with the newest job.
    pub(crate) fn failure(&self) -> Failure {
        let failure = Failure::new(&self.group.code, self.message.as_str());
        Failure { errcode: self.group.errcode, ..failure }
    }

    /// What it means and what to do.
    pub(crate) fn explained(&self, language: Language) -> Advice {
        explained(&self.failure(), language)
    }
}

/// What a failure means and what to do.
pub(crate) fn explained(failure: &Failure, language: Language) -> Advice {
    match language {
        Language::Chinese => advice::chinese(failure),
        Language::English => advice::english(failure),
    }
}

/// What a closed gate means and what to do.
pub(crate) fn explained_gate(closed: &Closed, language: Language) -> Advice {
    let failure = Failure::new(&closed.code, closed.message.as_str());
    explained(&Failure { errcode: closed.errcode, ..failure }, language)
}

/// The group that is named, each part of it by `read`.
pub(crate) fn group_of(read: impl Fn(&'static str) -> Option<String>) -> Result<Group, Trouble> {
    let needed = |name: &'static str| read(name).ok_or(Trouble::Value(name));
    let errcode = read("errcode").map(|text| text.parse().map_err(|_| Trouble::Value("errcode")));
    Ok(Group {
        code: needed("code")?,
        errcode: errcode.transpose()?,
        app: needed("app")?,
        kind: needed("kind")?,
    })
}

impl Console {
    /// Failed jobs by cause, the newest first.
    pub(crate) async fn failures(&self) -> Result<Vec<FailureShown>, Trouble> {
        let groups = self.ask(|store| async move { store.failures(GROUPS).await }).await?;
        Ok(groups.into_iter().map(FailureShown::of).collect())
    }

    /// Retries all of a group, so many a second.
    pub(crate) async fn retry_group(&self, group: Group, rate: u32) -> Result<MassView, Trouble> {
        let failures = self.failures().await?;
        let found = failures.into_iter().find(|failure| failure.group == group);
        let expected = found.map_or(Counted::NONE, |failure| failure.jobs);
        self.begin(Target::Failures(group), rate, expected)
    }

    /// Sends all callbacks again that were given up, so many a second.
    pub(crate) async fn replay_all(&self, rate: u32) -> Result<MassView, Trouble> {
        let backlog = self.ask(|store| async move { store.backlog().await }).await?;
        self.begin(Target::Callbacks, rate, backlog.exhausted.into())
    }

    fn begin(&self, target: Target, rate: u32, expected: Counted) -> Result<MassView, Trouble> {
        let task = self.masses.begin(target, rate, expected)?;
        tracing::info!(task = task.id, target = ?task.target, rate = task.rate, "console.task_begun");
        Ok(task)
    }
}
