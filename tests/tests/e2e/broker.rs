//! A look at a queue on the broker, past the gateway.

use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties};

/// Where doorbells for template messages wait.
const NAME: &str = "wxgate.jobs.async_send_tpl";

/// The queue of template messages.
pub struct Queue {
    channel: Channel,
    _connection: Connection,
}

/// What the broker says of it.
pub struct Load {
    /// Messages that nobody holds.
    pub messages: u32,
    /// Who listens.
    pub consumers: u32,
}

impl Queue {
    /// On the broker at `url`.
    pub async fn at(url: &str) -> Self {
        let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        Self { channel, _connection: connection }
    }

    /// How it stands now.
    pub async fn look(&self) -> Load {
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let queue = self.channel.queue_declare(NAME.into(), passive, FieldTable::default()).await.unwrap();
        Load { messages: queue.message_count(), consumers: queue.consumer_count() }
    }
}
