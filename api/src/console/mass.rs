//! Doing the same to many: retrying a whole group of failed jobs, sending all exhausted callbacks again.
//!
//! It runs as a task of the process that was asked, at the rate that was asked for, so that whoever is at
//! the other end is not flooded. It can be stopped, ends with the process, and can be begun anew: what is
//! done already is not found again.

mod source;

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use serde::Serialize;
use tokio::runtime::Handle;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use wxgate_store::clock::now_ms;
use wxgate_store::model::operate::Cause;
use wxgate_store::{Store, StoreError};

use super::desk::Counted;
use super::trouble::Trouble;
use source::Source;

/// Tasks at a time in one process: each has a statement or two under way.
const AT_ONCE: usize = 4;
/// Tasks remembered, the ended ones included.
const REMEMBERED: usize = 20;
/// Changes a second at most.
pub(super) const FASTEST: u32 = 1000;
/// Changes a second unless it is said otherwise: far below what an app may call in a minute.
pub(super) const USUAL: u32 = 10;

/// To what it is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub(super) enum Target {
    /// Failed jobs of one cause.
    Failures(Group),
    /// Callbacks that were given up.
    Callbacks,
}

/// Which failed jobs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Group {
    pub(super) code: String,
    pub(super) errcode: Option<i64>,
    pub(super) app: String,
    pub(super) kind: String,
}

impl Group {
    fn cause(&self) -> Cause {
        Cause { code: self.code.clone(), errcode: self.errcode }
    }
}

/// How a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stand {
    Running,
    /// All were done.
    Finished,
    /// An operator, or the end of the process, stopped it.
    Stopped,
    /// The store failed; what is left can be begun anew.
    Failed,
}

impl Stand {
    /// In a word, as it is told.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }
}

/// A task, running or ended.
pub(super) struct Mass {
    pub(super) id: u64,
    pub(super) target: Target,
    /// Changes a second.
    pub(super) rate: u32,
    /// Unix seconds.
    pub(super) begun_at: i64,
    /// How many there were when it began, as far as was counted.
    pub(super) expected: Counted,
    done: AtomicU64,
    refused: AtomicU64,
    stand: Mutex<Stand>,
    stop: CancellationToken,
}

/// How a task stands, to be told.
#[derive(Clone, Debug, Serialize)]
pub(super) struct MassView {
    pub(super) id: u64,
    #[serde(flatten)]
    pub(super) target: Target,
    pub(super) rate: u32,
    pub(super) begun_at: i64,
    pub(super) expected: Counted,
    pub(super) done: u64,
    pub(super) refused: u64,
    pub(super) stand: Stand,
}

/// The tasks of this process; dropping it stops them.
pub(super) struct Masses {
    store: Arc<dyn Store>,
    home: Handle,
    end: CancellationToken,
    next_id: AtomicU64,
    tasks: Mutex<VecDeque<Arc<Mass>>>,
}

impl Masses {
    pub(super) fn new(store: Arc<dyn Store>, home: Handle) -> Self {
        Self {
            store,
            home,
            end: CancellationToken::new(),
            next_id: AtomicU64::new(1),
            tasks: Mutex::default(),
        }
    }

    /// Begins one. `expected` is how many there are, as far as is known.
    pub(super) fn begin(&self, target: Target, rate: u32, expected: Counted) -> Result<MassView, Trouble> {
        let mut tasks = self.tasks.lock();
        let running = || tasks.iter().filter(|task| task.stand() == Stand::Running);
        if running().count() >= AT_ONCE || running().any(|task| task.target == target) {
            return Err(Trouble::Busy);
        }
        let task = Arc::new(Mass {
            id: self.next_id.fetch_add(1, Ordering::Relaxed),
            target,
            rate: rate.clamp(1, FASTEST),
            begun_at: now_ms() / 1000,
            expected,
            done: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            stand: Mutex::new(Stand::Running),
            stop: self.end.child_token(),
        });
        tasks.push_front(Arc::clone(&task));
        forget_ended(&mut tasks);
        self.home.spawn(Arc::clone(&task).run(Arc::clone(&self.store)));
        Ok(task.view())
    }

    /// Stops one; what is under way is finished first.
    pub(super) fn stop(&self, id: u64) -> Result<MassView, Trouble> {
        let tasks = self.tasks.lock();
        let task = tasks.iter().find(|task| task.id == id).ok_or(Trouble::NoSuchTask)?;
        task.stop.cancel();
        Ok(task.view())
    }

    /// All that are remembered, the newest first.
    pub(super) fn views(&self) -> Vec<MassView> {
        self.tasks.lock().iter().map(|task| task.view()).collect()
    }
}

impl Drop for Masses {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

/// Running ones are never forgotten: there are few of them.
fn forget_ended(tasks: &mut VecDeque<Arc<Mass>>) {
    while tasks.len() > REMEMBERED
        && let Some(oldest) = tasks.iter().rposition(|task| task.stand() != Stand::Running)
    {
        tasks.remove(oldest);
    }
}

impl Mass {
    async fn run(self: Arc<Self>, store: Arc<dyn Store>) {
        let stand = match self.work(&store).await {
            Ok(stand) => stand,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    task = self.id,
                    "console.task_failed"
                );
                Stand::Failed
            }
        };
        *self.stand.lock() = stand;
        let view = self.view();
        tracing::info!(
            task = self.id,
            done = view.done,
            refused = view.refused,
            ?stand,
            "console.task_ended"
        );
    }

    async fn work(&self, store: &Arc<dyn Store>) -> Result<Stand, StoreError> {
        let mut pace = interval(Duration::from_secs(1) / self.rate);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut source = Source::of(&self.target);
        while let Some(page) = source.next(store.as_ref()).await? {
            for item in page {
                tokio::select! {
                    biased;
                    () = self.stop.cancelled() => return Ok(Stand::Stopped),
                    _ = pace.tick() => {}
                }
                let counter = match item.act(store.as_ref()).await?.refusal() {
                    None => &self.done,
                    Some(_) => &self.refused,
                };
                counter.fetch_add(1, Ordering::Relaxed);
            }
            if self.stop.is_cancelled() {
                return Ok(Stand::Stopped);
            }
        }
        Ok(Stand::Finished)
    }

    fn stand(&self) -> Stand {
        *self.stand.lock()
    }

    fn view(&self) -> MassView {
        MassView {
            id: self.id,
            target: self.target.clone(),
            rate: self.rate,
            begun_at: self.begun_at,
            expected: self.expected,
            done: self.done.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            stand: self.stand(),
        }
    }
}

impl MassView {
    /// How far it is, as a percentage of what was expected.
    pub(super) fn percent(&self) -> u64 {
        let seen = self.done + self.refused;
        if self.stand == Stand::Finished { 100 } else { (seen * 100 / self.expected.number.max(1)).min(99) }
    }

    pub(super) fn is_running(&self) -> bool {
        self.stand == Stand::Running
    }
}

impl fmt::Debug for Masses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Masses")
    }
}
