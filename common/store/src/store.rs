//! The interface: one method for each business fact, each of them one transaction.

use std::time::Duration;

use async_trait::async_trait;
use wxgate_job::{Awaited, Doorbell, JobId, Kind, Lane};
use wxgate_secret::Secret;
use wxgate_token::TokenStore;

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

    /// Forgets replay keys older than fifteen minutes; at most `limit` of them. Answers how many.
    async fn forget_replays(&self, limit: u32) -> Result<u64, StoreError>;

    /// The jobs among `ids` that exist, in no particular order.
    async fn views(&self, ids: &[JobId]) -> Result<Vec<JobView>, StoreError>;

    /// A client's last job of this kind about this openid or media id.
    async fn latest(&self, client: &str, kind: &Kind, subject: &str) -> Result<Option<JobView>, StoreError>;

    /// Cancels a job that is queued, that nothing was taken of by the upstream and that has no attempt of
    /// unknown effect, and queues its callback.
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

    /// Claims those of `ids` that are queued or waiting, and due; the others are passed over.
    async fn claim(&self, worker: WorkerId, ids: &[JobId]) -> Result<Vec<ClaimedJob>, StoreError>;

    /// Claims due jobs of each lane, the longest due first, up to the lane's number.
    async fn claim_due(
        &self,
        worker: WorkerId,
        shares: &[(Lane, u32)],
    ) -> Result<Vec<ClaimedJob>, StoreError>;

    /// The lanes that have a due job. Costs one index probe a lane, however long the lanes are.
    async fn due_lanes(&self) -> Result<Vec<DueLane>, StoreError>;

    /// Claims those jobs of this lane that ask nothing of WeChat any more: whose deadline has passed, due
    /// or not, and due ones that the upstream has taken or that have the news they waited for.
    async fn claim_overdue(
        &self,
        worker: WorkerId,
        lane: &Lane,
        limit: u32,
    ) -> Result<Vec<ClaimedJob>, StoreError>;

    /// Writes what became of claimed jobs and creates their callbacks, all in one commit; tells of
    /// each whether it counted, in order.
    async fn settle(&self, worker: WorkerId, settlements: &[Settlement]) -> Result<Vec<Settled>, StoreError>;

    /// The claims under which this worker holds jobs.
    async fn held_jobs(&self, worker: WorkerId) -> Result<Vec<Claim>, StoreError>;

    /// Queues again what is held by exactly these claims, as if it had never been claimed. For claims whose
    /// answer was lost: nobody else would ever free them. Done late, after its caller has given up, it frees
    /// nothing that was claimed meanwhile. Answers how many.
    async fn release_jobs(&self, worker: WorkerId, claims: &[Claim]) -> Result<u64, StoreError>;

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

    /// As [`Self::held_jobs`], for callbacks.
    async fn held_callbacks(&self, worker: WorkerId) -> Result<Vec<CallbackClaim>, StoreError>;

    /// As [`Self::release_jobs`], for callbacks.
    async fn release_callbacks(&self, worker: WorkerId, claims: &[CallbackClaim]) -> Result<u64, StoreError>;

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

    /// Removes an app, and the authorisation that it gave a platform. `false`: there was none.
    async fn remove_app(&self, app_id: &str) -> Result<bool, StoreError>;

    /// Adds a client or replaces it.
    async fn put_client(&self, client: &Client) -> Result<(), StoreError>;

    /// Removes a client; its jobs stay. `false`: there was none.
    async fn remove_client(&self, code: &str) -> Result<bool, StoreError>;

    /// Switches an interface on or off.
    async fn switch_interface(&self, name: &str, enabled: bool) -> Result<(), StoreError>;

    // --- what operators look at and mend ----------------------------------------------------

    /// A page of jobs by filter, newest first. The search is bounded: a page may end before it is full,
    /// and then says where to go on.
    async fn list_jobs(&self, filter: &JobFilter) -> Result<JobPage, StoreError>;

    /// Failed jobs by cause, app and kind; those with the newest failure first. Of a thousand causes, if
    /// there are more.
    async fn failures(&self, limit: u32) -> Result<Vec<FailureGroup>, StoreError>;

    /// What is to be done. Costs milliseconds, however much it is: counts are capped.
    async fn backlog(&self) -> Result<Backlog, StoreError>;

    /// Adds to what was counted; no two of `tallies` have the same minute, series and kind. The only verb
    /// that counts twice when it is called again, so that one whose outcome is unknown is better not.
    async fn tally(&self, tallies: &[Tally]) -> Result<(), StoreError>;

    /// What was counted from this minute on, the oldest first.
    async fn tallies(&self, from_minute: i64) -> Result<Vec<Tally>, StoreError>;

    /// Forgets what was counted more than two days ago; at most `limit` rows. Answers how many.
    async fn forget_tallies(&self, limit: u32) -> Result<u64, StoreError>;

    /// How each token stands, by app and kind.
    async fn tokens(&self) -> Result<Vec<TokenView>, StoreError>;

    /// All that is known of a job.
    async fn job(&self, id: JobId) -> Result<Option<JobDetail>, StoreError>;

    /// Queues a failed or waiting job again, due now, with a day to live and its attempts forgotten. A
    /// failed one begins anew, a waiting one keeps its result so far and its news; one that followed
    /// another goes its own way. With `unchanged_since` (its `updated_at`, Unix milliseconds): only if it
    /// has not changed since it was looked at. `false`: there is no such job, it is in another state, or it
    /// has changed.
    async fn retry_job(&self, id: JobId, unchanged_since: Option<i64>) -> Result<bool, StoreError>;

    /// Deletes final jobs, and their callbacks, that have not changed for `age`, whose callbacks are over
    /// and whose end all followers have learnt; at most `limit` of them. Answers how many.
    async fn prune(&self, age: Duration, limit: u32) -> Result<u64, StoreError>;

    /// Exhausted callbacks, newest first, before the given one, which need not be there any more.
    async fn exhausted_callbacks(
        &self,
        before: Option<CallbackId>,
        limit: u32,
    ) -> Result<Vec<CallbackDetail>, StoreError>;

    /// Queues a callback that is over again, due now, with all its attempts before it.
    async fn replay_callback(&self, id: CallbackId) -> Result<bool, StoreError>;

    // --- jobs that wait for somebody outside ---------------------------------------------------

    /// News for the job that awaits `awaited`: kept with it as its report, and the job is due at once. When
    /// it is running at that moment, looking for the same news, it is due at once if it then waits on.
    /// Answers the job's doorbell; `None` when no job waits for it (any more, or yet).
    async fn report(&self, awaited: &Awaited, report: &str) -> Result<Option<Doorbell>, StoreError>;

    /// Wakes the jobs that what they await has happened to without their being told: followers of jobs
    /// that have ended, sends whose receipt came before their own answer; gives such receipts to sends
    /// that have succeeded meanwhile, too. The first follower of a cancelled job leads in its place. At
    /// most `limit` of each; answers how many.
    async fn wake(&self, limit: u32) -> Result<u64, StoreError>;

    /// Keeps a receipt durably and joins it to its send: sets `delivery` in the send's result, and gives
    /// it as report to one that waits for it (which is then due: its doorbell is answered). A receipt
    /// that comes before the send's own answer is kept and joined by [`Self::wake`]. The first receipt of
    /// a message counts: neither the same again nor another one changes anything.
    ///
    /// Without a message id it is joined to the one send to this user, if there is just one of the last
    /// 24 hours that lacks a receipt; the result then says so in `delivery_matched_by`. Its push is noted
    /// with it, as by [`Self::note_push`]: the same push again is a repeat, whatever it tells.
    async fn receive(&self, receipt: &Receipt) -> Result<Received, StoreError>;

    /// Forgets receipts older than two days; at most `limit` of them. Answers how many.
    async fn forget_receipts(&self, limit: u32) -> Result<u64, StoreError>;

    // --- requests answered at once, once ---------------------------------------------------------

    /// Begins a request with an effect that becomes no job. Takes its authcode durably and for fifteen
    /// minutes; of several that are the same, in however many processes, one at a time is told
    /// [`Once::Yours`].
    async fn begin_once(
        &self,
        key: &ReplayKey,
        fingerprint: [u8; 16],
        hold: Duration,
    ) -> Result<Once, StoreError>;

    /// Keeps the answer, which every repeat is then given, and ends the turn. `false`: the turn had
    /// lapsed and somebody else has it; nothing was changed.
    async fn answer_once(&self, turn: &Turn, answer: &str) -> Result<bool, StoreError>;

    /// Ends the turn without an answer, since certainly nothing took effect in it. The same request may
    /// then be done after all; the authcode stays its own.
    async fn release_once(&self, turn: &Turn) -> Result<(), StoreError>;

    /// Ends the turn without an answer although what was begun in it may have taken effect: whoever is
    /// given the next one is told [`Once::AfterLapse`], as when nobody had ended it.
    async fn lapse_once(&self, turn: &Turn) -> Result<(), StoreError>;

    // --- springboards ------------------------------------------------------------------------------

    /// Keeps a springboard under its key for thirty days.
    async fn put_springboard(&self, board: &Springboard) -> Result<(), StoreError>;

    /// The springboard of a key; `None` when there is none or its time is over.
    async fn springboard(&self, key: &str) -> Result<Option<Springboard>, StoreError>;

    /// Sets what is known of the user behind a key of this client's. `false`: no such key.
    async fn set_user_data(&self, client: &str, key: &str, user: &str) -> Result<bool, StoreError>;

    /// Takes the right to complete the login of `state` with `code`. At most one login completes a
    /// state. The right lapses after `hold`, since whoever has it may die or WeChat not answer; a login
    /// that was not finished by then can be begun anew, also with another code.
    async fn begin_login(&self, state: &str, code: &str, hold: Duration) -> Result<Login, StoreError>;

    /// Completes a login: keeps what is known of the user (under `bound.key` when the login is bound to
    /// a fresh key, which is stored too, else under `state`) and where the browser was sent, which a
    /// repeat within 60 s is told again. Changes nothing when the login was finished already, or begun
    /// anew with another code.
    async fn finish_login(&self, state: &str, code: &str, end: &LoginEnd) -> Result<(), StoreError>;

    /// Gives the right to complete a login back, since it came to nothing: it can be begun anew at once,
    /// also with another code. Changes nothing when the login was finished, or begun anew with another
    /// code.
    async fn release_login(&self, state: &str, code: &str) -> Result<(), StoreError>;

    /// Deletes springboards whose time is over; at most `limit` of them. Answers how many.
    async fn forget_springboards(&self, limit: u32) -> Result<u64, StoreError>;

    // --- short links -------------------------------------------------------------------------------

    /// Keeps a short link.
    async fn put_short_link(&self, link: &ShortLink) -> Result<(), StoreError>;

    /// Gives a client's short link a new target. `false`: no such link, or another client's.
    async fn move_short_link(&self, client: &str, id: &str, target: &str) -> Result<bool, StoreError>;

    /// Counts a visit and answers the target. The count of the last visits may be lost in a crash.
    async fn visit_short_link(&self, id: &str) -> Result<Option<String>, StoreError>;

    /// Where a short link leads; nothing is counted, or written.
    async fn short_link_target(&self, id: &str) -> Result<Option<String>, StoreError>;

    /// How often a short link was visited.
    async fn short_link_visits(&self, id: &str) -> Result<Option<u64>, StoreError>;

    // --- pushes --------------------------------------------------------------------------------------

    /// Whether a push was noted, within a day.
    async fn knows_push(&self, app: &str, digest: [u8; 16]) -> Result<bool, StoreError>;

    /// Notes a push by its digest. `false`: it came before, within a day.
    async fn note_push(&self, app: &str, digest: [u8; 16]) -> Result<bool, StoreError>;

    /// Forgets pushes older than a day; at most `limit` of them. Answers how many.
    async fn forget_pushes(&self, limit: u32) -> Result<u64, StoreError>;

    // --- third-party platforms -----------------------------------------------------------------------

    /// Adds a platform or replaces it; the ticket that is kept stays, and the one given is ignored.
    async fn put_component(&self, component: &Component) -> Result<(), StoreError>;

    /// Removes a platform; its apps and their authorisations stay, but do not count until it is back.
    /// `false`: there was none.
    async fn remove_component(&self, appid: &str) -> Result<bool, StoreError>;

    /// Keeps the newest `component_verify_ticket`; one with an older `created_at` (Unix seconds, as
    /// pushed) than the one kept changes nothing. `false`: no such platform.
    async fn put_verify_ticket(
        &self,
        component: &str,
        ticket: &Secret,
        created_at: i64,
    ) -> Result<bool, StoreError>;

    /// The ticket that is kept, read afresh; `None`: there is none, or no such platform.
    async fn verify_ticket(&self, component: &str) -> Result<Option<Secret>, StoreError>;

    /// The app has authorised the platform: keeps the refresh token, sets the app's platform, forgets
    /// an access token that came from an earlier authorisation, voids a refresh under way, and opens
    /// the app's gates that say suspended. Adds the app if it is new. `authorised_at` (Unix seconds, as
    /// pushed) is kept unless a later one is; `None`: no push told.
    async fn authorise(
        &self,
        app: &str,
        component: &str,
        refresh_token: &Secret,
        authorised_at: Option<i64>,
    ) -> Result<(), StoreError>;

    /// The app has withdrawn its authorisation from this platform: forgets refresh and access token.
    /// `false`: it had none, or one that is newer than `withdrawn_at` (Unix seconds, as pushed), which
    /// stays.
    async fn withdraw(&self, app: &str, component: &str, withdrawn_at: i64) -> Result<bool, StoreError>;

    /// Whether an authorisation that the app gave this platform is kept, of `since` (Unix seconds, as
    /// pushed) or later. One of which no push told does not count.
    async fn knows_authorisation(&self, app: &str, component: &str, since: i64) -> Result<bool, StoreError>;

    /// The refresh token of the authorisation of the app's platform as it is now, read afresh; `None`:
    /// not authorised.
    async fn refresh_token(&self, app: &str) -> Result<Option<Secret>, StoreError>;

    // --- housekeeping -----------------------------------------------------------------------

    /// Seals anew, with the first key, what other keys have sealed; at most `limit` values. Answers how
    /// many; fewer than `limit`: no other key is needed any more.
    async fn reseal(&self, limit: u32) -> Result<u64, StoreError>;

    /// Which schema the store has now. [`StoreError::Schema`]: none, or an older one than this version's.
    async fn schema(&self) -> Result<SchemaState, StoreError>;
}
