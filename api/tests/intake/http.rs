//! HTTP by hand: bytes out, bytes in, so that tests can send what no client would.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An answer as it came.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    /// In lower case.
    pub head: String,
    head_as_sent: String,
    pub body: String,
}

/// The documented envelope.
#[derive(Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    pub retcode: u16,
    pub data: serde_json::Value,
    pub msg: String,
}

impl Reply {
    fn read(raw: &[u8]) -> Self {
        let text = String::from_utf8(raw.to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let status = head[9..12].parse().unwrap();
        let head_as_sent = head.to_owned();
        Self { status, head: head.to_ascii_lowercase(), head_as_sent, body: body.to_owned() }
    }

    /// A header's value as it was sent.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head_as_sent.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    #[track_caller]
    pub fn envelope(&self) -> Envelope {
        assert!(self.head.contains("content-type: application/json; charset=utf-8"), "{self:?}");
        assert!(self.body.starts_with(r#"{"retcode":"#), "{self:?}");
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Sends a whole request and reads the answer to its end.
pub async fn exchange(address: SocketAddr, request: &[u8]) -> Reply {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let request = request.to_vec();
    // A server may answer before it has read everything, and then refuse the rest.
    let sending = tokio::spawn(async move {
        let sent = writing.write_all(&request).await;
        (writing, sent)
    });
    let mut raw = Vec::new();
    let end = reading.read_to_end(&mut raw).await;
    drop(sending.await.unwrap());
    assert!(end.is_ok() || !raw.is_empty(), "{end:?}");
    Reply::read(&raw)
}

/// Sends what it has, says that nothing more comes, and reads the answer.
pub async fn exchange_cut_off(address: SocketAddr, request: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw).await.unwrap();
    Reply::read(&raw)
}

/// A request's bytes; the connection is closed after the answer.
pub fn head_and_body(method: &str, target: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = match body.len() {
        0 => String::new(),
        length => format!("Content-Length: {length}\r\n"),
    };
    let head =
        format!("{method} {target} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n{headers}{length}\r\n");
    [head.as_bytes(), body].concat()
}

pub async fn get(address: SocketAddr, target: &str) -> Reply {
    exchange(address, &head_and_body("GET", target, "", b"")).await
}
