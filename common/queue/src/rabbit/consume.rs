//! Hears doorbells from RabbitMQ: one task consumes all kinds and hands over what it can read.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream, SelectAll};
use lapin::Consumer;
use lapin::message::Delivery as Message;
use lapin::options::BasicRejectOptions;
use tokio::sync::mpsc;
use tokio::time::{interval, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;

use super::broker::Broker;
use super::dialer::Dialer;
use super::link::{Link, LinkError};
use crate::listener::{Delivery, Listener, ListenerStatus, Receipt};
use crate::message;

/// How often an idle connection is looked at: whether it still stands.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// For acks of what is still held when the listener stops. Claiming takes milliseconds; after
/// this the doorbells go to another worker, which finds the jobs claimed.
const ACK_LIMIT: Duration = Duration::from_secs(5);

/// Listens for all kinds of the broker until `stop` is cancelled, with up to `prefetch` doorbells
/// of each kind unacked (keep it near the number of doorbells claimed at a time; at least one).
/// Returns at once; the broker may be away. To be called within a tokio runtime.
#[must_use]
pub fn listen(broker: Broker, prefetch: u16, stop: &CancellationToken) -> Listener {
    let prefetch = prefetch.max(1);
    let (sender, deliveries) = mpsc::channel(usize::from(prefetch));
    let status = ListenerStatus::default();
    let stop = stop.child_token();
    let background = TaskTracker::new();
    let consuming = ConsumeLoop { sender, prefetch, status: status.clone(), stop: stop.clone() };
    background.spawn(consuming.run(broker));
    Listener::new(deliveries, status, stop, background)
}

struct ConsumeLoop {
    sender: mpsc::Sender<Delivery>,
    prefetch: u16,
    status: ListenerStatus,
    stop: CancellationToken,
}

impl ConsumeLoop {
    async fn run(self, broker: Broker) {
        let mut dialer = Dialer::new(broker, "listener");
        while let Some(link) = dialer.connect(&self.stop).await {
            let outstanding = TaskTracker::new();
            let ended = self.consume(&link, &outstanding).await;
            self.status.set_connected(false);
            match ended {
                Ok(()) => {
                    outstanding.close();
                    // The rest is delivered again, elsewhere.
                    let _ = timeout(ACK_LIMIT, outstanding.wait()).await;
                    link.close().await;
                }
                Err(cause) => dialer.lost(link, &cause, &self.stop).await,
            }
        }
    }

    /// Hands over doorbells from this link until told to stop, or until it is lost.
    async fn consume(&self, link: &Link, outstanding: &TaskTracker) -> Result<(), LinkError> {
        let mut arrivals = arrivals(link.consume(self.prefetch).await?);
        self.status.set_connected(true);
        let mut look = interval(LOOK_EVERY);
        loop {
            // A place for it comes first, so that nothing is taken that nobody has room for.
            let next = async { (self.sender.reserve().await, arrivals.next().await) };
            tokio::select! {
                () = self.stop.cancelled() => return Ok(()),
                _ = look.tick() => if !link.is_open() { return Err(LinkError::Closed) },
                (place, arrival) = next => {
                    let Ok(place) = place else { return Ok(()) };
                    let message = arrival.unwrap_or(Err(LinkError::ConsumerCancelled))?;
                    if let Some(delivery) = self.read(message, outstanding).await? {
                        place.send(delivery);
                    }
                }
            }
        }
    }

    /// The doorbell in a message. One that nobody can read becomes a dead letter, alone.
    async fn read(&self, message: Message, outstanding: &TaskTracker) -> Result<Option<Delivery>, LinkError> {
        match message::decode(&message.data) {
            Ok(doorbell) => {
                let receipt = Receipt { acker: message.acker, outstanding: outstanding.token() };
                Ok(Some(Delivery::received(doorbell, receipt)))
            }
            Err(reason) => {
                warn!(%reason, queue = %message.routing_key, "unreadable doorbell, dead-lettered");
                self.status.count_unreadable();
                let options = BasicRejectOptions { requeue: false };
                message.acker.reject(options).await?;
                Ok(None)
            }
        }
    }
}

/// All consumers in one stream. Merged streams vanish silently when they end, so each announces
/// its end as an error.
fn arrivals(consumers: Vec<Consumer>) -> SelectAll<BoxStream<'static, Result<Message, LinkError>>> {
    let until_its_end = |consumer: Consumer| {
        let end = stream::once(async { Err(LinkError::ConsumerCancelled) });
        let messages = consumer.map(|message| Ok(message?));
        messages.chain(end).boxed()
    };
    stream::select_all(consumers.into_iter().map(until_its_end))
}
