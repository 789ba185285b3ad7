//! The broker stopped, killed, wiped and frozen, and back again. Needs, besides
//! `WXGATE_TEST_AMQP_URL`, a program in `WXGATE_TEST_RABBITMQ_CTL` that understands the verbs
//! start, stop, kill, wipe, pause, resume, alarm and calm. A file of its own, one test at a time, since this
//! disturbs everybody who shares the broker.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod support;

use std::time::Duration;

use support::{Place, broker_url, doorbell, eventually, hear, ring_until_heard, with_heartbeat};
use tokio::process::Command;
use tokio::sync::{Mutex, MutexGuard};
use wxgate_queue::rabbit::RabbitBell;
use wxgate_queue::{Bell as _, Listener};

/// From the broker's return to the first ring heard: the longest pause between attempts (2.6 s)
/// and the handshake and declarations of two connections on a machine that is busy starting it.
const RETURN: Duration = Duration::from_secs(8);

/// The one broker, held by one test.
struct Control(#[expect(dead_code, reason = "held, not read")] MutexGuard<'static, ()>);

impl Control {
    async fn take() -> Self {
        static BROKER: Mutex<()> = Mutex::const_new(());
        Self(BROKER.lock().await)
    }

    async fn order(&self, verb: &str) {
        let program = std::env::var("WXGATE_TEST_RABBITMQ_CTL").expect(
            "WXGATE_TEST_RABBITMQ_CTL is not set: these tests need a program that starts and \
             stops the broker",
        );
        let status = Command::new(program).arg(verb).status().await.unwrap();
        assert!(status.success(), "{verb}: {status}");
    }
}

async fn both_know_of_the_outage(bell: &RabbitBell, listener: &Listener) {
    let status = listener.status();
    eventually("both know", || !bell.is_connected() && !status.is_connected()).await;
}

#[tokio::test]
async fn both_return_after_a_restart() {
    let control = Control::take().await;
    let place = Place::new();
    let (bell, mut listener) = (place.ready_bell().await, place.ready_listener().await);

    control.order("stop").await;
    both_know_of_the_outage(&bell, &listener).await;
    control.order("start").await;

    ring_until_heard(&bell, &mut listener, RETURN).await;
    place.wipe().await;
}

#[tokio::test]
async fn what_was_confirmed_survives_a_restart() {
    let control = Control::take().await;
    let place = Place::new();
    let bell = place.ready_bell().await;
    bell.ring(doorbell([1]));
    eventually("it is confirmed", || bell.stats().confirmed == 1).await;
    drop(bell);

    control.order("stop").await;
    control.order("start").await;

    let mut listener = place.ready_listener().await;
    assert_eq!(hear(&mut listener).await.doorbell, doorbell([1]));
    place.wipe().await;
}

#[tokio::test]
async fn a_broker_short_of_memory_gets_no_messages_until_it_has_room_again() {
    let control = Control::take().await;
    let place = Place::new();
    let (bell, mut listener) = (place.ready_bell().await, place.ready_listener().await);

    control.order("alarm").await;
    // The broker says so to whoever publishes.
    bell.ring(doorbell([1]));
    eventually("the bell knows", || !bell.is_connected()).await;
    bell.ring(doorbell([2]));
    control.order("calm").await;

    ring_until_heard(&bell, &mut listener, RETURN).await;
    assert_eq!(bell.stats().dropped, 0);
    place.wipe().await;
}

#[tokio::test]
async fn both_return_after_a_kill_with_the_disk_wiped() {
    let control = Control::take().await;
    let place = Place::new();
    let (bell, mut listener) = (place.ready_bell().await, place.ready_listener().await);

    control.order("kill").await;
    both_know_of_the_outage(&bell, &listener).await;
    control.order("wipe").await;
    control.order("start").await;

    ring_until_heard(&bell, &mut listener, RETURN).await;
    place.wipe().await;
}

#[tokio::test]
async fn both_start_before_the_broker_does() {
    let control = Control::take().await;
    control.order("stop").await;
    let place = Place::new();
    let (bell, mut listener) = (place.bell(), place.listener());
    bell.ring(doorbell([1]));

    control.order("start").await;

    let delivery = hear(&mut listener).await;
    assert_eq!(delivery.doorbell, doorbell([1]));
    delivery.ack();
    place.wipe().await;
}

#[tokio::test]
async fn both_return_after_the_broker_was_frozen() {
    let control = Control::take().await;
    let place = Place::at(with_heartbeat(&broker_url()));
    let (bell, mut listener) = (place.ready_bell().await, place.ready_listener().await);

    control.order("pause").await;
    both_know_of_the_outage(&bell, &listener).await;
    control.order("resume").await;

    ring_until_heard(&bell, &mut listener, RETURN).await;
    place.wipe().await;
}
