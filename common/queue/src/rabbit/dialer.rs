//! Keeps connecting, without end and without haste, and tells the log of each outage once.

use std::time::{Duration, Instant};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use wxgate_job::schedule::Reconnect;

use super::broker::Broker;
use super::link::{Link, LinkError};

/// A connection that lived this long was a good one: the next may be tried at once. Shorter ones
/// lengthen the pauses, so that a broker which ends each connection is not hammered. Twice the
/// longest pause.
const GOOD_LIFE: Duration = Duration::from_secs(5);

pub(super) struct Dialer {
    broker: Broker,
    role: &'static str,
    pauses: Reconnect,
    connected_at: Option<Instant>,
    outage_told: bool,
}

impl Dialer {
    pub(super) fn new(broker: Broker, role: &'static str) -> Self {
        Self { broker, role, pauses: Reconnect::default(), connected_at: None, outage_told: false }
    }

    /// Tries until connected; `None` when `stop` is cancelled first.
    pub(super) async fn connect(&mut self, stop: &CancellationToken) -> Option<Link> {
        loop {
            let attempt = Link::open(&self.broker, self.role);
            match stop.run_until_cancelled(attempt).await? {
                Ok(link) => return Some(self.connected(link)),
                Err(error) => self.tell(&error),
            }
            self.pause(stop).await?;
        }
    }

    /// Ends a lost connection, and pauses before the next may be made.
    pub(super) async fn lost(&mut self, link: Link, cause: &LinkError, stop: &CancellationToken) {
        self.tell(cause);
        link.close().await;
        if self.connected_at.is_some_and(|since| since.elapsed() >= GOOD_LIFE) {
            self.pauses.reset();
        }
        self.pause(stop).await;
    }

    async fn pause(&mut self, stop: &CancellationToken) -> Option<()> {
        stop.run_until_cancelled(sleep(self.pauses.next_pause())).await
    }

    fn connected(&mut self, link: Link) -> Link {
        info!(broker = %self.broker, role = self.role, "connected to RabbitMQ");
        self.connected_at = Some(Instant::now());
        self.outage_told = false;
        link
    }

    fn tell(&mut self, cause: &LinkError) {
        if !std::mem::replace(&mut self.outage_told, true) {
            let reason = std::error::Error::source(cause).map(ToString::to_string);
            warn!(
                broker = %self.broker,
                role = self.role,
                error = %cause,
                reason,
                "no connection to RabbitMQ, trying until there is one; jobs run meanwhile, \
                 found in the store"
            );
        }
    }
}
