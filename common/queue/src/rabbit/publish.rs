//! One message published, and what its confirm says.

use std::time::Duration;

use lapin::options::BasicPublishOptions;
use lapin::{BasicProperties, Confirmation};
use tokio::time::timeout;
use wxgate_job::{Doorbell, Lane};

use super::link::Link;
use super::topology::routing_key;
use crate::message::{self, Unsendable};
use crate::stats::Count;

/// From handing the message over to its confirm. Confirms of a loaded quorum queue take some
/// hundred milliseconds; after ten times that the store has long shown the job to a worker.
const CONFIRM_LIMIT: Duration = Duration::from_secs(5);

/// AMQP's `delivery-mode` of a message that survives a restart of the broker.
const PERSISTENT: u8 = 2;

/// A message whose fate is known, or known to be unknown.
pub(super) struct Publication {
    pub(super) lane: Lane,
    pub(super) result: Result<(), PublishError>,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum PublishError {
    #[error("no queue is bound for it")]
    Unroutable,
    #[error("its queue is full")]
    Refused,
    #[error("the channel does not confirm")]
    ConfirmsOff,
    #[error("the connection ended")]
    Broker(#[source] lapin::Error),
    #[error("no confirm came in time")]
    ConfirmTimeout,
    #[error(transparent)]
    Unsendable(#[from] Unsendable),
}

impl PublishError {
    pub(super) fn count(&self) -> Count {
        match self {
            Self::Unroutable => Count::Unroutable,
            Self::Refused => Count::Refused,
            Self::ConfirmsOff => Count::ConfirmsOff,
            Self::Broker(_) => Count::BrokerErrors,
            Self::ConfirmTimeout => Count::ConfirmTimeouts,
            Self::Unsendable(_) => Count::Unsendable,
        }
    }
}

/// Publishes and waits for the confirm, at most [`CONFIRM_LIMIT`].
pub(super) async fn publish(link: &Link, doorbell: Doorbell) -> Publication {
    let result = send(link, &doorbell).await;
    Publication { lane: doorbell.lane, result }
}

async fn send(link: &Link, doorbell: &Doorbell) -> Result<(), PublishError> {
    let body = message::encode(doorbell)?;
    match timeout(CONFIRM_LIMIT, confirm(link, doorbell, &body)).await {
        Ok(Ok(confirmation)) => verdict(&confirmation),
        Ok(Err(error)) => Err(error),
        Err(_elapsed) => Err(PublishError::ConfirmTimeout),
    }
}

async fn confirm(link: &Link, doorbell: &Doorbell, body: &[u8]) -> Result<Confirmation, PublishError> {
    let key = routing_key(&doorbell.lane.kind).ok_or(Unsendable::KindTooLong)?;
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let properties = BasicProperties::default()
        .with_content_type("application/json".into())
        .with_delivery_mode(PERSISTENT);
    let published = link.channel().basic_publish(link.exchange(), key, options, body, properties);
    let confirm = published.await.map_err(PublishError::Broker)?;
    confirm.await.map_err(PublishError::Broker)
}

/// A message that was returned is acked all the same. With several under way, lapin attaches the
/// returned one to whichever confirm comes next; what follows from it (declare the topology)
/// concerns all kinds, so that does not matter here.
fn verdict(confirmation: &Confirmation) -> Result<(), PublishError> {
    match confirmation {
        Confirmation::Ack(None) => Ok(()),
        Confirmation::Ack(Some(_returned)) => Err(PublishError::Unroutable),
        Confirmation::Nack(_) => Err(PublishError::Refused),
        Confirmation::NotRequested => Err(PublishError::ConfirmsOff),
    }
}
