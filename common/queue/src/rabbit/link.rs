//! One connection to the broker with one channel, from handshake to goodbye. It is never repaired:
//! whatever goes wrong ends it, and the next one begins from nothing.
//!
//! lapin offers a recovery of its own. It is not used: it replays what the lost channel had
//! declared, gives up when its attempts are spent, and covers neither a consumer that the broker
//! cancelled nor a channel that it closed. Beginning anew is one path for all of them.

use std::time::Duration;

use lapin::options::{BasicConsumeOptions, BasicQosOptions, ConfirmSelectOptions};
use lapin::types::{FieldTable, ShortString};
use lapin::{Channel, Connection, ConnectionProperties, Consumer};
use tokio::time::timeout;

use super::broker::Broker;
use super::socket::SocketGuard;
use super::topology::Topology;

/// From dialling to a declared topology. The broker gives its side of the handshake 10 s too
/// (`handshake_timeout`).
const OPEN_LIMIT: Duration = Duration::from_secs(10);

/// For an orderly goodbye, before the socket is shut down anyway.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// Why there is no connection, or none any more.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// Not reachable, not let in, not allowed to declare, or ended by the broker.
    #[error("the broker cannot be used")]
    Broker(#[from] lapin::Error),
    /// Accepted the connection, then fell silent.
    #[error("the broker does not answer")]
    Silent,
    /// Ended without a reason given.
    #[error("the connection was closed")]
    Closed,
    /// The queue was deleted, or moved to another node.
    #[error("the broker cancelled a consumer")]
    ConsumerCancelled,
    /// A message's fate is unknown after the deadline; the connection is not trusted further.
    #[error("a publisher confirm did not come in time")]
    NoConfirm,
    /// The channel does not confirm although it was asked to.
    #[error("publisher confirms are off")]
    ConfirmsOff,
}

pub(super) struct Link {
    connection: Connection,
    channel: Channel,
    topology: Topology,
    _socket: SocketGuard,
}

impl Link {
    /// Connects and declares the topology. `role` is shown in the broker's list of connections.
    ///
    /// # Errors
    /// [`LinkError::Broker`] or [`LinkError::Silent`].
    pub(super) async fn open(broker: &Broker, role: &str) -> Result<Self, LinkError> {
        timeout(OPEN_LIMIT, Self::handshake(broker, role)).await.unwrap_or(Err(LinkError::Silent))
    }

    async fn handshake(broker: &Broker, role: &str) -> Result<Self, LinkError> {
        let properties =
            ConnectionProperties::default().with_connection_name(format!("wxgate {role}").into());
        let socket = SocketGuard::default();
        let connection = socket.connect(broker.uri().clone(), properties).await?;
        let channel = connection.create_channel().await?;
        let link = Self { connection, channel, topology: broker.topology().clone(), _socket: socket };
        link.topology.declare(&link.channel).await?;
        Ok(link)
    }

    /// Declares the topology once more, for when somebody has deleted it.
    pub(super) async fn redeclare(&self) -> Result<(), LinkError> {
        match timeout(OPEN_LIMIT, self.topology.declare(&self.channel)).await {
            Ok(declared) => Ok(declared?),
            Err(_elapsed) => Err(LinkError::Silent),
        }
    }

    /// From here on every message published is confirmed.
    pub(super) async fn select_confirms(&self) -> Result<(), LinkError> {
        let select = self.channel.confirm_select(ConfirmSelectOptions::default());
        Ok(select.await?)
    }

    /// One consumer for each kind, each with up to `prefetch` messages unacked.
    pub(super) async fn consume(&self, prefetch: u16) -> Result<Vec<Consumer>, LinkError> {
        let options = BasicQosOptions { global: false };
        self.channel.basic_qos(prefetch, options).await?;
        let mut consumers = Vec::new();
        for queue in self.topology.queues() {
            consumers.push(self.consume_queue(queue.name.clone()).await?);
        }
        Ok(consumers)
    }

    async fn consume_queue(&self, queue: ShortString) -> lapin::Result<Consumer> {
        let tag_by_broker = ShortString::default();
        let options = BasicConsumeOptions::default();
        self.channel.basic_consume(queue, tag_by_broker, options, FieldTable::default()).await
    }

    pub(super) fn channel(&self) -> &Channel {
        &self.channel
    }

    pub(super) fn exchange(&self) -> ShortString {
        self.topology.exchange()
    }

    /// Whether both the connection and its channel are up, as far as known.
    pub(super) fn is_open(&self) -> bool {
        self.connection.status().connected() && self.channel.status().connected()
    }

    /// Whether the broker takes no messages for now (resource alarm). Whatever is published
    /// meanwhile would pile up in this process.
    pub(super) fn is_blocked(&self) -> bool {
        self.connection.status().blocked()
    }

    /// Says goodbye and ends the connection.
    pub(super) async fn close(self) {
        let goodbye = self.connection.close(200, "closing".into());
        // Whether it was heard makes no difference: the socket goes with `self`.
        let _ = timeout(CLOSE_LIMIT, goodbye).await;
    }
}
