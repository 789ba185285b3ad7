//! The interface: one method for each business fact, each of them one transaction.

use std::time::Duration;

use async_trait::async_trait;
use wxgate_job::{JobId, Lane};
use wxgate_token::TokenStore;

use crate::directory::Directory;
use crate::error::StoreError;
use crate::model::callback::{CallbackId, CallbackSettlement, ClaimedCallback, DueEndpoint};
use crate::model::intake::{Acceptance, NewJob, ReplayKey};
use crate::model::operate::{App, Client, GateOrder, JobFilter};
use crate::model::status::{CallbackDetail, Cancellation, JobDetail, JobView};
use crate::model::work::{ClaimedJob, DueLane, Rescued, Settled, Settlement, WorkerId};

/// A store of jobs. Every method is one transaction and safe to call from many tasks and processes.
///
/// Unless a method says otherwise it fails with [`StoreError::Unavailable`] or
/// [`StoreError::Refused`] when nothing was changed, and with [`StoreError::OutcomeUnknown`] when
/// the connection broke before the store confirmed; calling again with the same arguments is then
/// always right.
#[async_trait]
pub trait Store: TokenStore {
    // --- intake -----------------------------------------------------------------------------

    /// Stores jobs durably, all of them in one commit, and tells of each what became of it, in
    /// order. Of several with one replay key, in one call or in many at once, exactly one is
    /// stored; a repeat of it is answered with its id.
    async fn accept(&self, jobs: &[NewJob]) -> Result<Vec<Acceptance>, StoreError>;

    /// What [`Self::accept`] would answer to this job if its request, or its `request_id`, was stored
    /// before; `None`: it would be new. Changes nothing.
    async fn recognise(&self, job: &NewJob) -> Result<Option<Acceptance>, StoreError>;

    /// Takes an authcode, durably and for ten minutes, for a request that becomes no job. `true`: it
    /// is this request's, now or since before. `false`: it belongs to another one.
    async fn claim_authcode(&self, key: &ReplayKey, fingerprint: [u8; 16]) -> Result<bool, StoreError>;

    /// Forgets replay keys older than fifteen minutes; at most `limit` of them. Answers how many.
    async fn forget_replays(&self, limit: u32) -> Result<u64, StoreError>;

    /// The jobs among `ids` that exist, in no particular order.
    async fn views(&self, ids: &[JobId]) -> Result<Vec<JobView>, StoreError>;

    /// Cancels a job that is queued and has no attempt of unknown effect, and queues its callback.
    /// With a client: only that client's.
    async fn cancel(&self, client: Option<&str>, job: JobId) -> Result<Cancellation, StoreError>;

    // --- leases -----------------------------------------------------------------------------

    /// Begins a lease for a worker process.
    async fn enlist(&self, name: &str, hold: Duration) -> Result<WorkerId, StoreError>;

    /// Prolongs a lease to `hold` from now. `false`: it lapsed and its jobs were taken away.
    async fn renew(&self, worker: WorkerId, hold: Duration) -> Result<bool, StoreError>;

    /// Ends a lease; what it still holds is queued again.
    async fn resign(&self, worker: WorkerId) -> Result<(), StoreError>;

    /// Queues again what lapsed workers held, marking each job's attempt as one of unknown effect.
    async fn rescue(&self) -> Result<Rescued, StoreError>;

    // --- jobs -------------------------------------------------------------------------------

    /// Claims those of `ids` that are queued and due; the others are passed over.
    async fn claim(&self, worker: WorkerId, ids: &[JobId]) -> Result<Vec<ClaimedJob>, StoreError>;

    /// Claims due jobs of each lane, the longest due first, up to the lane's number.
    async fn claim_due(
        &self,
        worker: WorkerId,
        shares: &[(Lane, u32)],
    ) -> Result<Vec<ClaimedJob>, StoreError>;

    /// The lanes that have a due job. Costs one index probe a lane, however long the lanes are.
    async fn due_lanes(&self) -> Result<Vec<DueLane>, StoreError>;

    /// Claims queued jobs of this lane whose deadline has passed, due or not.
    async fn claim_overdue(
        &self,
        worker: WorkerId,
        lane: &Lane,
        limit: u32,
    ) -> Result<Vec<ClaimedJob>, StoreError>;

    /// Writes what became of claimed jobs and creates their callbacks, all in one commit; tells of
    /// each whether it counted, in order.
    async fn settle(&self, worker: WorkerId, settlements: &[Settlement]) -> Result<Vec<Settled>, StoreError>;

    /// Queues again the jobs that this worker holds and that are not among `in_hand`, as if they had
    /// never been claimed. For claims whose answer was lost: nobody else would ever free them.
    async fn release_jobs(&self, worker: WorkerId, in_hand: &[JobId]) -> Result<u64, StoreError>;

    // --- callbacks --------------------------------------------------------------------------

    /// The endpoints that have a due callback.
    async fn due_endpoints(&self) -> Result<Vec<DueEndpoint>, StoreError>;

    /// Claims due callbacks of each endpoint, up to the endpoint's number.
    async fn claim_callbacks(
        &self,
        worker: WorkerId,
        shares: &[(String, u32)],
    ) -> Result<Vec<ClaimedCallback>, StoreError>;

    /// Writes what became of claimed callbacks; tells of each whether it counted, in order.
    async fn settle_callbacks(
        &self,
        worker: WorkerId,
        settlements: &[CallbackSettlement],
    ) -> Result<Vec<Settled>, StoreError>;

    /// As [`Self::release_jobs`], for callbacks, those alone that have been held for at least
    /// `held_for`: settling jobs claims callbacks at any moment, which `in_hand` may not know yet.
    async fn release_callbacks(
        &self,
        worker: WorkerId,
        in_hand: &[CallbackId],
        held_for: Duration,
    ) -> Result<u64, StoreError>;

    // --- gates ------------------------------------------------------------------------------

    /// Closes a gate, or puts off the next probe of a closed one.
    async fn close_gate(&self, order: &GateOrder) -> Result<(), StoreError>;

    /// Takes the right to let one job through a closed gate as a probe, if one is due. At most one
    /// process gets it; the next is due after `next`.
    async fn probe_gate(&self, app: &str, kind: &str, next: Duration) -> Result<bool, StoreError>;

    /// Opens a gate. `false`: it was open.
    async fn open_gate(&self, app: &str, kind: &str) -> Result<bool, StoreError>;

    // --- what operators set -----------------------------------------------------------------

    /// Grows with every change to what [`Self::directory`] tells.
    async fn revision(&self) -> Result<i64, StoreError>;

    /// Apps, clients, switches and gates as of now.
    async fn directory(&self) -> Result<Directory, StoreError>;

    /// Adds an app or replaces it.
    async fn put_app(&self, app: &App) -> Result<(), StoreError>;

    /// Removes an app. `false`: there was none.
    async fn remove_app(&self, app_id: &str) -> Result<bool, StoreError>;

    /// Adds a client or replaces it.
    async fn put_client(&self, client: &Client) -> Result<(), StoreError>;

    /// Removes a client; its jobs stay. `false`: there was none.
    async fn remove_client(&self, code: &str) -> Result<bool, StoreError>;

    /// Switches an interface on or off.
    async fn switch_interface(&self, name: &str, enabled: bool) -> Result<(), StoreError>;

    // --- what operators look at and mend ----------------------------------------------------

    /// Jobs by filter, newest first.
    async fn list_jobs(&self, filter: &JobFilter) -> Result<Vec<JobView>, StoreError>;

    /// All that is known of a job.
    async fn job(&self, id: JobId) -> Result<Option<JobDetail>, StoreError>;

    /// Queues a failed or waiting job again, due now, with a day to live and its attempts forgotten.
    /// `false`: there is no such job, or it is in another state.
    async fn retry_job(&self, id: JobId) -> Result<bool, StoreError>;

    /// Deletes final jobs, and their callbacks, that have not changed for `age` and whose callbacks
    /// are over; at most `limit` of them. Answers how many.
    async fn prune(&self, age: Duration, limit: u32) -> Result<u64, StoreError>;

    /// Exhausted callbacks, newest first, before the given one.
    async fn exhausted_callbacks(
        &self,
        before: Option<JobId>,
        limit: u32,
    ) -> Result<Vec<CallbackDetail>, StoreError>;

    /// Queues a callback that is over again, due now, with all its attempts before it.
    async fn replay_callback(&self, id: CallbackId) -> Result<bool, StoreError>;

    // --- housekeeping -----------------------------------------------------------------------

    /// Whether the store answers.
    async fn ping(&self) -> Result<(), StoreError>;
}
