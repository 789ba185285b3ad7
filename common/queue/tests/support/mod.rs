//! What the tests share: a place of their own on the broker, and patience with a deadline.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "each test file uses a part of this; a failed unwrap is a failed test"
)]

pub mod proxy;

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use lapin::options::{ExchangeDeleteOptions, QueueDeleteOptions};
use lapin::{Channel, Connection, ConnectionProperties};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use wxgate_job::{Doorbell, JobId, Kind, Lane};
use wxgate_queue::rabbit::{Broker, RabbitBell, listen};
use wxgate_queue::{Bell, Delivery, Listener};

pub const KIND: Kind = Kind::named("async_send_tpl");

/// Long enough for a slow machine, short enough to fail in.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The broker under test; without one these tests fail rather than pass unseen.
pub fn broker_url() -> String {
    std::env::var("WXGATE_TEST_AMQP_URL").expect(
        "WXGATE_TEST_AMQP_URL is not set: these tests need a RabbitMQ of their own, \
         for example amqp://guest:guest@127.0.0.1:5672",
    )
}

/// The address with a heartbeat so short that a test can wait for it to be missed.
pub fn with_heartbeat(url: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}heartbeat=1")
}

/// Names on the broker that no other test uses.
pub struct Place {
    pub prefix: String,
    url: String,
}

impl Place {
    pub fn new() -> Self {
        Self::at(broker_url())
    }

    pub fn at(url: String) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("test-{}-{number}", std::process::id());
        Self { prefix, url }
    }

    pub fn broker(&self) -> Broker {
        Broker::with_prefix(&self.url, &self.prefix, &[KIND]).unwrap()
    }

    pub fn bell(&self) -> RabbitBell {
        RabbitBell::start(self.broker())
    }

    pub fn listener(&self) -> Listener {
        listen(self.broker(), 16, &CancellationToken::new())
    }

    /// A bell that is connected.
    pub async fn ready_bell(&self) -> RabbitBell {
        let bell = self.bell();
        eventually("the bell is connected", || bell.is_connected()).await;
        bell
    }

    /// A listener that is connected.
    pub async fn ready_listener(&self) -> Listener {
        let listener = self.listener();
        let status = listener.status();
        eventually("the listener is connected", || status.is_connected()).await;
        listener
    }

    pub fn queue(&self) -> String {
        format!("{}.jobs.{KIND}", self.prefix)
    }

    pub fn exchange(&self) -> String {
        format!("{}.jobs", self.prefix)
    }

    pub fn dead(&self) -> String {
        format!("{}.dead", self.prefix)
    }

    /// A connection of the test's own.
    pub async fn admin(&self) -> Admin {
        let properties = ConnectionProperties::default();
        let connection = Connection::connect(&broker_url(), properties).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        Admin {
            channel,
            _connection: connection,
        }
    }

    /// Removes everything this place has on the broker.
    pub async fn wipe(&self) {
        let admin = self.admin().await;
        admin.delete_queue(&self.queue()).await;
        admin.delete_queue(&self.dead()).await;
        admin.delete_exchange(&self.exchange()).await;
        admin.delete_exchange(&self.dead()).await;
    }
}

pub struct Admin {
    pub channel: Channel,
    _connection: Connection,
}

impl Admin {
    pub async fn delete_queue(&self, name: &str) {
        let options = QueueDeleteOptions::default();
        self.channel.queue_delete(name.into(), options).await.unwrap();
    }

    pub async fn delete_exchange(&self, name: &str) {
        let options = ExchangeDeleteOptions::default();
        self.channel.exchange_delete(name.into(), options).await.unwrap();
    }
}

pub fn doorbell(ids: impl IntoIterator<Item = i64>) -> Doorbell {
    Doorbell {
        lane: Lane {
            client: "shop".into(),
            app: "wx1".into(),
            kind: KIND,
        },
        ids: ids.into_iter().map(|id| JobId::new(id).unwrap()).collect(),
    }
}

/// The next delivery, which must come within [`PATIENCE`].
pub async fn hear(listener: &mut Listener) -> Delivery {
    timeout(PATIENCE, listener.next())
        .await
        .expect("nothing was heard")
        .expect("the listener ended")
}

/// Rings for one new job after another until one rung by this call is heard, and acks it. During
/// an outage doorbells may be lost and may come twice; that they arrive again afterwards is the
/// promise.
pub async fn ring_until_heard(bell: &dyn Bell, listener: &mut Listener, patience: Duration) {
    static NEXT: AtomicI64 = AtomicI64::new(1_000_000);
    let first = NEXT.load(Ordering::Relaxed);
    let deadline = Instant::now() + patience;
    while Instant::now() < deadline {
        bell.ring(doorbell([NEXT.fetch_add(1, Ordering::Relaxed)]));
        while let Ok(delivery) = timeout(Duration::from_millis(200), listener.next()).await {
            let delivery = delivery.expect("the listener ended");
            let newest = delivery.doorbell.ids.iter().map(|id| id.get()).max();
            delivery.ack();
            if newest >= Some(first) {
                return;
            }
        }
    }
    panic!("nothing was heard for {patience:?}; {:?}", bell.stats());
}

/// Waits until something that others bring about has happened.
pub async fn eventually(what: &str, happened: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !happened() {
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        sleep(Duration::from_millis(10)).await;
    }
}
