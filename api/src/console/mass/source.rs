//! What a task is done to, page by page, each once: also when it fails again and is back in the same list.

use wxgate_job::{JobState, Kind};
use wxgate_operate::callbacks::Name;
use wxgate_operate::jobs::Seen;
use wxgate_operate::{Verdict, callbacks, jobs};
use wxgate_store::model::operate::JobFilter;
use wxgate_store::{Store, StoreError};

use super::Target;

/// Read at a time: some 100 KiB.
const PAGE: u32 = 200;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Item {
    Job(Seen),
    Callback(Name),
}

impl Item {
    /// Does it.
    pub(super) async fn act(self, store: &dyn Store) -> Result<Verdict, StoreError> {
        match self {
            Self::Job(seen) => jobs::retry(store, seen).await,
            Self::Callback(name) => callbacks::replay(store, name).await,
        }
    }
}

/// Where they come from, the newest first.
pub(super) enum Source {
    Jobs { filter: JobFilter, is_over: bool },
    Callbacks { before: Option<Name>, is_over: bool },
}

impl Source {
    pub(super) fn of(target: &Target) -> Self {
        match target {
            Target::Failures(group) => {
                let filter = JobFilter {
                    state: Some(JobState::Failed),
                    app: Some(group.app.clone()),
                    kind: Some(Kind::stored(group.kind.clone())),
                    cause: Some(group.cause()),
                    limit: PAGE,
                    ..JobFilter::default()
                };
                Self::Jobs { filter, is_over: false }
            }
            Target::Callbacks => Self::Callbacks { before: None, is_over: false },
        }
    }

    /// The next page, which may be empty; `None`: there are no more.
    pub(super) async fn next(&mut self, store: &dyn Store) -> Result<Option<Vec<Item>>, StoreError> {
        match self {
            Self::Jobs { is_over: true, .. } | Self::Callbacks { is_over: true, .. } => Ok(None),
            Self::Jobs { filter, is_over } => {
                let page = store.list_jobs(filter).await?;
                filter.before = page.next(PAGE);
                *is_over = filter.before.is_none();
                Ok(Some(page.jobs.iter().map(|job| Item::Job(Seen::of(job))).collect()))
            }
            Self::Callbacks { before, is_over } => {
                let page = store.exhausted_callbacks(before.map(Name::cursor), PAGE).await?;
                let names: Vec<_> = page.iter().map(Name::of).collect();
                *before = names.last().copied();
                *is_over = before.is_none();
                Ok(Some(names.into_iter().map(Item::Callback).collect()))
            }
        }
    }
}
