//! The verbs, each in the module that holds its SQL.

use std::time::Duration;

use async_trait::async_trait;
use wxgate_job::{Awaited, Doorbell, JobId, Kind, Lane};
use wxgate_secret::Secret;

use super::{
    PostgresStore, callbacks, gates, insight, intake, leases, once, operate, platforms, pushes, receipts,
    resealing, schema, search, settings, short_links, springboards, status, tallies, tokens, waiting, work,
};
use crate::directory::Directory;
use crate::error::StoreError;
use crate::model::callback::{CallbackClaim, CallbackId, CallbackSettlement, ClaimedCallback, DueEndpoint};
use crate::model::insight::{Backlog, FailureGroup, JobPage, Tally, TokenView};
use crate::model::intake::{Acceptance, NewJob, ReplayKey};
use crate::model::once::{Once, Turn};
use crate::model::operate::{App, Client, GateOrder, JobFilter};
use crate::model::platform::Component;
use crate::model::receipt::{Receipt, Received};
use crate::model::short_link::ShortLink;
use crate::model::springboard::{Login, LoginEnd, Springboard};
use crate::model::status::{CallbackDetail, Cancellation, JobDetail, JobView};
use crate::model::work::{Claim, ClaimedJob, DueLane, Rescued, Settled, Settlement, WorkerId};
use crate::schema::SchemaState;
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

    async fn forget_replays(&self, limit: u32) -> Result<u64, StoreError> {
        bounded(intake::forget_replays(&self.pool, limit)).await
    }

    async fn views(&self, ids: &[JobId]) -> Result<Vec<JobView>, StoreError> {
        bounded(status::views(&self.pool, ids)).await
    }

    async fn latest(&self, client: &str, kind: &Kind, subject: &str) -> Result<Option<JobView>, StoreError> {
        bounded(operate::latest(&self.pool, client, kind, subject)).await
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

    async fn held_jobs(&self, worker: WorkerId) -> Result<Vec<Claim>, StoreError> {
        bounded(work::held(&self.pool, worker)).await
    }

    async fn release_jobs(&self, worker: WorkerId, claims: &[Claim]) -> Result<u64, StoreError> {
        bounded(work::release(&self.pool, worker, claims)).await
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

    async fn held_callbacks(&self, worker: WorkerId) -> Result<Vec<CallbackClaim>, StoreError> {
        bounded(callbacks::held(&self.pool, worker)).await
    }

    async fn release_callbacks(&self, worker: WorkerId, claims: &[CallbackClaim]) -> Result<u64, StoreError> {
        bounded(callbacks::release(&self.pool, worker, claims)).await
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

    async fn list_jobs(&self, filter: &JobFilter) -> Result<JobPage, StoreError> {
        bounded(search::list_jobs(&self.pool, filter)).await
    }

    async fn job(&self, id: JobId) -> Result<Option<JobDetail>, StoreError> {
        bounded(operate::job(&self.pool, id)).await
    }

    async fn retry_job(&self, id: JobId, unchanged_since: Option<i64>) -> Result<bool, StoreError> {
        bounded(operate::retry_job(&self.pool, id, unchanged_since)).await
    }

    async fn prune(&self, age: Duration, limit: u32) -> Result<u64, StoreError> {
        bounded(operate::prune(&self.pool, age, limit)).await
    }

    async fn exhausted_callbacks(
        &self,
        before: Option<CallbackId>,
        limit: u32,
    ) -> Result<Vec<CallbackDetail>, StoreError> {
        bounded(operate::exhausted_callbacks(&self.pool, before, limit)).await
    }

    async fn replay_callback(&self, id: CallbackId) -> Result<bool, StoreError> {
        bounded(callbacks::replay(&self.pool, id)).await
    }

    async fn failures(&self, limit: u32) -> Result<Vec<FailureGroup>, StoreError> {
        bounded(insight::failures(&self.pool, limit)).await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        bounded(insight::backlog(&self.pool)).await
    }

    async fn tally(&self, tallies: &[Tally]) -> Result<(), StoreError> {
        bounded(tallies::add(&self.pool, tallies)).await
    }

    async fn tallies(&self, from_minute: i64) -> Result<Vec<Tally>, StoreError> {
        bounded(tallies::since(&self.pool, from_minute)).await
    }

    async fn forget_tallies(&self, limit: u32) -> Result<u64, StoreError> {
        bounded(tallies::forget(&self.pool, limit)).await
    }

    async fn tokens(&self) -> Result<Vec<TokenView>, StoreError> {
        bounded(tokens::views(&self.pool)).await
    }

    async fn report(&self, awaited: &Awaited, report: &str) -> Result<Option<Doorbell>, StoreError> {
        bounded(waiting::report(&self.pool, awaited, report)).await
    }

    async fn wake(&self, limit: u32) -> Result<u64, StoreError> {
        bounded(waiting::wake(&self.pool, limit)).await
    }

    async fn receive(&self, receipt: &Receipt) -> Result<Received, StoreError> {
        bounded(receipts::receive(&self.pool, receipt)).await
    }

    async fn forget_receipts(&self, limit: u32) -> Result<u64, StoreError> {
        bounded(receipts::forget(&self.pool, limit)).await
    }

    async fn begin_once(
        &self,
        key: &ReplayKey,
        fingerprint: [u8; 16],
        hold: Duration,
    ) -> Result<Once, StoreError> {
        bounded(once::begin(&self.pool, key, fingerprint, hold)).await
    }

    async fn answer_once(&self, turn: &Turn, answer: &str) -> Result<bool, StoreError> {
        bounded(once::answer(&self.pool, turn, answer)).await
    }

    async fn release_once(&self, turn: &Turn) -> Result<(), StoreError> {
        bounded(once::release(&self.pool, turn)).await
    }

    async fn lapse_once(&self, turn: &Turn) -> Result<(), StoreError> {
        bounded(once::lapse(&self.pool, turn)).await
    }

    async fn put_springboard(&self, board: &Springboard) -> Result<(), StoreError> {
        bounded(springboards::put(self, board)).await
    }

    async fn springboard(&self, key: &str) -> Result<Option<Springboard>, StoreError> {
        bounded(springboards::get(self, key)).await
    }

    async fn set_user_data(&self, client: &str, key: &str, user: &str) -> Result<bool, StoreError> {
        bounded(springboards::set_user(self, client, key, user)).await
    }

    async fn begin_login(&self, state: &str, code: &str, hold: Duration) -> Result<Login, StoreError> {
        bounded(springboards::begin_login(self, state, code, hold)).await
    }

    async fn finish_login(&self, state: &str, code: &str, end: &LoginEnd) -> Result<(), StoreError> {
        bounded(springboards::finish_login(self, state, code, end)).await
    }

    async fn release_login(&self, state: &str, code: &str) -> Result<(), StoreError> {
        bounded(springboards::release_login(&self.pool, state, code)).await
    }

    async fn forget_springboards(&self, limit: u32) -> Result<u64, StoreError> {
        bounded(springboards::forget(&self.pool, limit)).await
    }

    async fn put_short_link(&self, link: &ShortLink) -> Result<(), StoreError> {
        bounded(short_links::put(&self.pool, link)).await
    }

    async fn move_short_link(&self, client: &str, id: &str, target: &str) -> Result<bool, StoreError> {
        bounded(short_links::retarget(&self.pool, client, id, target)).await
    }

    async fn visit_short_link(&self, id: &str) -> Result<Option<String>, StoreError> {
        bounded(short_links::visit(&self.pool, id)).await
    }

    async fn short_link_target(&self, id: &str) -> Result<Option<String>, StoreError> {
        bounded(short_links::target(&self.pool, id)).await
    }

    async fn short_link_visits(&self, id: &str) -> Result<Option<u64>, StoreError> {
        bounded(short_links::visits(&self.pool, id)).await
    }

    async fn knows_push(&self, app: &str, digest: [u8; 16]) -> Result<bool, StoreError> {
        bounded(pushes::knows(&self.pool, app, digest)).await
    }

    async fn note_push(&self, app: &str, digest: [u8; 16]) -> Result<bool, StoreError> {
        bounded(pushes::note(&self.pool, app, digest)).await
    }

    async fn forget_pushes(&self, limit: u32) -> Result<u64, StoreError> {
        bounded(pushes::forget(&self.pool, limit)).await
    }

    async fn put_component(&self, component: &Component) -> Result<(), StoreError> {
        bounded(platforms::put(self, component)).await
    }

    async fn remove_component(&self, appid: &str) -> Result<bool, StoreError> {
        bounded(platforms::remove(&self.pool, appid)).await
    }

    async fn put_verify_ticket(
        &self,
        component: &str,
        ticket: &Secret,
        created_at: i64,
    ) -> Result<bool, StoreError> {
        bounded(platforms::put_ticket(self, component, ticket, created_at)).await
    }

    async fn verify_ticket(&self, component: &str) -> Result<Option<Secret>, StoreError> {
        bounded(platforms::ticket(self, component)).await
    }

    async fn authorise(
        &self,
        app: &str,
        component: &str,
        refresh_token: &Secret,
        authorised_at: Option<i64>,
    ) -> Result<(), StoreError> {
        bounded(platforms::authorise(self, app, component, refresh_token, authorised_at)).await
    }

    async fn withdraw(&self, app: &str, component: &str, withdrawn_at: i64) -> Result<bool, StoreError> {
        bounded(platforms::withdraw(self, app, component, withdrawn_at)).await
    }

    async fn knows_authorisation(&self, app: &str, component: &str, since: i64) -> Result<bool, StoreError> {
        bounded(platforms::knows_authorisation(self, app, component, since)).await
    }

    async fn refresh_token(&self, app: &str) -> Result<Option<Secret>, StoreError> {
        bounded(platforms::refresh_token(self, app)).await
    }

    async fn reseal(&self, limit: u32) -> Result<u64, StoreError> {
        bounded(resealing::reseal(self, limit)).await
    }

    async fn schema(&self) -> Result<SchemaState, StoreError> {
        bounded(schema::state(&self.pool)).await
    }
}
