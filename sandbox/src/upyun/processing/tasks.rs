//! All tasks, and what became of them.

use parking_lot::Mutex;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::order::Order;
use crate::bounded::{BoundedLog, Entry, Page};
use crate::clock::Moment;

/// Conversions at one time.
const AT_ONCE: usize = 2;

/// One task of the simulated Upyun.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UpyunTask {
    /// Its id: 32 hex digits.
    pub task_id: String,
    /// When it was handed in, in Unix milliseconds of the sandbox's clock.
    pub at_ms: i64,
    /// The path of the file that it works on.
    pub source: String,
    /// Its type, such as `audio`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its options, such as `/f/mp3/ac/1/ab/48`.
    pub avopts: String,
    /// Where its result goes, if that was said.
    pub save_as: Option<String>,
    /// Whom the notify goes to.
    pub notify_url: Option<String>,
    /// Percent: 100 done, -1 failed; none: not begun.
    pub progress: Option<i8>,
    /// What the notify says, once it is over.
    pub result: Option<Value>,
}

impl Entry for UpyunTask {
    fn weight(&self) -> usize {
        let texts = [&self.task_id, &self.source, &self.kind, &self.avopts].map(String::len);
        let options = [&self.save_as, &self.notify_url].map(|text| text.as_ref().map_or(0, String::len));
        // A result has a dozen short fields.
        size_of::<Self>() + texts.iter().chain(&options).sum::<usize>() + 4_096
    }
}

#[derive(Debug)]
struct Inner {
    log: BoundedLog<UpyunTask>,
    conversions: u64,
}

/// All tasks.
#[derive(Debug)]
pub(crate) struct Tasks {
    inner: Mutex<Inner>,
    pub(super) slots: Semaphore,
}

impl Tasks {
    pub(in crate::upyun) fn new(keep: usize) -> Self {
        let inner = Inner { log: BoundedLog::new(keep), conversions: 0 };
        Self { inner: Mutex::new(inner), slots: Semaphore::new(AT_ONCE) }
    }

    /// Notes a new task and answers its number in the log.
    pub(super) fn add(&self, id: &str, order: &Order, now: Moment) -> u64 {
        let task = UpyunTask {
            task_id: id.to_owned(),
            at_ms: now,
            source: order.source.to_string(),
            kind: order.kind.clone(),
            avopts: order.avopts.clone(),
            save_as: order.save_as.as_ref().map(ToString::to_string),
            notify_url: order.notify_url.as_ref().map(ToString::to_string),
            progress: None,
            result: None,
        };
        self.inner.lock().log.push(task)
    }

    pub(super) fn begun(&self, number: u64) {
        self.inner.lock().log.amend(number, |task| task.progress = Some(0));
    }

    pub(super) fn ended(&self, number: u64, is_done: bool, result: &Value) {
        self.inner.lock().log.amend(number, |task| {
            task.progress = Some(if is_done { 100 } else { -1 });
            task.result = Some(result.clone());
        });
    }

    /// Counts a conversion that was really done.
    pub(super) fn converted(&self) {
        self.inner.lock().conversions += 1;
    }

    /// How many conversions were really done.
    pub(crate) fn conversions(&self) -> u64 {
        self.inner.lock().conversions
    }

    /// The newest tasks that a filter lets through.
    pub(crate) fn select(&self, limit: usize, keep: impl Fn(&UpyunTask) -> bool) -> Page<UpyunTask> {
        self.inner.lock().log.select(limit, keep)
    }
}
