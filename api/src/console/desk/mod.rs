//! What is asked of the console, and what is done for it: one set of answers, shown by pages and told as
//! JSON. Changes are logged, so that it can be read later who did what; never with a secret.

mod apps;
mod failures;
mod jobs;
mod overview;

use std::future::Future;
use std::sync::Arc;

use wxgate_store::{Store, StoreError};

use super::Console;
use super::trouble::Trouble;

pub(super) use apps::AppShown;
pub(super) use failures::{FailureShown, explained, explained_gate, group_of};
pub(super) use jobs::{CallbackPage, Change, JobPage};
pub(super) use overview::{Counted, Overview};

impl Console {
    /// Asks the store, from the runtime that the store lives on: a connection opened on the listener's
    /// thread would die with it. A request that is given up meanwhile leaves the work to finish.
    pub(super) async fn ask<T, W>(&self, ask: impl FnOnce(Arc<dyn Store>) -> W) -> Result<T, Trouble>
    where
        T: Send + 'static,
        W: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        Ok(self.at_home(ask(Arc::clone(&self.operator.store))).await??)
    }

    /// Does work on that runtime.
    pub(super) async fn at_home<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Trouble> {
        self.home.spawn(work).await.map_err(|error| Trouble::Ours(error.into()))
    }
}
