//! What a kind of job has to offer, and the list of those that are known.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;
use wxgate_job::{Kind, Outcome};
use wxgate_store::model::work::ClaimedJob;

/// Does one kind of job. A handler says what happened and touches neither queue nor store; it may
/// be run again for the same job at any time, and that must be harmless.
#[async_trait]
pub trait Handler: Send + Sync {
    /// The kind that it does.
    fn kind(&self) -> Kind;

    /// The longest that one attempt may take, whatever the lease allows.
    fn limit(&self) -> Duration;

    /// Whether running it twice at once does no harm. An attempt may then go on for [`Self::limit`] as
    /// long as this process keeps its lease, and is dropped when the lease is lost; any other ends with
    /// the lease as it stood at the beginning.
    fn repeatable(&self) -> bool {
        false
    }

    /// Runs one attempt. Nothing may be written to the outside after `deadline`.
    async fn run(&self, job: &ClaimedJob, deadline: Instant) -> Outcome;
}

/// The kinds that this process does.
#[derive(Clone)]
pub struct Handlers {
    by_kind: Arc<HashMap<Kind, Arc<dyn Handler>>>,
}

impl Handlers {
    /// A later handler of a kind replaces an earlier one.
    #[must_use]
    pub fn new(handlers: Vec<Arc<dyn Handler>>) -> Self {
        let by_kind = handlers.into_iter().map(|handler| (handler.kind(), handler)).collect();
        Self { by_kind: Arc::new(by_kind) }
    }

    /// The handler of a kind; `None` for a kind that a newer version stored.
    #[must_use]
    pub fn of(&self, kind: &Kind) -> Option<&Arc<dyn Handler>> {
        self.by_kind.get(kind)
    }

    /// The kinds, in no particular order.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.by_kind.keys()
    }
}

impl std::fmt::Debug for Handlers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.by_kind.keys()).finish()
    }
}
