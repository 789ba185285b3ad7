//! Callers who wait for a job to come further. While somebody waits, all jobs waited for are looked
//! up together, ten times a second: a worker in another process tells only the store.

mod places;

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use prometheus::IntGauge;
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use wxgate_job::{JobId, JobState};
use wxgate_store::Store;
use wxgate_store::model::status::JobView;

use crate::status::is_news;
use places::Places;

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Where callers wait. Cheap to clone.
#[derive(Clone)]
pub(crate) struct WaitingRoom {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn Store>,
    waiting: Mutex<Vec<Waiting>>,
    places: Places,
    arrived: Notify,
    closed: CancellationToken,
}

struct Waiting {
    job: JobId,
    known: Option<JobState>,
    tell: oneshot::Sender<JobView>,
}

impl WaitingRoom {
    /// Opens it. Its one task runs on `home`, until it is closed. `waiting` shows how many are in.
    pub(crate) fn open(store: Arc<dyn Store>, home: &Handle, waiting: IntGauge) -> Self {
        let inner = Arc::new(Inner {
            store,
            waiting: Mutex::default(),
            places: Places::new(waiting),
            arrived: Notify::new(),
            closed: CancellationToken::new(),
        });
        home.spawn(look(Arc::clone(&inner)));
        Self { inner }
    }

    /// Waits until the job is final or in another state than `known`, and gives its view. `None` when
    /// the time is up, when there is no place left for this client or at all, and when the room closes.
    pub(crate) async fn wait(
        &self,
        client: &str,
        job: JobId,
        known: Option<JobState>,
        at_most: Duration,
    ) -> Option<JobView> {
        let _place = self.inner.places.take(client)?;
        let (tell, told) = oneshot::channel();
        self.inner.admit(Waiting { job, known, tell })?;
        timeout(at_most, told).await.ok()?.ok()
    }

    /// Lets everybody go.
    pub(crate) fn close(&self) {
        self.inner.closed.cancel();
        self.inner.waiting.lock().clear();
    }
}

impl Inner {
    fn admit(&self, caller: Waiting) -> Option<()> {
        let mut waiting = self.waiting.lock();
        // Under the lock, so that nobody comes in after the room was emptied for good.
        if self.closed.is_cancelled() {
            return None;
        }
        waiting.push(caller);
        self.arrived.notify_one();
        Some(())
    }

    /// The jobs that somebody still waits for.
    fn wanted(&self) -> Vec<JobId> {
        let mut waiting = self.waiting.lock();
        waiting.retain(|caller| !caller.tell.is_closed());
        let mut jobs: Vec<JobId> = waiting.iter().map(|caller| caller.job).collect();
        jobs.sort_unstable();
        jobs.dedup();
        jobs
    }

    fn tell(&self, views: &[JobView]) {
        let mut waiting = self.waiting.lock();
        for view in views {
            let news = |caller: &mut Waiting| caller.job == view.id && is_news(view.state, caller.known);
            for caller in waiting.extract_if(.., news) {
                // A caller that went away does not need its answer.
                drop(caller.tell.send(view.clone()));
            }
        }
    }
}

async fn look(inner: Arc<Inner>) {
    let looking = async {
        loop {
            let wanted = inner.wanted();
            if wanted.is_empty() {
                inner.arrived.notified().await;
            } else {
                look_once(&inner, &wanted).await;
            }
            sleep(LOOK_EVERY).await;
        }
    };
    inner.closed.run_until_cancelled(looking).await;
}

async fn look_once(inner: &Inner, wanted: &[JobId]) {
    match inner.store.views(wanted).await {
        Ok(views) => inner.tell(&views),
        Err(error) => {
            tracing::debug!(error = &error as &dyn std::error::Error, "waiting.look_failed");
        }
    }
}
