//! One attempt at one claimed job, from the lease's check to the settlement.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};
use wxgate_job::decide::{self, Facts, OnAmbiguity, Permission, Step};
use wxgate_job::{Failure, JobState, Outcome, millis};
use wxgate_store::endpoint::endpoint_of;
use wxgate_store::model::callback::{CallbackClaim, CallbackId, CallbackOrder, ClaimedCallback, JobReport};
use wxgate_store::model::sharing::SharedEnd;
use wxgate_store::model::work::{Attempt, ClaimedJob, Settled, Settlement, WorkerId};
use wxgate_store::{Directory, DirectoryWatch};

use crate::callbacks::Callbacks;
use crate::gates::Gates;
use crate::handler::Handlers;
use crate::lease::Lease;
use crate::metrics::Metrics;
use crate::receipt;
use crate::settler::Settler;
use crate::slots::Slot;

/// Longer than it takes this process to read the directory again.
const UNTIL_RELOADED: Duration = Duration::from_secs(1);

/// An attempt that comes to nothing after so long was waiting for an answer: WeChat's take a tenth of that.
const HANGS: Duration = Duration::from_secs(2);

/// All that an attempt needs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Runner {
    /// What does the job.
    pub handlers: Handlers,
    /// The right to.
    pub lease: Lease,
    /// What clients wish.
    pub directory: DirectoryWatch,
    /// What holds an app's jobs back.
    pub gates: Gates,
    /// Where the result goes.
    pub settler: Settler,
    /// Where the caller is told.
    pub callbacks: Callbacks,
    /// What is counted.
    pub(crate) metrics: Arc<Metrics>,
}

/// What an attempt came to, and what it took.
struct Ended {
    step: Step,
    /// WeChat answered, and neither refused the app nor its quota: it is well.
    app_is_well: bool,
    /// Whether the upstream answered; `None`: it was not asked, or was not given its time.
    answered: Option<bool>,
    began_at: i64,
    /// As it was when the attempt began.
    directory: Arc<Directory>,
    took: Duration,
    in_doubt: bool,
    /// The verdict on the app rests on settings that have changed since.
    outdated: bool,
}

impl Runner {
    /// Runs one attempt and settles the job. A probe that shows the app to be well opens its gate. The slot makes
    /// room for another call as soon as this one has ended.
    pub async fn run(&self, worker: WorkerId, job: ClaimedJob, probe: bool, slot: Option<Slot>) {
        let span = tracing::debug_span!(
            "attempt",
            job = job.claim.job.get(),
            kind = job.lane.kind.as_str(),
            app = job.lane.app,
            attempt = i64::from(job.attempt),
            outcome = Empty
        );
        self.run_in_span(worker, job, probe, slot).instrument(span).await;
    }

    async fn run_in_span(&self, worker: WorkerId, job: ClaimedJob, probe: bool, mut slot: Option<Slot>) {
        self.metrics.claimed(&job.lane.kind);
        self.metrics.under_way.inc();
        let mut ended = self.attempt(worker, &job).await;
        if let (Some(slot), Some(answered)) = (&slot, ended.answered) {
            slot.note(answered);
        }
        self.metrics.under_way.dec();
        self.metrics.attempted(&job.lane.kind, word(&ended.step), ended.took);
        tracing::debug!(
            job = job.claim.job.get(),
            kind = job.lane.kind.as_str(),
            attempt = job.attempt,
            outcome = word(&ended.step),
            elapsed_ms = ended.took.as_millis(),
            "job.attempt"
        );
        Span::current().record("outcome", word(&ended.step));
        if let Step::Close(gate, failure) = &ended.step {
            ended.outdated = self.gates.is_outdated(&job.lane, &ended.directory).await;
            if !ended.outdated {
                self.gates.close(&job.lane, *gate, failure).await;
            }
        } else if probe && ended.app_is_well {
            self.gates.open(&job.lane).await;
        }
        // Not before the gate is closed: the next one would still go through it.
        if let Some(slot) = &mut slot {
            slot.end_call();
        }
        self.settle(worker, job, ended).await;
    }

    async fn attempt(&self, worker: WorkerId, job: &ClaimedJob) -> Ended {
        let (began, directory) = (Instant::now(), self.directory.now());
        let facts = self.facts(job, &directory);
        let permission = decide::may_begin(&facts, job.last_failure.as_ref());
        let (step, app_is_well, answered, in_doubt) = match (&job.shared, permission) {
            (Some(end), _) => (end_of_follower(end), false, None, false),
            (None, Permission::Stop(failure)) => (Step::Fail(failure), false, None, false),
            (None, permission) => {
                let outcome = self.perform(worker, job).await;
                let facts = Facts { now: job.claimed_at.saturating_add(millis(began.elapsed())), ..facts };
                // Of what was taken before, WeChat was not asked.
                let app_is_well = !facts.taken && shows_app_well(&outcome);
                let answered = was_answered(&outcome, began.elapsed());
                let step = decide::decide(&facts, outcome, rand::random());
                (step, app_is_well, answered, permission == Permission::GoInDoubt)
            }
        };
        let (began_at, took) = (job.claimed_at, began.elapsed());
        Ended { step, app_is_well, answered, began_at, directory, took, in_doubt, outdated: false }
    }

    fn facts(&self, job: &ClaimedJob, directory: &Directory) -> Facts {
        let client = directory.clients.get(&job.lane.client);
        let repeatable = self.handlers.of(&job.lane.kind).is_some_and(|handler| handler.repeatable());
        Facts {
            attempt: job.attempt,
            now: job.claimed_at,
            deadline: job.deadline_at,
            expires: job.expires,
            // Where twice is as good as once there is nothing to be in doubt of.
            ambiguous_since: job.ambiguous_since.filter(|_| !repeatable),
            on_ambiguity: client.map_or(OnAmbiguity::default(), |client| client.on_ambiguity),
            taken: job.result.is_some(),
        }
    }

    /// Runs the handler as long as it may. A panic counts as a failed attempt.
    async fn perform(&self, worker: WorkerId, job: &ClaimedJob) -> Outcome {
        let Some(handler) = self.handlers.of(&job.lane.kind) else {
            let message = format!("this version does not know jobs of kind '{}'", job.lane.kind);
            return again(Failure::new("unknown_kind", message), false);
        };
        let Some(held) = self.lease.live().filter(|held| held.worker == worker) else {
            return Outcome::Interrupted;
        };
        let end = Instant::now() + handler.limit().min(left(job));
        if handler.repeatable() {
            tokio::select! {
                outcome = caught(handler.run(job, end)) => outcome,
                () = self.lease.lost(worker) => Outcome::Interrupted,
            }
        } else {
            caught(handler.run(job, held.until.min(end))).await
        }
    }

    async fn settle(&self, worker: WorkerId, job: ClaimedJob, ended: Ended) {
        let order = self.callback_order(&job, &ended.step);
        let claimed = order.as_ref().filter(|order| order.claimed).cloned();
        let settlement = settlement(&job, &ended, order);
        let report = claimed.is_some().then(|| report(&job, &settlement));
        let id = CallbackId { job: job.claim.job, seq: job.claim.number };
        if claimed.is_some() {
            self.callbacks.take_in_hand(id);
        }
        let state = settlement.state;
        let settled = self.settler.job(worker, settlement).await;
        self.metrics.settled(&job.lane.kind, state, settled);
        let Some((order, report)) = claimed.zip(report) else { return };
        if settled == Settled::TakenOver {
            self.callbacks.let_go(id, &order.endpoint);
            return;
        }
        let claim = CallbackClaim { id, number: 1 };
        self.callbacks.post(
            worker,
            ClaimedCallback {
                claim,
                url: order.url,
                endpoint: order.endpoint,
                attempt: 1,
                waited_ms: 0,
                report,
            },
        );
    }

    /// The callback that this step gives rise to; claimed for this worker when its endpoint has a
    /// slot free.
    fn callback_order(&self, job: &ClaimedJob, step: &Step) -> Option<CallbackOrder> {
        if !matches!(step, Step::Succeed(_) | Step::Fail(_)) {
            return None;
        }
        let url = job.callback_url.clone()?;
        let endpoint = endpoint_of(&url);
        let claimed = self.callbacks.take_slot(&endpoint);
        Some(CallbackOrder { url, endpoint, claimed })
    }
}

/// How much of its life is left to a job. What the upstream has taken is followed to its end.
fn left(job: &ClaimedJob) -> Duration {
    match u64::try_from(job.deadline_at - job.claimed_at) {
        _ if job.result.is_some() => Duration::MAX,
        Ok(left) => Duration::from_millis(left),
        Err(_over) => Duration::ZERO,
    }
}

async fn caught(run: impl Future<Output = Outcome>) -> Outcome {
    let run = AssertUnwindSafe(run).catch_unwind();
    run.await
        .unwrap_or_else(|_panic| again(Failure::new("internal", "the attempt failed inside wxgate"), true))
}

/// A follower ends as its leader did, and its handler is not asked.
fn end_of_follower(end: &SharedEnd) -> Step {
    match end {
        SharedEnd::Succeeded(result) => Step::Succeed(serde_json::from_str(result).unwrap_or_default()),
        SharedEnd::Failed(failure) => Step::Fail(failure.clone()),
    }
}

/// Whether WeChat answered and neither refused the app nor called its quota used up.
fn shows_app_well(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Done(_) | Outcome::Wait { .. } | Outcome::GiveUp(_) => true,
        Outcome::Again { failure, .. } => failure.errcode.is_some(),
        Outcome::Quota(_) | Outcome::AppAtFault(_) | Outcome::Interrupted => false,
    }
}

/// Whether the upstream answered, whatever it said. A refused connection costs no time, so it says nothing.
fn was_answered(outcome: &Outcome, took: Duration) -> Option<bool> {
    match outcome {
        Outcome::Interrupted => None,
        Outcome::Again { failure, .. } if failure.errcode.is_none() => (took >= HANGS).then_some(false),
        _ => Some(true),
    }
}

fn settlement(job: &ClaimedJob, ended: &Ended, callback: Option<CallbackOrder>) -> Settlement {
    let mut settlement = Settlement {
        claim: job.claim,
        state: JobState::Queued,
        due_in: Duration::ZERO,
        counts: true,
        ambiguous_since: job.ambiguous_since,
        // What the upstream has taken stays known over all that follows.
        result: job.result.clone(),
        msgid: None,
        awaited: None,
        failure: None,
        attempt: Some(record(ended)),
        callback,
    };
    match &ended.step {
        Step::Succeed(result) => {
            settlement.state = JobState::Succeeded;
            settlement.result = Some(result.to_string());
        }
        Step::Wait { result, awaited, at_most } => {
            settlement.awaited = Some(awaited.clone());
            settlement.state = JobState::Waiting;
            settlement.due_in = *at_most;
            settlement.result = Some(result.to_string());
        }
        Step::Retry { pause, failure, ambiguous } => {
            settlement.due_in = *pause;
            settlement.failure = Some(failure.clone());
            if *ambiguous {
                settlement.ambiguous_since = settlement.ambiguous_since.or(Some(ended.began_at));
            }
        }
        Step::Fail(failure) => {
            settlement.state = JobState::Failed;
            settlement.failure = Some(failure.clone());
        }
        Step::Close(_, failure) => {
            settlement.counts = false;
            settlement.failure = Some(failure.clone());
            if ended.outdated {
                settlement.due_in = UNTIL_RELOADED;
            }
        }
        Step::Release => settlement.counts = false,
    }
    let gets_receipts = ended.directory.apps.get(&job.lane.app).is_some_and(|app| app.gets_pushes());
    if job.receipt || gets_receipts {
        settlement.msgid = settlement.result.as_deref().and_then(receipt::msgid_without_receipt);
    }
    settlement
}

fn record(ended: &Ended) -> Attempt {
    let failure = match &ended.step {
        Step::Retry { failure, .. } | Step::Fail(failure) | Step::Close(_, failure) => Some(failure),
        Step::Succeed(_) | Step::Wait { .. } | Step::Release => None,
    };
    let mut message = failure.map(|failure| failure.message.clone()).unwrap_or_default();
    if ended.in_doubt {
        let note = "sent again although an earlier attempt may have reached the user; ";
        message.insert_str(0, note);
    }
    Attempt {
        at: ended.began_at,
        took_ms: u32::try_from(ended.took.as_millis()).unwrap_or(u32::MAX),
        outcome: word(&ended.step).to_owned(),
        code: failure.and_then(|failure| failure.errcode),
        message,
    }
}

fn word(step: &Step) -> &'static str {
    match step {
        Step::Succeed(_) => "done",
        Step::Wait { .. } => "waiting",
        Step::Retry { ambiguous: true, .. } => "ambiguous",
        Step::Retry { .. } => "again",
        Step::Fail(_) => "failed",
        Step::Close(..) => "closed",
        Step::Release => "released",
    }
}

fn report(job: &ClaimedJob, settlement: &Settlement) -> JobReport {
    JobReport {
        job: job.claim.job,
        kind: job.lane.kind.clone(),
        client: job.lane.client.clone(),
        subject: job.subject.clone(),
        state: settlement.state,
        result: settlement.result.clone(),
        failure: settlement.failure.clone(),
    }
}

fn again(failure: Failure, ambiguous: bool) -> Outcome {
    Outcome::Again { failure, at_least: Duration::ZERO, ambiguous }
}
