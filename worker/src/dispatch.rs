//! Claims what is due, fairly, as long as there is room for it.
//!
//! Two sources tell what is due. A doorbell names jobs: those for which there are slots are claimed
//! by their ids at once, which keeps a lone message's way short. For the others only their lane is
//! remembered, and its jobs stay in the store, due; whenever slots are free, the lanes known to have
//! work get equal shares of them. So a flood costs the queue nothing, cancelling stays exact, and a
//! newcomer's message goes out before the flood that came earlier.
//!
//! The store is also asked twice a second which lanes have due jobs. That one look is outbox (doorbells
//! that were lost), delayed retry, scheduled sending and, with the rescue of what dead workers held,
//! the safety net for everything else.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use wxgate_job::{JobId, Lane};
use wxgate_queue::{Delivery, Listener};
use wxgate_store::model::work::{ClaimedJob, WorkerId};
use wxgate_store::{DirectoryWatch, Store, StoreError};

use crate::at_once::AtOnce;
use crate::attempt::Runner;
use crate::gates::Gates;
use crate::in_hand::InHand;
use crate::lease::Lease;
use crate::slots::{AppLimits, Slot, Slots};

/// How often the store is asked which lanes have due jobs.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How often claims whose answer was lost are looked for, besides right after such a loss.
const RELEASE_EVERY: Duration = Duration::from_secs(30);

/// How often the lanes behind closed gates are searched for jobs that ask nothing of WeChat any more.
const SWEEP_EVERY: Duration = Duration::from_secs(15);

/// Such jobs that are claimed in one go.
const SWEEP: u32 = 100;

/// Jobs in one claim at most: enough to fill all slots in two claims, and short enough not to make
/// the first of them wait for the last.
const BATCH: usize = 256;

/// Lanes that share in one claim at most.
const LANES: usize = 128;

/// The dispatcher of one process.
#[derive(Debug)]
pub struct Dispatcher {
    parts: DispatchParts,
    /// Lanes that are known to have due jobs in the store.
    backlog: BTreeSet<Lane>,
    /// Whether the lanes that were due when the store was last asked are among them.
    looked: bool,
    /// The lane that got the last share; the next one goes to those after it.
    last_served: Option<Lane>,
    release_at: Instant,
    sweep_at: Instant,
}

/// What a dispatcher needs.
#[derive(Clone)]
pub struct DispatchParts {
    /// Where the jobs are.
    pub store: Arc<dyn Store>,
    /// The apps' limits.
    pub directory: DirectoryWatch,
    /// The right to claim.
    pub lease: Lease,
    /// Room for work.
    pub slots: Slots,
    /// What holds apps' jobs back.
    pub gates: Gates,
    /// Does the jobs.
    pub runner: Runner,
    /// The attempts under way.
    pub attempts: TaskTracker,
    /// Jobs in this process' hands.
    pub in_hand: InHand,
    /// What the intake of this process may have begun at once.
    pub(crate) at_once: AtOnce,
}

impl DispatchParts {
    /// Slots for an app, up to `wanted`.
    pub(crate) fn take_slots(&self, app: &str, wanted: usize) -> Vec<Slot> {
        let directory = self.directory.now();
        let limits = directory.apps.get(app).map_or_else(AppLimits::default, |app| AppLimits {
            concurrency: app.concurrency,
            rate: app.rate,
        });
        self.slots.take(app, limits, wanted)
    }

    /// Begins an attempt.
    pub(crate) fn spawn(&self, worker: WorkerId, job: ClaimedJob, slot: Slot, probe: bool) {
        let held = self.in_hand.take(job.claim.job);
        let runner = self.runner.clone();
        self.attempts.spawn(async move {
            let _until_the_end = held;
            runner.run(worker, job, probe, Some(slot)).await;
        });
    }
}

impl std::fmt::Debug for DispatchParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DispatchParts").field("slots", &self.slots).finish_non_exhaustive()
    }
}

/// Slots, each taken for a job of its lane.
type LaneSlots = Vec<(Lane, Slot)>;

/// Doorbells that are about to be claimed together.
#[derive(Default)]
struct Batch {
    ids: Vec<JobId>,
    slots: LaneSlots,
    deliveries: Vec<Delivery>,
}

impl Dispatcher {
    /// A dispatcher that knows of no work yet.
    #[must_use]
    pub fn new(parts: DispatchParts) -> Self {
        let now = Instant::now();
        Self {
            parts,
            backlog: BTreeSet::new(),
            looked: false,
            last_served: None,
            release_at: now + RELEASE_EVERY,
            sweep_at: now + SWEEP_EVERY,
        }
    }

    /// Dispatches until `drain` fires; nothing is claimed after that.
    pub async fn run(mut self, mut listener: Listener, drain: CancellationToken) {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = drain.cancelled() => break,
                _ = ticks.tick() => self.look().await,
                () = self.parts.slots.freed(), if !self.backlog.is_empty() => {}
                delivery = listener.next() => match delivery {
                    Some(delivery) => self.take_doorbells(delivery, &mut listener).await,
                    None => break,
                },
            }
            self.serve_backlog().await;
            self.parts.at_once.something_waits(!self.looked || !self.backlog.is_empty());
        }
        listener.close().await;
    }

    /// Claims what the doorbells that have arrived so far name, as far as there are slots.
    async fn take_doorbells(&mut self, first: Delivery, listener: &mut Listener) {
        let mut batch = Batch::default();
        let mut next = Some(first);
        while let Some(delivery) = next {
            self.admit(delivery, &mut batch);
            next = if batch.ids.len() < BATCH { arrived(listener) } else { None };
        }
        if let Some(held) = self.parts.lease.live().filter(|_| !batch.ids.is_empty()) {
            let claimed = self.parts.store.claim(held.worker, &batch.ids).await;
            self.begin(held.worker, claimed, batch.slots);
        }
        // Acked only now: had this process died before its claims were committed, the broker would
        // have handed the doorbells to another.
        batch.deliveries.into_iter().for_each(Delivery::ack);
    }

    /// Puts as many of a doorbell's jobs into the batch as there are slots; for the others their lane
    /// is remembered.
    fn admit(&mut self, delivery: Delivery, batch: &mut Batch) {
        let lane = &delivery.doorbell.lane;
        if !self.parts.gates.is_open(lane) {
            return delivery.ack();
        }
        let ids = &delivery.doorbell.ids;
        // Those that have been waiting in the store come first.
        let slots = if self.backlog.contains(lane) {
            Vec::new()
        } else {
            self.parts.take_slots(&lane.app, ids.len())
        };
        if slots.len() < ids.len() {
            self.backlog.insert(lane.clone());
        }
        batch.ids.extend(ids.iter().take(slots.len()));
        batch.slots.extend(slots.into_iter().map(|slot| (lane.clone(), slot)));
        batch.deliveries.push(delivery);
    }

    /// Asks the store what is due, and sees to what only time brings about.
    async fn look(&mut self) {
        let Some(held) = self.parts.lease.live() else { return };
        match self.parts.store.due_lanes().await {
            Ok(due) => {
                self.looked = true;
                for lane in due.into_iter().map(|due| due.lane) {
                    self.consider(held.worker, lane).await;
                }
            }
            Err(error) => tracing::debug!(error = &error as &dyn std::error::Error, "dispatch.look_failed"),
        }
        let now = Instant::now();
        if now >= self.sweep_at {
            self.sweep_at = now + SWEEP_EVERY;
        }
        if now >= self.release_at || self.parts.at_once.was_in_doubt() {
            self.release_lost(held.worker).await;
        }
    }

    async fn consider(&mut self, worker: WorkerId, lane: Lane) {
        if self.parts.gates.is_open(&lane) {
            self.backlog.insert(lane);
            return;
        }
        self.backlog.remove(&lane);
        if Instant::now() >= self.sweep_at {
            self.sweep(worker, &lane).await;
        }
        self.probe(worker, &lane).await;
    }

    /// Lets one job through a closed gate, if that is due. The slot comes first: the right to probe is
    /// spent once it is taken.
    async fn probe(&mut self, worker: WorkerId, lane: &Lane) {
        if !self.parts.gates.may_probe(lane) {
            return;
        }
        let Some(slot) = self.parts.slots.take(&lane.app, AppLimits::default(), 1).pop() else { return };
        if !self.parts.gates.probe(lane).await {
            return;
        }
        // What asks nothing of WeChat would be no probe.
        self.sweep(worker, lane).await;
        match self.parts.store.claim_due(worker, &[(lane.clone(), 1)]).await {
            Ok(jobs) => {
                jobs.into_iter()
                    .zip([slot])
                    .for_each(|(job, slot)| self.parts.spawn(worker, job, slot, true));
            }
            Err(error) => self.note_failed_claim(&error),
        }
    }

    /// Lets those jobs through a closed gate that ask nothing of WeChat any more: their time has run out,
    /// they were taken and have only their end to learn, or their leader has ended. For the same reason
    /// no slot is needed.
    async fn sweep(&mut self, worker: WorkerId, lane: &Lane) {
        match self.parts.store.claim_overdue(worker, lane, SWEEP).await {
            Ok(jobs) => {
                for job in jobs {
                    let held = self.parts.in_hand.take(job.claim.job);
                    let runner = self.parts.runner.clone();
                    self.parts.attempts.spawn(async move {
                        let _until_the_end = held;
                        runner.run(worker, job, false, None).await;
                    });
                }
            }
            Err(error) => self.note_failed_claim(&error),
        }
    }

    /// Shares the free slots out among the lanes known to have work.
    async fn serve_backlog(&mut self) {
        if self.backlog.is_empty() {
            return;
        }
        let Some(held) = self.parts.lease.live() else { return };
        let (shares, slots) = self.shares();
        if shares.is_empty() {
            return;
        }
        let claimed = self.parts.store.claim_due(held.worker, &shares).await;
        if let Ok(jobs) = &claimed {
            for (lane, share) in &shares {
                let got = jobs.iter().filter(|job| job.lane == *lane).count();
                if got < *share as usize {
                    self.backlog.remove(lane);
                }
            }
        }
        self.begin(held.worker, claimed, slots);
    }

    /// Takes slots for the lanes in turn, beginning after the one served last, in equal shares. Lanes of
    /// an app that has no room are passed over and keep their place.
    fn shares(&mut self) -> (Vec<(Lane, u32)>, LaneSlots) {
        let free = self.parts.slots.free().min(BATCH);
        let lanes = self.in_turn();
        let equal = (free / lanes.len().clamp(1, LANES)).max(1);
        let (mut shares, mut slots, mut left) = (Vec::new(), Vec::new(), free);
        let mut without_room = HashSet::new();
        for lane in lanes {
            if left == 0 || shares.len() == LANES {
                break;
            }
            if without_room.contains(&lane.app) {
                continue;
            }
            if !self.parts.gates.is_open(&lane) {
                self.backlog.remove(&lane);
                continue;
            }
            let taken = self.parts.take_slots(&lane.app, equal.min(left));
            if taken.is_empty() {
                without_room.insert(lane.app);
                continue;
            }
            left -= taken.len();
            shares.push((lane.clone(), u32::try_from(taken.len()).unwrap_or(u32::MAX)));
            slots.extend(taken.into_iter().map(|slot| (lane.clone(), slot)));
            self.last_served = Some(lane);
        }
        (shares, slots)
    }

    fn in_turn(&self) -> Vec<Lane> {
        let after = |lane: &&Lane| self.last_served.as_ref().is_none_or(|last| *lane > last);
        let later = self.backlog.iter().filter(after);
        let earlier = self.backlog.iter().filter(|lane| !after(lane));
        later.chain(earlier).cloned().collect()
    }

    /// Starts the attempts of what was claimed. Slots that were not needed are given back.
    fn begin(
        &mut self,
        worker: WorkerId,
        claimed: Result<Vec<ClaimedJob>, StoreError>,
        mut slots: LaneSlots,
    ) {
        let jobs = match claimed {
            Ok(jobs) => jobs,
            Err(error) => return self.note_failed_claim(&error),
        };
        for job in jobs {
            // Every claimed job was asked for with a slot of its lane, unless a doorbell was wrong about
            // the lane: then the job is in nobody's hands and is released before long.
            let Some(at) = slots.iter().rposition(|(lane, _)| *lane == job.lane) else { continue };
            let (_, slot) = slots.swap_remove(at);
            self.parts.spawn(worker, job, slot, false);
        }
    }

    fn note_failed_claim(&mut self, error: &StoreError) {
        tracing::warn!(error = error as &dyn std::error::Error, "dispatch.claim_failed");
        // The next look finds the lanes again; until then nothing is claimed in a hot loop.
        self.backlog.clear();
        self.looked = false;
        if error.is_unknown() {
            self.release_at = Instant::now();
        }
    }

    /// Frees what was claimed by a statement whose answer never came.
    async fn release_lost(&mut self, worker: WorkerId) {
        match self.try_to_release(worker).await {
            Ok(released) => {
                self.release_at = Instant::now() + RELEASE_EVERY;
                if released > 0 {
                    tracing::info!(released, "dispatch.released");
                }
            }
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "dispatch.releasing_failed");
            }
        }
    }

    async fn try_to_release(&self, worker: WorkerId) -> Result<u64, StoreError> {
        let mut lost = self.parts.store.held_jobs(worker).await?;
        lost.retain(|claim| !self.parts.in_hand.has(claim.job));
        if lost.is_empty() {
            return Ok(0);
        }
        // What is claimed with its accept comes into our hands a little later.
        self.parts.at_once.landed().await;
        lost.retain(|claim| !self.parts.in_hand.has(claim.job));
        self.parts.store.release_jobs(worker, &lost).await
    }
}

/// A doorbell that has arrived already.
fn arrived(listener: &mut Listener) -> Option<Delivery> {
    use futures_util::FutureExt as _;
    listener.next().now_or_never().flatten()
}
