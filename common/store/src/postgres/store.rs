//! The verbs, each in the module that holds its SQL.

use std::time::Duration;

use async_trait::async_trait;
use wxgate_job::{JobId, Lane};

use super::{PostgresStore, callbacks, gates, intake, leases, operate, settings, status, work};
use crate::directory::Directory;
use crate::error::StoreError;
use crate::model::callback::{CallbackId, CallbackSettlement, ClaimedCallback, DueEndpoint};
use crate::model::intake::{Acceptance, NewJob, ReplayKey};
use crate::model::operate::{App, Client, GateOrder, JobFilter};
use crate::model::status::{CallbackDetail, Cancellation, JobDetail, JobView};
use crate::model::work::{ClaimedJob, DueLane, Rescued, Settled, Settlement, WorkerId};
use crate::store::Store;

/// Longer than any verb takes, and than a statement may (see the pool's options). A server that fell
/// silent, its host switched off or a route gone, would otherwise be waited for until TCP gives up,
/// which takes a quarter of an hour.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Waits for a verb as long as its answer may still come.
async fn bounded<T>(verb: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let silent = || StoreError::OutcomeUnknown(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()));
    tokio::time::timeout(ANSWER_WITHIN, verb).await.unwrap_or_else(|_late| Err(silent()))
}

#[async_trait]
impl Store for PostgresStore {
    async fn accept(&self, jobs: &[NewJob]) -> Result<Vec<Acceptance>, StoreError> {
        bounded(intake::accept(&self.pool, jobs)).await
    }

    async fn recognise(&self, job: &NewJob) -> Result<Option<Acceptance>, StoreError> {
        bounded(intake::recognise(&self.pool, job)).await
    }

    async fn claim_authcode(&self, key: &ReplayKey, fingerprint: [u8; 16]) -> Result<bool, StoreError> {
        bounded(intake::claim_authcode(&self.pool, key, fingerprint)).await
    }

    async fn forget_replays(&self, limit: u32) -> Result<u64, StoreError> {
        bounded(intake::forget_replays(&self.pool, limit)).await
    }

    async fn views(&self, ids: &[JobId]) -> Result<Vec<JobView>, StoreError> {
        bounded(status::views(&self.pool, ids)).await
    }

    async fn cancel(&self, client: Option<&str>, job: JobId) -> Result<Cancellation, StoreError> {
        bounded(status::cancel(&self.pool, client, job)).await
    }

    async fn enlist(&self, name: &str, hold: Duration) -> Result<WorkerId, StoreError> {
        bounded(leases::enlist(&self.pool, name, hold)).await
    }

    async fn renew(&self, worker: WorkerId, hold: Duration) -> Result<bool, StoreError> {
        bounded(leases::renew(&self.pool, worker, hold)).await
    }

    async fn resign(&self, worker: WorkerId) -> Result<(), StoreError> {
        bounded(leases::resign(&self.pool, worker)).await
    }

    async fn rescue(&self) -> Result<Rescued, StoreError> {
        bounded(leases::rescue(&self.pool)).await
    }

    async fn claim(&self, worker: WorkerId, ids: &[JobId]) -> Result<Vec<ClaimedJob>, StoreError> {
        bounded(work::claim(&self.pool, worker, ids)).await
    }

    async fn claim_due(
        &self,
        worker: WorkerId,
        shares: &[(Lane, u32)],
    ) -> Result<Vec<ClaimedJob>, StoreError> {
        bounded(work::claim_due(&self.pool, worker, shares)).await
    }

    async fn due_lanes(&self) -> Result<Vec<DueLane>, StoreError> {
        bounded(work::due_lanes(&self.pool)).await
    }

    async fn claim_overdue(
        &self,
        worker: WorkerId,
        lane: &Lane,
        limit: u32,
    ) -> Result<Vec<ClaimedJob>, StoreError> {
        bounded(work::claim_overdue(&self.pool, worker, lane, limit)).await
    }

    async fn settle(&self, worker: WorkerId, settlements: &[Settlement]) -> Result<Vec<Settled>, StoreError> {
        bounded(work::settle(&self.pool, worker, settlements)).await
    }

    async fn release_jobs(&self, worker: WorkerId, in_hand: &[JobId]) -> Result<u64, StoreError> {
        bounded(work::release(&self.pool, worker, in_hand)).await
    }

    async fn due_endpoints(&self) -> Result<Vec<DueEndpoint>, StoreError> {
        bounded(callbacks::due_endpoints(&self.pool)).await
    }

    async fn claim_callbacks(
        &self,
        worker: WorkerId,
        shares: &[(String, u32)],
    ) -> Result<Vec<ClaimedCallback>, StoreError> {
        bounded(callbacks::claim(&self.pool, worker, shares)).await
    }

    async fn settle_callbacks(
        &self,
        worker: WorkerId,
        settlements: &[CallbackSettlement],
    ) -> Result<Vec<Settled>, StoreError> {
        bounded(callbacks::settle(&self.pool, worker, settlements)).await
    }

    async fn release_callbacks(
        &self,
        worker: WorkerId,
        in_hand: &[CallbackId],
        held_for: Duration,
    ) -> Result<u64, StoreError> {
        bounded(callbacks::release(&self.pool, worker, in_hand, held_for)).await
    }

    async fn close_gate(&self, order: &GateOrder) -> Result<(), StoreError> {
        bounded(gates::close(&self.pool, order)).await
    }

    async fn probe_gate(&self, app: &str, kind: &str, next: Duration) -> Result<bool, StoreError> {
        bounded(gates::probe(&self.pool, app, kind, next)).await
    }

    async fn open_gate(&self, app: &str, kind: &str) -> Result<bool, StoreError> {
        bounded(gates::open(&self.pool, app, kind)).await
    }

    async fn revision(&self) -> Result<i64, StoreError> {
        bounded(settings::revision(&self.pool)).await
    }

    async fn directory(&self) -> Result<Directory, StoreError> {
        bounded(settings::directory(self)).await
    }

    async fn put_app(&self, app: &App) -> Result<(), StoreError> {
        bounded(settings::put_app(self, app)).await
    }

    async fn remove_app(&self, app_id: &str) -> Result<bool, StoreError> {
        bounded(settings::remove_app(&self.pool, app_id)).await
    }

    async fn put_client(&self, client: &Client) -> Result<(), StoreError> {
        bounded(settings::put_client(self, client)).await
    }

    async fn remove_client(&self, code: &str) -> Result<bool, StoreError> {
        bounded(settings::remove_client(&self.pool, code)).await
    }

    async fn switch_interface(&self, name: &str, enabled: bool) -> Result<(), StoreError> {
        bounded(settings::switch_interface(&self.pool, name, enabled)).await
    }

    async fn list_jobs(&self, filter: &JobFilter) -> Result<Vec<JobView>, StoreError> {
        bounded(operate::list_jobs(&self.pool, filter)).await
    }

    async fn job(&self, id: JobId) -> Result<Option<JobDetail>, StoreError> {
        bounded(operate::job(&self.pool, id)).await
    }

    async fn retry_job(&self, id: JobId) -> Result<bool, StoreError> {
        bounded(operate::retry_job(&self.pool, id)).await
    }

    async fn prune(&self, age: Duration, limit: u32) -> Result<u64, StoreError> {
        bounded(operate::prune(&self.pool, age, limit)).await
    }

    async fn exhausted_callbacks(
        &self,
        before: Option<JobId>,
        limit: u32,
    ) -> Result<Vec<CallbackDetail>, StoreError> {
        bounded(operate::exhausted_callbacks(&self.pool, before, limit)).await
    }

    async fn replay_callback(&self, id: CallbackId) -> Result<bool, StoreError> {
        bounded(callbacks::replay(&self.pool, id)).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        bounded(settings::revision(&self.pool)).await.map(drop)
    }
}
