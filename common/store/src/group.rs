//! Group commit: concurrent calls of one verb become one call with many items.
//!
//! While one call is under way the next items gather; so a lone item goes out at once, and under
//! load one commit serves as many as have come meanwhile. How many may gather is bounded: whoever comes
//! then waits ([`Group::perform`]) or is turned away ([`Group::offer`]).

use std::collections::VecDeque;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::timeout;

/// How much a batch holds at most.
#[derive(Debug)]
pub struct Batch<T> {
    /// Items.
    pub items: usize,
    /// Bytes; the last item may go over it.
    pub bytes: usize,
    /// An item's size (bytes).
    pub size: fn(&T) -> usize,
}

// Not derived: items need not be clonable for it.
impl<T> Clone for Batch<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Batch<T> {}

/// Too many items are ahead; this one was not touched, and never will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// Hands items to a task that performs them in batches. Cheap to clone; the task ends when the last
/// clone is dropped and all items are done.
#[derive(Debug)]
pub struct Group<T, R> {
    items: mpsc::Sender<Entry<T, R>>,
}

/// An item that waits for its batch, and can be taken back until then.
#[derive(Debug)]
struct Entry<T, R> {
    item: Held<T>,
    answer: oneshot::Sender<R>,
}

#[derive(Debug)]
struct Held<T>(Arc<SyncMutex<Option<T>>>);

impl<T> Held<T> {
    fn new(item: T) -> Self {
        Self(Arc::new(SyncMutex::new(Some(item))))
    }

    fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<T> Clone for Held<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T, R> Clone for Group<T, R> {
    fn clone(&self) -> Self {
        Self { items: self.items.clone() }
    }
}

impl<T, R> Group<T, R>
where
    T: Send + 'static,
    R: Send + 'static,
{
    /// Starts `lanes` tasks, each with one batch under way. `perform` must answer one result for each
    /// item, in order.
    pub fn start<F, Fut>(lanes: usize, batch: Batch<T>, perform: F) -> Self
    where
        F: Fn(Vec<T>) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Vec<R>> + Send + 'static,
    {
        let (items, gathered) = mpsc::channel(batch.items * 4);
        let gathered = Arc::new(Mutex::new(gathered));
        for _ in 0..lanes.max(1) {
            tokio::spawn(run(Arc::clone(&gathered), batch, perform.clone()));
        }
        Self { items }
    }

    /// Performs one item as part of some batch. Waits while too many are ahead. `None` when the
    /// batch panicked: what became of the item is then unknown.
    pub async fn perform(&self, item: T) -> Option<R> {
        let (answer, answered) = oneshot::channel();
        self.items.send(Entry { item: Held::new(item), answer }).await.ok()?;
        answered.await.ok()
    }

    /// The same, but the item is taken back when its batch does not begin within `patience`.
    ///
    /// # Errors
    /// [`Full`] when it was, or when so many are ahead that there is no use in waiting.
    pub async fn offer(&self, item: T, patience: Duration) -> Result<Option<R>, Full> {
        let (answer, mut answered) = oneshot::channel();
        let item = Held::new(item);
        self.items.try_send(Entry { item: item.clone(), answer }).map_err(|_full| Full)?;
        if let Ok(answer) = timeout(patience, &mut answered).await {
            return Ok(answer.ok());
        }
        match item.take() {
            Some(_taken_back) => Err(Full),
            None => Ok(answered.await.ok()),
        }
    }
}

type Gathered<T, R> = Arc<Mutex<mpsc::Receiver<Entry<T, R>>>>;

async fn run<T, R, F, Fut>(gathered: Gathered<T, R>, batch: Batch<T>, perform: F)
where
    F: Fn(Vec<T>) -> Fut,
    Fut: Future<Output = Vec<R>>,
{
    let mut left = VecDeque::new();
    loop {
        let Some(next) = gather(&gathered, batch, &mut left).await else { return };
        let (items, answers): (Vec<T>, Vec<oneshot::Sender<R>>) = next.into_iter().unzip();
        // A panic costs its batch, whose callers hear that their answer is unknown, and no other.
        let Ok(results) = AssertUnwindSafe(perform(items)).catch_unwind().await else { continue };
        for (answer, result) in answers.into_iter().zip(results) {
            // A caller that went away does not need its answer.
            drop(answer.send(result));
        }
    }
}

/// Waits for an item and takes what else is there, beginning with what was left over the last time. `None`:
/// there will be no more.
async fn gather<T, R>(
    gathered: &Gathered<T, R>,
    batch: Batch<T>,
    left: &mut VecDeque<Entry<T, R>>,
) -> Option<Vec<(T, oneshot::Sender<R>)>> {
    let (mut taken, mut bytes) = (Vec::new(), 0);
    while taken.is_empty() {
        if left.is_empty() {
            // Never `try_recv`, which blocks its thread while a sender is halfway through.
            let mut arrived = Vec::new();
            if gathered.lock().await.recv_many(&mut arrived, batch.items).await == 0 {
                return None;
            }
            left.extend(arrived);
        }
        while bytes < batch.bytes
            && let Some(next) = left.pop_front()
        {
            if let Some(item) = next.item.take() {
                bytes += (batch.size)(&item);
                taken.push((item, next.answer));
            }
        }
    }
    Some(taken)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn batch<T>(items: usize) -> Batch<T> {
        Batch { items, bytes: usize::MAX, size: |_| 1 }
    }

    #[tokio::test]
    async fn items_that_arrive_while_a_batch_is_under_way_share_the_next_one() {
        let (started, mut batches) = mpsc::unbounded_channel();
        let (go, gate) = tokio::sync::watch::channel(false);
        let group = Group::start(1, batch(100), move |items: Vec<u32>| {
            let (started, mut gate) = (started.clone(), gate.clone());
            async move {
                started.send(items.len()).ok();
                gate.wait_for(|open| *open).await.ok();
                items.into_iter().map(|item| item * 2).collect()
            }
        });
        let first = tokio::spawn({
            let group = group.clone();
            async move { group.perform(1).await }
        });
        assert_eq!(batches.recv().await, Some(1));
        let others: Vec<_> = (2..12)
            .map(|item| {
                tokio::spawn({
                    let group = group.clone();
                    async move { group.perform(item).await }
                })
            })
            .collect();
        tokio::task::yield_now().await;
        go.send(true).ok();
        assert_eq!(first.await.ok().flatten(), Some(2));
        for (other, item) in others.into_iter().zip(2..12) {
            assert_eq!(other.await.ok().flatten(), Some(item * 2));
        }
        assert_eq!(batches.recv().await, Some(10));
    }

    #[tokio::test]
    async fn a_batch_never_exceeds_its_bound() {
        let group = Group::start(2, batch(3), |items: Vec<u32>| async move {
            assert!(items.len() <= 3);
            items
        });
        let all: Vec<_> = (0..50)
            .map(|item| {
                tokio::spawn({
                    let group = group.clone();
                    async move { group.perform(item).await }
                })
            })
            .collect();
        for (item, done) in all.into_iter().enumerate() {
            assert_eq!(done.await.ok().flatten(), u32::try_from(item).ok());
        }
    }

    #[tokio::test]
    async fn a_batch_ends_with_the_item_that_fills_it() {
        let (sizes, mut batches) = mpsc::unbounded_channel();
        let full = Batch { items: 100, bytes: 10, size: |item: &usize| *item };
        let group = Group::start(1, full, move |items: Vec<usize>| {
            sizes.send(items.clone()).ok();
            async move { items }
        });
        let all = [4, 4, 9, 30, 1, 1].map(|item| {
            let group = group.clone();
            async move { group.perform(item).await }
        });
        futures_util::future::join_all(all).await;
        let batches = [(); 3].map(|()| batches.try_recv().unwrap());
        assert_eq!(batches, [vec![4, 4, 9], vec![30], vec![1, 1]]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_waits_too_long_is_taken_back_and_never_done() {
        let (started, mut batches) = mpsc::unbounded_channel();
        let (go, gate) = tokio::sync::watch::channel(false);
        let group = Group::start(1, batch(2), move |items: Vec<u32>| {
            let (started, mut gate) = (started.clone(), gate.clone());
            async move {
                started.send(items.clone()).ok();
                gate.wait_for(|open| *open).await.ok();
                items
            }
        });
        let patience = Duration::from_secs(3);
        let first = tokio::spawn({
            let group = group.clone();
            async move { group.offer(1, patience).await }
        });
        assert_eq!(batches.recv().await, Some(vec![1]));
        // Eight may gather behind it, and all of them lose patience.
        let late = futures_util::future::join_all((2..12).map(|item| group.offer(item, patience))).await;
        assert_eq!(late, [Err(Full); 10]);
        go.send(true).ok();
        assert_eq!(first.await.unwrap(), Ok(Some(1)), "what has begun is waited for");
        assert_eq!(group.offer(20, patience).await, Ok(Some(20)));
        assert_eq!(batches.recv().await, Some(vec![20]));
    }

    #[tokio::test]
    async fn a_panic_costs_its_batch_alone() {
        let group = Group::start(1, batch(10), |items: Vec<u32>| async move {
            assert!(!items.contains(&13));
            items
        });
        assert_eq!(group.perform(13).await, None);
        assert_eq!(group.perform(14).await, Some(14));
    }
}
