//! What a client sees on the bare socket.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use wxgate_sandbox::{Fault, Rule};

use crate::play::{LIMIT, Play, SEND, message};

/// Sends a message on a new connection and reads to the end of the stream.
async fn read_to_end(play: &Play, token: &str) -> std::io::Result<Vec<u8>> {
    let body = message().to_string();
    let request = format!(
        "POST {SEND}?access_token={token} HTTP/1.1\r\nHost: sandbox\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut socket = TcpStream::connect(play.running.address()).await?;
    socket.write_all(request.as_bytes()).await?;
    let mut received = Vec::new();
    timeout(LIMIT, socket.read_to_end(&mut received)).await??;
    Ok(received)
}

#[tokio::test]
async fn a_connection_dropped_before_the_effect_ends_without_a_byte() {
    let play = Play::start();
    let token = play.token().await;
    play.fault(Rule::new(Fault::Drop).path(SEND));
    assert_eq!(read_to_end(&play, &token).await.unwrap(), b"");
    assert!(play.messages().is_empty());
    assert_eq!(play.control().stats().calls[SEND]["dropped"], 1);
}

#[tokio::test]
async fn a_connection_dropped_after_the_effect_ends_without_a_byte_too() {
    let play = Play::start();
    let token = play.token().await;
    play.fault(Rule::new(Fault::Drop).path(SEND).after_effect());
    assert_eq!(read_to_end(&play, &token).await.unwrap(), b"");
    assert_eq!(play.messages().len(), 1);
}

#[tokio::test]
async fn half_an_answer_ends_in_the_middle_of_its_body() {
    let play = Play::start();
    let token = play.token().await;
    play.fault(Rule::new(Fault::Half).path(SEND));
    let received = String::from_utf8(read_to_end(&play, &token).await.unwrap()).unwrap();

    let (head, body) = received.split_once("\r\n\r\n").unwrap();
    let whole = play.last_call().answer.unwrap().body;
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains(&format!("content-length: {}", whole.len())), "{head}");
    assert_eq!(body, &whole[..whole.len() / 2]);
    assert_eq!(play.messages().len(), 1);
}

#[tokio::test]
async fn other_connections_go_on_when_one_is_dropped() {
    let play = Play::start();
    let token = play.token().await;
    play.fault(Rule::new(Fault::Drop).path(SEND).times(1));
    let _ = read_to_end(&play, &token).await;
    assert_eq!(play.errcode_with(&token).await, 0);
}
