//! Publishes what was rung: a bounded number of messages under way, each confirm awaited, each
//! kind of failure answered in its own way.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::time::{interval, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};
use wxgate_job::Kind;

use super::bell::Shared;
use super::broker::Broker;
use super::dialer::Dialer;
use super::link::{Link, LinkError};
use super::publish::{Publication, PublishError, publish};
use crate::stats::Count;

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

type InFlight<'link> = FuturesUnordered<BoxFuture<'link, Publication>>;

pub(super) struct Publisher {
    shared: Arc<Shared>,
    stop: CancellationToken,
    declared_at: Instant,
}

impl Publisher {
    pub(super) fn new(shared: Arc<Shared>, stop: CancellationToken) -> Self {
        Self { shared, stop, declared_at: Instant::now() }
    }

    /// Connects and publishes until told to stop.
    pub(super) async fn run(mut self, broker: Broker) {
        let stop = self.stop.clone();
        let mut dialer = Dialer::new(broker, "bell");
        while let Some(link) = dialer.connect(&stop).await {
            match self.serve(&link).await {
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

    /// Says whether the broker takes messages, and an error when the link is gone.
    fn look(&self, link: &Link) -> Result<(), LinkError> {
        self.shared.connected.store(!link.is_blocked(), Ordering::Relaxed);
        if link.is_open() { Ok(()) } else { Err(LinkError::Closed) }
    }

    /// Publishes what is held and waits for the last confirm.
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
