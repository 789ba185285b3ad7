//! Rings over RabbitMQ: [`RabbitBell::ring`] only notes the ids, one task publishes them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::{interval, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};
use wxgate_job::{Doorbell, Kind};

use super::broker::Broker;
use super::dialer::Dialer;
use super::link::{Link, LinkError};
use super::publish::{Publication, PublishError, publish};
use crate::pending::Pending;
use crate::stats::{Count, Counters};
use crate::{Bell, BellStats};

/// Ids held while the broker is away or slow: half a second (the pace at which workers look into
/// the store) of the fastest intake thinkable here, 20,000 a second.
const HELD_IDS: usize = 10_000;

/// Messages under way. At a few milliseconds for a confirm this is some thousand messages a
/// second, about what a quorum queue takes.
const UNCONFIRMED: usize = 32;

/// How long a kind whose queue is full is not rung. Its workers have 10,000 messages to go.
const FULL_PAUSE: Duration = Duration::from_secs(1);

/// How often a missing topology is declared at most.
const REDECLARE_PAUSE: Duration = Duration::from_secs(1);

/// How often an idle connection is looked at: whether it still stands, whether its block is over.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// For publishing what is held when told to stop.
const FLUSH_LIMIT: Duration = Duration::from_secs(3);

/// The bell of one process. Dropping it ends its task as well, after a flush.
pub struct RabbitBell {
    shared: Arc<Shared>,
    stop: CancellationToken,
    background: TaskTracker,
}

struct Shared {
    pending: Mutex<Pending>,
    rung: Notify,
    connected: AtomicBool,
    counters: Counters,
}

impl RabbitBell {
    /// Begins to connect and returns at once; the broker may be away. To be called within a tokio
    /// runtime.
    #[must_use]
    pub fn start(broker: Broker) -> Self {
        let bell = Self {
            shared: Arc::new(Shared {
                pending: Mutex::new(Pending::new(HELD_IDS)),
                rung: Notify::new(),
                connected: AtomicBool::new(false),
                counters: Counters::default(),
            }),
            stop: CancellationToken::new(),
            background: TaskTracker::new(),
        };
        let publisher = Publisher {
            shared: Arc::clone(&bell.shared),
            stop: bell.stop.clone(),
            declared_at: Instant::now(),
        };
        bell.background.spawn(publisher.run(broker));
        bell
    }
}

#[async_trait]
impl Bell for RabbitBell {
    fn ring(&self, doorbell: Doorbell) {
        let counters = &self.shared.counters;
        counters.add(Count::Rung, doorbell.ids.len());
        let dropped = self.shared.pending.lock().push(doorbell, Instant::now());
        counters.add(Count::Dropped, dropped);
        self.shared.rung.notify_one();
    }

    fn is_connected(&self) -> bool {
        self.shared.connected.load(Ordering::Relaxed)
    }

    fn stats(&self) -> BellStats {
        self.shared.counters.snapshot()
    }

    async fn close(&self) {
        self.stop.cancel();
        self.background.close();
        self.background.wait().await;
    }
}

impl Drop for RabbitBell {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

type InFlight<'link> = FuturesUnordered<BoxFuture<'link, Publication>>;

struct Publisher {
    shared: Arc<Shared>,
    stop: CancellationToken,
    declared_at: Instant,
}

impl Publisher {
    async fn run(mut self, broker: Broker) {
        let stop = self.stop.clone();
        let mut dialer = Dialer::new(broker, "bell");
        while let Some(link) = dialer.connect(&stop).await {
            let served = self.serve(&link).await;
            match served {
                Ok(()) => link.close().await,
                Err(cause) => dialer.lost(link, &cause, &stop).await,
            }
        }
        let given_up = self.shared.pending.lock().close();
        self.shared.counters.add(Count::Dropped, given_up);
    }

    /// Publishes over this link until told to stop, or until it is lost.
    async fn serve(&mut self, link: &Link) -> Result<(), LinkError> {
        link.select_confirms().await?;
        self.declared_at = Instant::now();
        self.shared.connected.store(true, Ordering::Relaxed);
        let mut in_flight = InFlight::new();
        let served = self.publish_all(link, &mut in_flight).await;
        self.shared.connected.store(false, Ordering::Relaxed);
        self.shared.counters.add(Count::BrokerErrors, in_flight.len());
        self.shared.pending.lock().all_settled();
        served
    }

    async fn publish_all<'link>(
        &mut self,
        link: &'link Link,
        in_flight: &mut InFlight<'link>,
    ) -> Result<(), LinkError> {
        let shared = Arc::clone(&self.shared);
        let stop = self.stop.clone();
        let mut look = interval(LOOK_EVERY);
        loop {
            self.start_publishing(link, in_flight);
            tokio::select! {
                Some(publication) = in_flight.next() => self.settle(link, publication).await?,
                () = shared.rung.notified() => {}
                _ = look.tick() => self.look(link)?,
                () = stop.cancelled() => {
                    return timeout(FLUSH_LIMIT, self.flush(link, in_flight)).await.unwrap_or(Ok(()));
                }
            }
        }
    }

    fn look(&self, link: &Link) -> Result<(), LinkError> {
        self.shared.connected.store(!link.is_blocked(), Ordering::Relaxed);
        if link.is_open() { Ok(()) } else { Err(LinkError::Closed) }
    }

    async fn flush<'link>(
        &mut self,
        link: &'link Link,
        in_flight: &mut InFlight<'link>,
    ) -> Result<(), LinkError> {
        loop {
            self.start_publishing(link, in_flight);
            match in_flight.next().await {
                Some(publication) => self.settle(link, publication).await?,
                None => return Ok(()),
            }
        }
    }

    fn start_publishing<'link>(&self, link: &'link Link, in_flight: &mut InFlight<'link>) {
        while in_flight.len() < UNCONFIRMED && !link.is_blocked() {
            let Some(doorbell) = self.shared.pending.lock().take() else {
                return;
            };
            in_flight.push(Box::pin(publish(link, doorbell)));
        }
    }

    /// Acts on one message's fate. An error ends the link.
    async fn settle(&mut self, link: &Link, publication: Publication) -> Result<(), LinkError> {
        let Publication { lane, result } = publication;
        self.shared.pending.lock().settled(&lane);
        let Err(error) = result else {
            self.shared.counters.add(Count::Confirmed, 1);
            return Ok(());
        };
        self.shared.counters.add(error.count(), 1);
        match error {
            PublishError::Unroutable => self.redeclare(link).await,
            PublishError::Refused => {
                self.pause(&lane.kind);
                Ok(())
            }
            PublishError::Unsendable(reason) => {
                warn!(%reason, kind = %lane.kind, "a doorbell cannot be published");
                Ok(())
            }
            // A broker that has blocked us confirms late, and says so: no reason to leave.
            PublishError::ConfirmTimeout if link.is_blocked() => Ok(()),
            PublishError::ConfirmTimeout => Err(LinkError::NoConfirm),
            PublishError::ConfirmsOff => Err(LinkError::ConfirmsOff),
            PublishError::Broker(source) => Err(LinkError::Broker(source)),
        }
    }

    async fn redeclare(&mut self, link: &Link) -> Result<(), LinkError> {
        if self.declared_at.elapsed() < REDECLARE_PAUSE {
            return Ok(());
        }
        warn!("a queue is missing on RabbitMQ, declaring all of them again");
        link.redeclare().await?;
        self.declared_at = Instant::now();
        Ok(())
    }

    fn pause(&self, kind: &Kind) {
        debug!(%kind, "the queue is full, not ringing for a moment");
        let until = Instant::now() + FULL_PAUSE;
        let given_up = self.shared.pending.lock().pause(kind, until);
        self.shared.counters.add(Count::Dropped, given_up);
    }
}
