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

use lapin::options::{
    BasicGetOptions, BasicPublishOptions, BasicRejectOptions, ConfirmSelectOptions, ExchangeDeleteOptions,
    QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, PublisherConfirm};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use wxgate_job::{Doorbell, JobId, Kind, Lane};
use wxgate_queue::rabbit::{Broker, RabbitBell, listen};
use wxgate_queue::{Bell, Delivery, Listener};

pub const KIND: Kind = Kind::named("async_send_tpl");

/// Doorbells that a listener of these tests holds unacked at most.
pub const PREFETCH: u16 = 16;

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
        listen(self.broker(), PREFETCH, &CancellationToken::new())
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
        Admin { channel, _connection: connection }
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

impl Place {
    /// Messages in this place's queue, ready or unacked by somebody who is gone.
    pub async fn queued(&self) -> u32 {
        let admin = self.admin().await;
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let declared =
            admin.channel.queue_declare(self.queue().as_str().into(), passive, FieldTable::default());
        declared.await.unwrap().message_count()
    }

    /// Puts a body of the test's own into this place's queue.
    pub async fn publish(&self, body: &[u8]) {
        let admin = self.confirming_admin().await;
        let confirm = self.start_publishing(&admin, body).await;
        assert_eq!(confirm.await.unwrap(), Confirmation::Ack(None));
    }

    /// Publishes until the queue takes no more.
    pub async fn fill_queue(&self) {
        let admin = self.confirming_admin().await;
        for _ in 0..100 {
            let mut batch = Vec::new();
            for _ in 0..1_000 {
                batch.push(self.start_publishing(&admin, b"filler").await);
            }
            for confirm in batch {
                if confirm.await.unwrap().is_nack() {
                    return;
                }
            }
        }
        panic!("100,000 messages did not fill the queue");
    }

    /// Takes the message from this place's queue and puts it back, until it is not there any more.
    pub async fn return_until_gone(&self) {
        let admin = self.admin().await;
        for _ in 0..100 {
            let got = admin.channel.basic_get(self.queue().as_str().into(), BasicGetOptions::default());
            let Some(message) = got.await.unwrap() else { return };
            message.delivery.acker.reject(BasicRejectOptions { requeue: true }).await.unwrap();
        }
        panic!("it was delivered 100 times");
    }

    async fn confirming_admin(&self) -> Admin {
        let admin = self.admin().await;
        let options = ConfirmSelectOptions::default();
        admin.channel.confirm_select(options).await.unwrap();
        admin
    }

    async fn start_publishing(&self, admin: &Admin, body: &[u8]) -> PublisherConfirm {
        let published = admin.channel.basic_publish(
            self.exchange().as_str().into(),
            KIND.as_str().into(),
            BasicPublishOptions::default(),
            body,
            BasicProperties::default(),
        );
        published.await.unwrap()
    }

    /// The bodies of this many dead letters, which may still be on their way.
    pub async fn dead_letters(&self, count: usize) -> Vec<Vec<u8>> {
        let admin = self.admin().await;
        let deadline = Instant::now() + PATIENCE;
        let mut letters = Vec::new();
        while letters.len() < count {
            assert!(Instant::now() < deadline, "only {letters:?}");
            let options = BasicGetOptions { no_ack: true };
            let got = admin.channel.basic_get(self.dead().as_str().into(), options);
            letters.extend(got.await.unwrap().map(|message| message.delivery.data));
        }
        letters
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
        lane: Lane { client: "shop".into(), app: "wx1".into(), kind: KIND },
        ids: ids.into_iter().map(|id| JobId::new(id).unwrap()).collect(),
    }
}

/// The next delivery, which must come within [`PATIENCE`].
pub async fn hear(listener: &mut Listener) -> Delivery {
    timeout(PATIENCE, listener.next()).await.expect("nothing was heard").expect("the listener ended")
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
