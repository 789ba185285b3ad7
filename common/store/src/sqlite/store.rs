//! The verbs, each in the module that holds its SQL.

use std::time::Duration;

use async_trait::async_trait;
use wxgate_job::{Awaited, Doorbell, JobId, Kind, Lane};
use wxgate_secret::Secret;

use super::{
    SqliteStore, callbacks, gates, insight, intake, leases, once, operate, platforms, pushes, receipts,
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

#[async_trait]
impl Store for SqliteStore {
    async fn accept(&self, jobs: &[NewJob]) -> Result<Vec<Acceptance>, StoreError> {
        intake::accept(&self.commits, &self.ids, jobs).await
    }

    async fn recognise(&self, job: &NewJob) -> Result<Option<Acceptance>, StoreError> {
        intake::recognise(&self.readers, job).await
    }

    async fn forget_replays(&self, limit: u32) -> Result<u64, StoreError> {
        intake::forget_replays(&self.writer, limit).await
    }

    async fn views(&self, ids: &[JobId]) -> Result<Vec<JobView>, StoreError> {
        status::views(&self.readers, ids).await
    }

    async fn latest(&self, client: &str, kind: &Kind, subject: &str) -> Result<Option<JobView>, StoreError> {
        operate::latest(&self.readers, client, kind, subject).await
    }

    async fn cancel(&self, client: Option<&str>, job: JobId) -> Result<Cancellation, StoreError> {
        status::cancel(self, client, job).await
    }

    async fn enlist(&self, name: &str, hold: Duration) -> Result<WorkerId, StoreError> {
        leases::enlist(&self.writer, name, hold).await
    }

    async fn renew(&self, worker: WorkerId, hold: Duration) -> Result<bool, StoreError> {
        leases::renew(&self.writer, worker, hold).await
    }

    async fn resign(&self, worker: WorkerId) -> Result<(), StoreError> {
        leases::resign(&self.writer, worker).await
    }

    async fn rescue(&self) -> Result<Rescued, StoreError> {
        leases::rescue(&self.writer).await
    }

    async fn claim(&self, worker: WorkerId, ids: &[JobId]) -> Result<Vec<ClaimedJob>, StoreError> {
        work::claim(&self.commits, worker, ids).await
    }

    async fn claim_due(
        &self,
        worker: WorkerId,
        shares: &[(Lane, u32)],
    ) -> Result<Vec<ClaimedJob>, StoreError> {
        work::claim_due(&self.commits, worker, shares).await
    }

    async fn due_lanes(&self) -> Result<Vec<DueLane>, StoreError> {
        work::due_lanes(&self.readers).await
    }

    async fn claim_overdue(
        &self,
        worker: WorkerId,
        lane: &Lane,
        limit: u32,
    ) -> Result<Vec<ClaimedJob>, StoreError> {
        work::claim_overdue(&self.writer, worker, lane, limit).await
    }

    async fn settle(&self, worker: WorkerId, settlements: &[Settlement]) -> Result<Vec<Settled>, StoreError> {
        work::settle(&self.commits, worker, settlements).await
    }

    async fn held_jobs(&self, worker: WorkerId) -> Result<Vec<Claim>, StoreError> {
        work::held(&self.readers, worker).await
    }

    async fn release_jobs(&self, worker: WorkerId, claims: &[Claim]) -> Result<u64, StoreError> {
        work::release(&self.writer, worker, claims).await
    }

    async fn due_endpoints(&self) -> Result<Vec<DueEndpoint>, StoreError> {
        callbacks::due_endpoints(&self.readers).await
    }

    async fn claim_callbacks(
        &self,
        worker: WorkerId,
        shares: &[(String, u32)],
    ) -> Result<Vec<ClaimedCallback>, StoreError> {
        callbacks::claim(&self.commits, worker, shares).await
    }

    async fn settle_callbacks(
        &self,
        worker: WorkerId,
        settlements: &[CallbackSettlement],
    ) -> Result<Vec<Settled>, StoreError> {
        callbacks::settle(&self.commits, worker, settlements).await
    }

    async fn held_callbacks(&self, worker: WorkerId) -> Result<Vec<CallbackClaim>, StoreError> {
        callbacks::held(&self.readers, worker).await
    }

    async fn release_callbacks(&self, worker: WorkerId, claims: &[CallbackClaim]) -> Result<u64, StoreError> {
        callbacks::release(&self.writer, worker, claims).await
    }

    async fn close_gate(&self, order: &GateOrder) -> Result<(), StoreError> {
        gates::close(&self.writer, order).await
    }

    async fn probe_gate(&self, app: &str, kind: &str, next: Duration) -> Result<bool, StoreError> {
        gates::probe(&self.writer, app, kind, next).await
    }

    async fn open_gate(&self, app: &str, kind: &str) -> Result<bool, StoreError> {
        gates::open(&self.writer, app, kind).await
    }

    async fn revision(&self) -> Result<i64, StoreError> {
        settings::revision(&self.readers).await
    }

    async fn directory(&self) -> Result<Directory, StoreError> {
        settings::directory(self).await
    }

    async fn put_app(&self, app: &App) -> Result<(), StoreError> {
        settings::put_app(self, app).await
    }

    async fn remove_app(&self, app_id: &str) -> Result<bool, StoreError> {
        settings::remove_app(&self.writer, app_id).await
    }

    async fn put_client(&self, client: &Client) -> Result<(), StoreError> {
        settings::put_client(self, client).await
    }

    async fn remove_client(&self, code: &str) -> Result<bool, StoreError> {
        settings::remove_client(&self.writer, code).await
    }

    async fn switch_interface(&self, name: &str, enabled: bool) -> Result<(), StoreError> {
        settings::switch_interface(&self.writer, name, enabled).await
    }

    async fn list_jobs(&self, filter: &JobFilter) -> Result<JobPage, StoreError> {
        search::list_jobs(&self.readers, filter).await
    }

    async fn job(&self, id: JobId) -> Result<Option<JobDetail>, StoreError> {
        operate::job(&self.readers, id).await
    }

    async fn retry_job(&self, id: JobId, unchanged_since: Option<i64>) -> Result<bool, StoreError> {
        operate::retry_job(&self.writer, id, unchanged_since).await
    }

    async fn prune(&self, age: Duration, limit: u32) -> Result<u64, StoreError> {
        operate::prune(&self.writer, age, limit).await
    }

    async fn exhausted_callbacks(
        &self,
        before: Option<CallbackId>,
        limit: u32,
    ) -> Result<Vec<CallbackDetail>, StoreError> {
        operate::exhausted_callbacks(&self.readers, before, limit).await
    }

    async fn replay_callback(&self, id: CallbackId) -> Result<bool, StoreError> {
        callbacks::replay(&self.writer, id).await
    }

    async fn failures(&self, limit: u32) -> Result<Vec<FailureGroup>, StoreError> {
        insight::failures(&self.readers, limit).await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        insight::backlog(&self.readers).await
    }

    async fn tally(&self, tallies: &[Tally]) -> Result<(), StoreError> {
        tallies::add(&self.writer, tallies).await
    }

    async fn tallies(&self, from_minute: i64) -> Result<Vec<Tally>, StoreError> {
        tallies::since(&self.readers, from_minute).await
    }

    async fn forget_tallies(&self, limit: u32) -> Result<u64, StoreError> {
        tallies::forget(&self.writer, limit).await
    }

    async fn tokens(&self) -> Result<Vec<TokenView>, StoreError> {
        tokens::views(&self.readers).await
    }

    async fn report(&self, awaited: &Awaited, report: &str) -> Result<Option<Doorbell>, StoreError> {
        waiting::report(&self.writer, awaited, report).await
    }

    async fn wake(&self, limit: u32) -> Result<u64, StoreError> {
        waiting::wake(self, limit).await
    }

    async fn receive(&self, receipt: &Receipt) -> Result<Received, StoreError> {
        receipts::receive(&self.writer, receipt).await
    }

    async fn forget_receipts(&self, limit: u32) -> Result<u64, StoreError> {
        receipts::forget(&self.writer, limit).await
    }

    async fn begin_once(
        &self,
        key: &ReplayKey,
        fingerprint: [u8; 16],
        hold: Duration,
    ) -> Result<Once, StoreError> {
        once::begin(&self.writer, key, fingerprint, hold).await
    }

    async fn answer_once(&self, turn: &Turn, answer: &str) -> Result<bool, StoreError> {
        once::answer(&self.writer, turn, answer).await
    }

    async fn release_once(&self, turn: &Turn) -> Result<(), StoreError> {
        once::release(&self.writer, turn).await
    }

    async fn lapse_once(&self, turn: &Turn) -> Result<(), StoreError> {
        once::lapse(&self.writer, turn).await
    }

    async fn put_springboard(&self, board: &Springboard) -> Result<(), StoreError> {
        springboards::put(self, board).await
    }

    async fn springboard(&self, key: &str) -> Result<Option<Springboard>, StoreError> {
        springboards::get(self, key).await
    }

    async fn set_user_data(&self, client: &str, key: &str, user: &str) -> Result<bool, StoreError> {
        springboards::set_user(self, client, key, user).await
    }

    async fn begin_login(&self, state: &str, code: &str, hold: Duration) -> Result<Login, StoreError> {
        springboards::begin_login(self, state, code, hold).await
    }

    async fn finish_login(&self, state: &str, code: &str, end: &LoginEnd) -> Result<(), StoreError> {
        springboards::finish_login(self, state, code, end).await
    }

    async fn release_login(&self, state: &str, code: &str) -> Result<(), StoreError> {
        springboards::release_login(&self.writer, state, code).await
    }

    async fn forget_springboards(&self, limit: u32) -> Result<u64, StoreError> {
        springboards::forget(&self.writer, limit).await
    }

    async fn put_short_link(&self, link: &ShortLink) -> Result<(), StoreError> {
        short_links::put(&self.writer, link).await
    }

    async fn move_short_link(&self, client: &str, id: &str, target: &str) -> Result<bool, StoreError> {
        short_links::retarget(&self.writer, client, id, target).await
    }

    async fn visit_short_link(&self, id: &str) -> Result<Option<String>, StoreError> {
        short_links::visit(&self.writer, id).await
    }

    async fn short_link_target(&self, id: &str) -> Result<Option<String>, StoreError> {
        short_links::target(&self.readers, id).await
    }

    async fn short_link_visits(&self, id: &str) -> Result<Option<u64>, StoreError> {
        short_links::visits(&self.readers, id).await
    }

    async fn knows_push(&self, app: &str, digest: [u8; 16]) -> Result<bool, StoreError> {
        pushes::knows(&self.readers, app, digest).await
    }

    async fn note_push(&self, app: &str, digest: [u8; 16]) -> Result<bool, StoreError> {
        pushes::note(&self.writer, app, digest).await
    }

    async fn forget_pushes(&self, limit: u32) -> Result<u64, StoreError> {
        pushes::forget(&self.writer, limit).await
    }

    async fn put_component(&self, component: &Component) -> Result<(), StoreError> {
        platforms::put(self, component).await
    }

    async fn remove_component(&self, appid: &str) -> Result<bool, StoreError> {
        platforms::remove(&self.writer, appid).await
    }

    async fn put_verify_ticket(
        &self,
        component: &str,
        ticket: &Secret,
        created_at: i64,
    ) -> Result<bool, StoreError> {
        platforms::put_ticket(self, component, ticket, created_at).await
    }

    async fn verify_ticket(&self, component: &str) -> Result<Option<Secret>, StoreError> {
        platforms::ticket(self, component).await
    }

    async fn authorise(
        &self,
        app: &str,
        component: &str,
        refresh_token: &Secret,
        authorised_at: Option<i64>,
    ) -> Result<(), StoreError> {
        platforms::authorise(self, app, component, refresh_token, authorised_at).await
    }

    async fn withdraw(&self, app: &str, component: &str, withdrawn_at: i64) -> Result<bool, StoreError> {
        platforms::withdraw(self, app, component, withdrawn_at).await
    }

    async fn knows_authorisation(&self, app: &str, component: &str, since: i64) -> Result<bool, StoreError> {
        platforms::knows_authorisation(self, app, component, since).await
    }

    async fn refresh_token(&self, app: &str) -> Result<Option<Secret>, StoreError> {
        platforms::refresh_token(self, app).await
    }

    async fn reseal(&self, limit: u32) -> Result<u64, StoreError> {
        resealing::reseal(self, limit).await
    }

    async fn schema(&self) -> Result<SchemaState, StoreError> {
        schema::state(&self.readers).await
    }
}
