//! An upstream that sends without end.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use wxgate_egress::{Guard, GuardedClient};
use wxgate_media::{Spool, SpoolError};

use crate::support::{Data, ample, names};

const MIB: usize = 1 << 20;
/// WeChat's largest video.
const LIMIT: u64 = 10 << 20;

#[tokio::test]
async fn of_100_mib_no_more_than_the_limit_is_taken() {
    let data = Data::new();
    let (url, upstream) = sends_100_mib().await;
    let guard = Guard::new("127.0.0.0/8".parse().unwrap());
    let mut download = GuardedClient::new(Arc::new(guard)).unwrap().get(&url, ample()).await.unwrap();
    let mut spool = Spool::create(&data.tmp(), LIMIT).await.unwrap();

    let refused = loop {
        let piece = download.chunk().await.unwrap().unwrap();
        if let Err(refused) = spool.write(&piece).await {
            break refused;
        }
    };
    drop((download, spool));

    assert!(matches!(refused, SpoolError::TooLong { limit: LIMIT }));
    assert!(names(&data.tmp()).is_empty());
    // What was read, and what fits into the sockets' buffers.
    assert!(upstream.await.unwrap() < 50, "MiB of 100");
}

/// Answers how many MiB it could send.
async fn sends_100_mib() -> (String, JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let sending = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _request = stream.read(&mut [0; 4096]).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await.unwrap();
        let piece = vec![0; MIB];
        for sent in 0..100 {
            if stream.write_all(&piece).await.is_err() {
                return sent;
            }
        }
        100
    });
    (url, sending)
}
