//! A peer that accepts connections and answers nothing. Needs no broker; a file of its own because
//! it counts the threads of its process.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod support;

use support::{KIND, PATIENCE, eventually};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use wxgate_queue::rabbit::{Broker, LinkError};

/// Connects to a fresh listener with this scheme; the check and the peer's end of its connection.
async fn check_silent_peer(scheme: &str) -> (Result<(), LinkError>, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("{scheme}://guest:guest@{}", listener.local_addr().unwrap());
    let broker = Broker::new(&url, &[KIND]).unwrap();
    let (checked, accepted) = tokio::join!(broker.check(), listener.accept());
    (checked, accepted.unwrap().0)
}

fn connection_threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.starts_with("lapin-io")).count()
}

#[tokio::test]
async fn a_silent_peer_is_given_up_and_leaves_no_thread_behind() {
    let (checked, mut peer) = check_silent_peer("amqp").await;

    assert!(matches!(checked, Err(LinkError::Silent)), "{checked:?}");
    let mut said = Vec::new();
    let to_the_end = timeout(PATIENCE, peer.read_to_end(&mut said)).await;
    to_the_end.expect("the connection was left open").unwrap();
    assert_eq!(said, b"AMQP\0\0\x09\x01");
    eventually("the connection's thread ended", || connection_threads() == 0).await;
}

#[tokio::test]
async fn an_amqps_address_never_speaks_in_the_clear() {
    const TLS_HANDSHAKE: u8 = 22;
    let (checked, mut peer) = check_silent_peer("amqps").await;

    assert!(checked.is_err());
    assert_eq!(peer.read_u8().await.unwrap(), TLS_HANDSHAKE);
}
