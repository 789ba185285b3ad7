//! Jobs and callbacks: finding them, and changing one.

use serde::Serialize;
use wxgate_job::JobId;
use wxgate_operate::callbacks::Name;
use wxgate_operate::jobs::Seen;
use wxgate_operate::view::{CallbackView, JobLine, JobShown};
use wxgate_operate::{Verdict, callbacks, jobs};
use wxgate_store::model::operate::JobFilter;

use super::super::Console;
use super::super::trouble::Trouble;

/// A page of a search for jobs.
#[derive(Debug, Serialize)]
pub(crate) struct JobPage {
    pub(crate) jobs: Vec<JobLine>,
    /// Where the next page begins (`before`); `null`: this was the last.
    pub(crate) next: Option<JobId>,
    /// The page ended since enough was looked at, not since it was full or nothing is left.
    pub(crate) searched_to: Option<JobId>,
}

/// A page of callbacks that were given up.
#[derive(Debug, Serialize)]
pub(crate) struct CallbackPage {
    pub(crate) callbacks: Vec<CallbackView>,
    /// Where the next page begins (`before`); `null`: this was the last.
    pub(crate) next: Option<String>,
}

/// Callbacks on a page.
const CALLBACKS: u32 = 100;

/// What can be done to one job.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    /// Unless it has changed since then (its `updated_at`, Unix milliseconds), when that is said.
    Retry(Option<i64>),
    Cancel,
    /// Sends its callbacks again that are over, or the one of this number.
    Replay(Option<i32>),
}

impl Change {
    /// In a word, for the log and for answers.
    pub(crate) const fn done(self) -> &'static str {
        match self {
            Self::Retry(_) => "retried",
            Self::Cancel => "cancelled",
            Self::Replay(_) => "queued again",
        }
    }
}

impl Console {
    /// The jobs that pass a filter.
    pub(crate) async fn jobs(&self, filter: JobFilter) -> Result<JobPage, Trouble> {
        let limit = filter.limit;
        let page = self.ask(|store| async move { store.list_jobs(&filter).await }).await?;
        Ok(JobPage {
            jobs: page.jobs.iter().map(JobLine::of).collect(),
            next: page.next(limit),
            searched_to: page.searched_to,
        })
    }

    /// Whether there is such a job.
    pub(crate) async fn knows_job(&self, id: JobId) -> Result<bool, Trouble> {
        self.ask(|store| async move { Ok(!store.views(&[id]).await?.is_empty()) }).await
    }

    /// All that is known of a job.
    pub(crate) async fn job(&self, id: JobId) -> Result<JobShown, Trouble> {
        let job = self.ask(|store| async move { store.job(id).await }).await?;
        job.map(|job| JobShown::of(&job)).ok_or(Trouble::NoSuchJob)
    }

    /// Changes a job, or its callbacks.
    pub(crate) async fn change(&self, id: JobId, change: Change) -> Result<(), Trouble> {
        let asked = self.ask(|store| async move {
            match change {
                Change::Retry(updated_at) => jobs::retry(store.as_ref(), Seen { id, updated_at }).await,
                Change::Cancel => jobs::cancel(store.as_ref(), id).await,
                Change::Replay(seq) => callbacks::replay(store.as_ref(), Name { job: id, seq }).await,
            }
        });
        match asked.await? {
            Verdict::Done => {
                tracing::info!(job = id.get(), done = change.done(), "console.job_changed");
                Ok(())
            }
            refused => Err(Trouble::Refused(refused)),
        }
    }

    /// Callbacks that were given up.
    pub(crate) async fn exhausted(&self, before: Option<Name>) -> Result<CallbackPage, Trouble> {
        let before = before.map(Name::cursor);
        let found =
            self.ask(|store| async move { store.exhausted_callbacks(before, CALLBACKS).await }).await?;
        let is_full = found.len() == CALLBACKS as usize;
        let next = found.last().filter(|_| is_full).map(|last| Name::of(last).to_string());
        Ok(CallbackPage { callbacks: found.iter().map(CallbackView::of).collect(), next })
    }
}
