//! Which broker, and which names on it.

use std::fmt;

use lapin::uri::AMQPUri;
use wxgate_job::Kind;

use super::link::{Link, LinkError};
use super::topology::Topology;

/// Seconds between heartbeats unless the address says otherwise (`?heartbeat=`). A peer that falls
/// silent is given up after twice that. RabbitMQ's documentation advises 5 to 20 s.
const HEARTBEAT: u16 = 10;

/// Bytes in one frame. lapin keeps 2 × 32 frames of buffers for each connection, which would be
/// 8 MiB with the broker's 128 KiB; our messages are about 1 KiB, and larger ones are split.
const FRAME_MAX: u32 = 8 * 1024;

/// An address of a broker, checked but not yet dialled, and the names used there.
#[derive(Clone)]
pub struct Broker {
    uri: AMQPUri,
    topology: Topology,
}

/// Why a broker cannot even be tried. Says nothing of the address itself, which holds a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBroker {
    /// Not of the form `amqp://user:password@host:port/vhost` (or `amqps://`).
    #[error("not an address of the form amqp://user:password@host:port/vhost")]
    Address,
    /// AMQP carries names of up to 255 bytes.
    #[error("a queue's name would exceed 255 bytes")]
    Name,
}

impl Broker {
    /// The broker at `url`, with one queue for each kind: `wxgate.jobs.<kind>`.
    ///
    /// # Errors
    /// [`InvalidBroker`] when the address cannot be parsed or a name is too long.
    pub fn new(url: &str, kinds: &[Kind]) -> Result<Self, InvalidBroker> {
        Self::with_prefix(url, "wxgate", kinds)
    }

    /// Likewise, with all names on the broker beginning with `prefix`, so that several gateways
    /// can share a virtual host.
    ///
    /// # Errors
    /// [`InvalidBroker`] when the address cannot be parsed or a name is too long.
    pub fn with_prefix(url: &str, prefix: &str, kinds: &[Kind]) -> Result<Self, InvalidBroker> {
        let mut uri: AMQPUri = url.parse().map_err(|_| InvalidBroker::Address)?;
        uri.query.heartbeat.get_or_insert(HEARTBEAT);
        uri.query.frame_max.get_or_insert(FRAME_MAX);
        let topology = Topology::new(prefix, kinds).ok_or(InvalidBroker::Name)?;
        Ok(Self { uri, topology })
    }

    /// Connects once and declares the topology: says whether address, credentials and rights will
    /// do.
    ///
    /// # Errors
    /// [`LinkError`], with the broker's own words as its source.
    pub async fn check(&self) -> Result<(), LinkError> {
        Link::open(self, "check").await?.close().await;
        Ok(())
    }

    pub(super) fn uri(&self) -> &AMQPUri {
        &self.uri
    }

    pub(super) fn topology(&self) -> &Topology {
        &self.topology
    }
}

/// Host, port and virtual host; never the credentials.
impl fmt::Display for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, port) = (&self.uri.authority.host, self.uri.authority.port);
        write!(f, "{host}:{port}, virtual host {}", self.uri.vhost)
    }
}

impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Broker({self})")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    const KINDS: [Kind; 1] = [Kind::named("async_send_tpl")];

    #[test]
    fn credentials_are_shown_to_nobody() {
        let broker = Broker::new("amqp://someone:pa55word@mq:5673/prod", &KINDS).unwrap();
        assert_eq!(format!("{broker:?}"), "Broker(mq:5673, virtual host prod)");
        let error = Broker::new("amqp://someone:pa55word@mq:port/prod", &KINDS).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("pa55word"));
    }

    #[test]
    fn an_unusable_address_or_name_is_refused() {
        for url in ["", "mq", "http://mq", "amqp://mq:99999/", "amqp://mq/?heartbeat=often"] {
            assert_eq!(Broker::new(url, &KINDS).unwrap_err(), InvalidBroker::Address, "{url}");
        }
        let long = [Kind::stored("k".repeat(250))];
        let error = Broker::new("amqp://mq", &long).unwrap_err();
        assert_eq!(error, InvalidBroker::Name);
    }

    #[test]
    fn the_address_may_set_the_heartbeat() {
        let heartbeat = |url| Broker::new(url, &KINDS).unwrap().uri().query.heartbeat;
        assert_eq!(heartbeat("amqp://mq"), Some(HEARTBEAT));
        assert_eq!(heartbeat("amqp://mq/?heartbeat=1"), Some(1));
    }
}
