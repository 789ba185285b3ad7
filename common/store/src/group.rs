//! Group commit: concurrent calls of one verb become one call with many items.
//!
//! While one call is under way the next items gather; so a lone item goes out at once, and under
//! load one commit serves as many as have come meanwhile.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio::sync::{Mutex, mpsc, oneshot};

/// Hands items to a task that performs them in batches. Cheap to clone; the task ends when the last
/// clone is dropped and all items are done.
#[derive(Debug)]
pub struct Group<T, R> {
    items: mpsc::Sender<(T, oneshot::Sender<R>)>,
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
    /// Starts `lanes` tasks, each with one batch of at most `batch` items under way. `perform` must
    /// answer one result for each item, in order.
    pub fn start<F, Fut>(lanes: usize, batch: usize, perform: F) -> Self
    where
        F: Fn(Vec<T>) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Vec<R>> + Send + 'static,
    {
        let (items, gathered) = mpsc::channel(batch * 4);
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
        self.items.send((item, answer)).await.ok()?;
        answered.await.ok()
    }
}

type Gathered<T, R> = Arc<Mutex<mpsc::Receiver<(T, oneshot::Sender<R>)>>>;

async fn run<T, R, F, Fut>(gathered: Gathered<T, R>, batch: usize, perform: F)
where
    F: Fn(Vec<T>) -> Fut,
    Fut: Future<Output = Vec<R>>,
{
    loop {
        let mut next = Vec::new();
        if gathered.lock().await.recv_many(&mut next, batch).await == 0 {
            return;
        }
        let (items, answers): (Vec<T>, Vec<oneshot::Sender<R>>) = next.into_iter().unzip();
        // A panic costs its batch, whose callers hear that their answer is unknown, and no other.
        let Ok(results) = AssertUnwindSafe(perform(items)).catch_unwind().await else { continue };
        for (answer, result) in answers.into_iter().zip(results) {
            // A caller that went away does not need its answer.
            drop(answer.send(result));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn items_that_arrive_while_a_batch_is_under_way_share_the_next_one() {
        let (started, mut batches) = mpsc::unbounded_channel();
        let (go, gate) = tokio::sync::watch::channel(false);
        let group = Group::start(1, 100, move |items: Vec<u32>| {
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
        let group = Group::start(2, 3, |items: Vec<u32>| async move {
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
    async fn a_panic_costs_its_batch_alone() {
        let group = Group::start(1, 10, |items: Vec<u32>| async move {
            assert!(!items.contains(&13));
            items
        });
        assert_eq!(group.perform(13).await, None);
        assert_eq!(group.perform(14).await, Some(14));
    }
}
