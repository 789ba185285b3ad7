//! Streaming answers of the guarded client.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use wxgate_egress::{Download, EgressError, Guard, GuardedClient, Refusal};

use crate::support::{Receiver, Script};

/// Long enough never to matter.
const AMPLE: Duration = Duration::from_secs(30);
/// Short enough to wait for, in the tests that do.
const SHORT: Duration = Duration::from_secs(1);

fn client(allow: &str) -> GuardedClient {
    let guard = Guard::with_lookup(allow.parse().unwrap(), Script::of(&[&["127.0.0.1"]]));
    GuardedClient::new(Arc::new(guard)).unwrap()
}

async fn get(url: &str, within: Duration) -> Result<Download, EgressError> {
    client("127.0.0.0/8").get(url, Instant::now() + within).await
}

async fn rest(download: &mut Download) -> Result<Vec<u8>, EgressError> {
    let mut body = Vec::new();
    while let Some(chunk) = download.chunk().await? {
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[tokio::test]
async fn a_download_has_status_headers_and_body() {
    let answer = "HTTP/1.1 206 Partial\r\ncontent-type: video/mp4\r\ncontent-length: 4\r\n\r\nabcd";
    let receiver = Receiver::answering(answer).await;

    let mut download = get(&receiver.url("127.0.0.1"), AMPLE).await.unwrap();

    assert_eq!((download.status().as_u16(), download.content_length()), (206, Some(4)));
    assert_eq!((download.header("Content-Type"), download.header("etag")), (Some("video/mp4"), None));
    assert_eq!(rest(&mut download).await.unwrap(), b"abcd");
    assert!(receiver.requests()[0].starts_with("GET /hook?authcode=canary HTTP/1.1\r\n"));
    assert!(!format!("{download:?}").contains("canary"));
}

#[tokio::test]
async fn what_must_not_be_called_is_not_got_either() {
    let receiver = Receiver::ok().await;
    for host in ["127.0.0.1", "[::ffff:127.0.0.1]", "name.test"] {
        let error = client("").get(&receiver.url(host), Instant::now() + AMPLE).await.unwrap_err();
        assert!(matches!(error, EgressError::Refused(Refusal::Forbidden)), "{host}: {error:?}");
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let private = Receiver::ok().await;
    let location = private.url("127.0.0.1");
    let answer = format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
    let receiver = Receiver::answering(answer).await;

    let download = get(&receiver.url("127.0.0.1"), AMPLE).await.unwrap();

    assert_eq!((download.status().as_u16(), private.connections()), (302, 0));
}

#[tokio::test]
async fn a_body_that_stalls_ends_with_the_deadline() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfive!").await;
    let mut download = get(&receiver.url("127.0.0.1"), SHORT).await.unwrap();
    assert_eq!(download.chunk().await.unwrap().unwrap(), "five!");
    assert!(matches!(download.chunk().await, Err(EgressError::Timeout)));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_not_taken_for_whole() {
    let (url, _server) = endless(b"five!".to_vec(), 1).await;
    let mut download = get(&url, AMPLE).await.unwrap();
    assert!(matches!(rest(&mut download).await, Err(EgressError::Other(_))));
}

/// 100 MiB, of which the caller takes one: the other end cannot write the rest anywhere.
#[tokio::test]
async fn a_caller_that_has_enough_stops_the_transfer() {
    const PIECE: usize = 64 * 1024;
    let (url, server) = endless(vec![b'x'; PIECE], 1600).await;
    let mut download = get(&url, AMPLE).await.unwrap();

    let mut taken = 0;
    while taken < 1 << 20 {
        taken += download.chunk().await.unwrap().unwrap().len();
    }
    drop(download);

    // What was read, and what fits into the sockets' buffers.
    assert!(server.await.unwrap() < 400, "of 1600 pieces");
}

/// Promises more than it has: `times` copies of `piece`, then it closes. Answers how many it could
/// write.
async fn endless(piece: Vec<u8>, times: usize) -> (String, JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _request = stream.read(&mut [0; 4096]).await.unwrap();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", piece.len() * times + 1);
        stream.write_all(head.as_bytes()).await.unwrap();
        for written in 0..times {
            if stream.write_all(&piece).await.is_err() {
                return written;
            }
        }
        times
    });
    (url, serving)
}
