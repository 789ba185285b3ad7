//! Bell and listener against a real broker: `WXGATE_TEST_AMQP_URL`.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod support;

use support::proxy::Proxy;
use support::{
    PATIENCE, PREFETCH, Place, broker_url, doorbell, eventually, hear, ring_until_heard, with_heartbeat,
};
use wxgate_queue::Bell as _;

#[tokio::test]
async fn a_ring_is_heard_and_an_ack_settles_it() {
    let place = Place::new();
    let bell = place.ready_bell().await;
    let mut listener = place.ready_listener().await;

    bell.ring(doorbell([1, 2, 3]));
    let delivery = hear(&mut listener).await;
    assert_eq!(delivery.doorbell, doorbell([1, 2, 3]));
    delivery.ack();

    listener.close().await;
    assert_eq!(place.queued().await, 0);
    eventually("the ring is confirmed", || bell.stats().confirmed == 1).await;
    place.wipe().await;
}

#[tokio::test]
async fn a_thousand_single_rings_travel_in_far_fewer_messages() {
    let place = Place::new();
    let bell = place.ready_bell().await;
    let mut listener = place.ready_listener().await;

    (1..=1_000).for_each(|id| bell.ring(doorbell([id])));
    let mut heard = Vec::new();
    while heard.len() < 1_000 {
        let delivery = hear(&mut listener).await;
        heard.extend(delivery.doorbell.ids.iter().map(|id| id.get()));
        delivery.ack();
    }

    assert!(heard.into_iter().eq(1..=1_000));
    eventually("all is confirmed", || bell.stats().confirmed >= 16).await;
    assert!(bell.stats().confirmed < 100, "{:?}", bell.stats());
    place.wipe().await;
}

#[tokio::test]
async fn a_message_without_a_queue_is_told_apart_and_the_queue_declared_again() {
    let place = Place::new();
    let bell = place.ready_bell().await;
    place.admin().await.delete_queue(&place.queue()).await;

    bell.ring(doorbell([1]));
    eventually("the message is returned", || bell.stats().unroutable == 1).await;
    assert_eq!(bell.stats().confirmed, 0);

    eventually("the queue is there again", || {
        bell.ring(doorbell([2]));
        bell.stats().confirmed > 0
    })
    .await;
    assert_eq!(bell.stats().broker_errors, 0); // one connection did it all
    assert_eq!(hear(&mut place.listener()).await.doorbell.ids[0], doorbell([2]).ids[0]);
    place.wipe().await;
}

#[tokio::test]
async fn what_is_never_confirmed_is_given_up_and_can_be_rung_again() {
    let proxy = Proxy::start(&broker_url()).await;
    let place = Place::at(proxy.url.clone());
    let bell = place.ready_bell().await;
    proxy.silence();

    bell.ring(doorbell([1]));
    eventually("its fate is called unknown", || bell.stats().confirm_timeouts == 1).await;

    let mut listener = place.ready_listener().await;
    bell.ring(doorbell([1]));
    assert_eq!(hear(&mut listener).await.doorbell, doorbell([1]));
    eventually("it is confirmed", || bell.stats().confirmed == 1).await;
    place.wipe().await;
}

#[tokio::test]
async fn a_full_queue_refuses_and_its_kind_is_paused() {
    let place = Place::new();
    let bell = place.ready_bell().await;
    place.fill_queue().await;

    bell.ring(doorbell([1]));
    eventually("the message is refused", || bell.stats().refused == 1).await;
    bell.ring(doorbell([2, 3]));
    let stats = bell.stats();
    assert_eq!((stats.confirmed, stats.dropped), (0, 2), "{stats:?}");
    assert!(bell.is_connected());
    place.wipe().await;
}

#[tokio::test]
async fn what_nobody_can_read_becomes_a_dead_letter_alone() {
    let place = Place::new();
    let bell = place.ready_bell().await;
    let unreadable: [&[u8]; 3] = [b"\xff\xfe", br#"{"version":2}"#, br#"{"version":1,"ids":[]}"#];
    for body in unreadable {
        place.publish(body).await;
    }

    let mut listener = place.ready_listener().await;
    bell.ring(doorbell([1]));
    let delivery = hear(&mut listener).await;
    assert_eq!(delivery.doorbell, doorbell([1]));
    delivery.ack();

    assert_eq!(listener.status().unreadable(), 3);
    assert_eq!(place.dead_letters(3).await, unreadable);
    place.wipe().await;
}

#[tokio::test]
async fn what_was_delivered_in_vain_too_often_becomes_a_dead_letter() {
    let place = Place::new();
    let bell = place.ready_bell().await;
    bell.ring(doorbell([1]));
    eventually("it is confirmed", || bell.stats().confirmed == 1).await;

    place.return_until_gone().await;

    let letters = place.dead_letters(1).await;
    assert!(String::from_utf8_lossy(&letters[0]).contains(r#""ids":[1]"#), "{letters:?}");
    place.wipe().await;
}

#[tokio::test]
async fn a_listener_holds_no_more_than_its_prefetch() {
    let place = Place::new();
    let bell = place.ready_bell().await;
    for id in 1..=40 {
        bell.ring(doorbell([id]));
        eventually("it is confirmed", || bell.stats().confirmed == id.unsigned_abs()).await;
    }

    let mut listener = place.ready_listener().await;
    let mut held = Vec::new();
    for _ in 0..PREFETCH {
        held.push(hear(&mut listener).await);
    }
    assert_eq!(place.queued().await, 40 - u32::from(PREFETCH));
    held.pop().unwrap().ack();
    held.push(hear(&mut listener).await);
    place.wipe().await;
}

#[tokio::test]
async fn an_unacked_doorbell_goes_to_another_worker_when_its_listener_is_dropped() {
    let place = Place::new();
    let bell = place.ready_bell().await;
    let mut dying = place.ready_listener().await;
    bell.ring(doorbell([7]));
    drop(hear(&mut dying).await);

    let mut heir = place.ready_listener().await;
    drop(dying);

    assert_eq!(hear(&mut heir).await.doorbell, doorbell([7]));
    place.wipe().await;
}

#[tokio::test]
async fn a_doorbell_held_while_the_listener_stops_can_still_be_acked() {
    let place = Place::new();
    let bell = place.ready_bell().await;
    let mut listener = place.ready_listener().await;
    bell.ring(doorbell([7]));
    let held = hear(&mut listener).await;

    let ((), ()) = tokio::join!(listener.close(), async { held.ack() });

    assert_eq!(place.queued().await, 0);
    place.wipe().await;
}

#[tokio::test]
async fn a_closed_bell_has_published_what_it_held() {
    let place = Place::new();
    let bell = place.ready_bell().await;
    bell.ring_all(&doorbell([1]).lane, &doorbell(1..=1_000).ids);

    bell.close().await;

    let stats = bell.stats();
    assert_eq!((stats.confirmed, stats.dropped), (16, 0), "{stats:?}");
    bell.ring(doorbell([1]));
    assert_eq!(bell.stats().dropped, 1);
    place.wipe().await;
}

#[tokio::test]
async fn a_deleted_topology_comes_back_and_is_used() {
    let place = Place::new();
    let bell = place.ready_bell().await;
    let mut listener = place.ready_listener().await;

    place.wipe().await;

    ring_until_heard(&bell, &mut listener, PATIENCE).await;
    place.wipe().await;
}

#[tokio::test]
async fn a_bell_without_listeners_mends_a_missing_exchange() {
    let place = Place::new();
    let bell = place.ready_bell().await;
    place.admin().await.delete_exchange(&place.exchange()).await;

    bell.ring(doorbell([1])); // ends the channel: RabbitMQ answers 404
    eventually("the channel is lost", || bell.stats().broker_errors == 1).await;

    let mut listener = place.ready_listener().await;
    ring_until_heard(&bell, &mut listener, PATIENCE).await;
    place.wipe().await;
}

#[tokio::test]
async fn both_start_while_the_broker_is_away_and_ring_what_was_held() {
    let proxy = Proxy::start(&broker_url()).await;
    proxy.refuse(true);
    let place = Place::at(proxy.url.clone());
    let (bell, mut listener) = (place.bell(), place.listener());
    bell.ring(doorbell([1]));
    assert!(!bell.is_connected() && !listener.status().is_connected());

    proxy.refuse(false);

    assert_eq!(hear(&mut listener).await.doorbell, doorbell([1]));
    place.wipe().await;
}

#[tokio::test]
async fn both_return_after_their_connections_are_cut() {
    let proxy = Proxy::start(&broker_url()).await;
    let place = Place::at(proxy.url.clone());
    let (bell, mut listener) = (place.ready_bell().await, place.ready_listener().await);

    for _ in 0..3 {
        proxy.cut();
        ring_until_heard(&bell, &mut listener, PATIENCE).await;
    }
    place.wipe().await;
}

#[tokio::test]
async fn both_notice_a_connection_that_has_fallen_silent() {
    let proxy = Proxy::start(&broker_url()).await;
    let place = Place::at(with_heartbeat(&proxy.url));
    let (bell, mut listener) = (place.ready_bell().await, place.ready_listener().await);

    proxy.silence();

    ring_until_heard(&bell, &mut listener, PATIENCE).await;
    place.wipe().await;
}

#[tokio::test]
async fn a_blocked_bell_holds_back_within_its_bounds_until_unblocked() {
    const CONNECTION: u16 = 10;
    let (blocked, unblocked) = (60, 61);
    let proxy = Proxy::start(&broker_url()).await;
    let place = Place::at(proxy.url.clone());
    let bell = place.ready_bell().await;

    proxy.say(CONNECTION, blocked, b"\x0alow memory");
    eventually("the bell knows", || !bell.is_connected()).await;
    bell.ring_all(&doorbell([1]).lane, &doorbell(1..=10_064).ids);
    assert_eq!(bell.stats().dropped, 64);
    assert_eq!(place.queued().await, 0);
    bell.ring(doorbell([1]));
    assert_eq!(bell.stats().dropped, 65); // nothing has left meanwhile

    proxy.say(CONNECTION, unblocked, b"");
    eventually("the bell knows", || bell.is_connected()).await;
    eventually("what was held is out", || bell.stats().confirmed == 157).await;
    assert_eq!(place.queued().await, 157);
    place.wipe().await;
}

#[tokio::test]
async fn a_check_says_what_is_wrong() {
    let place = Place::new();
    assert!(place.broker().check().await.is_ok());

    let url = broker_url().replacen("://", "://nobody", 1);
    let error = Place::at(url).broker().check().await.unwrap_err();
    let reason = std::error::Error::source(&error).unwrap().to_string();
    assert!(reason.contains("ACCESS_REFUSED"), "{reason}");
    place.wipe().await;
}
