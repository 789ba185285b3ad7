//! As much of HTTP/1.1 as the load needs: messages framed by `Content-Length`, in order, over a
//! connection that is kept open. No chunks, no pipelining, no TLS.

use std::io;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Ends the head of a message (RFC 9112, section 2.1).
const BLANK_LINE: &[u8] = b"\r\n\r\n";
/// Room for a whole message of the load (bytes), so that most are read in one call.
const READ_SIZE: usize = 4096;

/// One side of a kept-open connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    unread: BytesMut,
}

impl Connection {
    /// Takes over a connected socket; small writes go out at once.
    ///
    /// # Errors
    /// When the socket is broken already.
    pub fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, unread: BytesMut::with_capacity(READ_SIZE) })
    }

    /// Writes whole messages.
    ///
    /// # Errors
    /// When the connection broke.
    pub async fn write(&mut self, messages: &[u8]) -> io::Result<()> {
        self.stream.write_all(messages).await
    }

    /// Reads the next message; `None` once the other side closed between two messages.
    ///
    /// # Errors
    /// When the connection broke or closed within a message, or the message is framed otherwise.
    pub async fn read(&mut self) -> io::Result<Option<Message>> {
        loop {
            if let Some(message) = self.take_message()? {
                return Ok(Some(message));
            }
            self.unread.reserve(READ_SIZE);
            if self.stream.read_buf(&mut self.unread).await? == 0 {
                return if self.unread.is_empty() {
                    Ok(None)
                } else {
                    Err(io::ErrorKind::UnexpectedEof.into())
                };
            }
        }
    }

    /// Splits a message off what was read, if it is there completely.
    fn take_message(&mut self) -> io::Result<Option<Message>> {
        let Some(head) = position(&self.unread, BLANK_LINE) else { return Ok(None) };
        let body_start = head + BLANK_LINE.len();
        let body_size = content_length(&self.unread[..head])?;
        if self.unread.len() < body_start + body_size {
            return Ok(None);
        }
        let mut message = self.unread.split_to(body_start + body_size).freeze();
        let body = message.split_off(body_start);
        Ok(Some(Message { head: message, body }))
    }
}

/// A request or an answer.
#[derive(Debug)]
pub struct Message {
    head: Bytes,
    /// What follows the head.
    pub body: Bytes,
}

impl Message {
    /// The request's path and query; the status code of an answer.
    ///
    /// # Errors
    /// When the first line has no second word.
    pub fn second_word(&self) -> io::Result<&str> {
        let line = self.head.split(|&byte| byte == b'\r').next().unwrap_or_default();
        let word = line.split(|&byte| byte == b' ').nth(1).ok_or_else(|| malformed("no second word"))?;
        std::str::from_utf8(word).map_err(|_| malformed("a first line outside of ASCII"))
    }
}

/// An answer with status 200 and this JSON text.
#[must_use]
pub fn json_answer(body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Where `needle` begins in `haystack`.
#[must_use]
pub fn position(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// The decimal number that follows `label` in `text`.
#[must_use]
pub fn number_after(text: &[u8], label: &[u8]) -> Option<u64> {
    let rest = &text[position(text, label)? + label.len()..];
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()
}

fn content_length(head: &[u8]) -> io::Result<usize> {
    for line in head.split(|&byte| byte == b'\n').skip(1) {
        let Some(colon) = line.iter().position(|&byte| byte == b':') else { continue };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"content-length") {
            let value = std::str::from_utf8(value).ok().and_then(|value| value.parse().ok());
            return value.ok_or_else(|| malformed("a Content-Length that is no number"));
        }
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            return Err(malformed("a body in chunks, which this client does not read"));
        }
    }
    Ok(0)
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use tokio::net::TcpListener;

    /// What the reading side makes of `pieces`, written one by one, and the end after them.
    async fn read_all(pieces: &'static [&'static str]) -> Vec<io::Result<Option<Message>>> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut writer =
            Connection::new(TcpStream::connect(listener.local_addr().unwrap()).await.unwrap()).unwrap();
        let mut reader = Connection::new(listener.accept().await.unwrap().0).unwrap();
        let writing = tokio::spawn(async move {
            for piece in pieces {
                writer.write(piece.as_bytes()).await.unwrap();
                tokio::task::yield_now().await;
            }
        });
        let mut read = Vec::new();
        loop {
            let next = reader.read().await;
            let last = !matches!(next, Ok(Some(_)));
            read.push(next);
            if last {
                writing.await.unwrap();
                return read;
            }
        }
    }

    #[tokio::test]
    async fn messages_are_told_apart_however_they_arrive() {
        let read = read_all(&[
            "POST /a?b HTTP/1.1\r\ncontent-LENGTH:  5\r",
            "\n\r\nhel",
            "loHTTP/1.1 204 No\r\n\r\n",
        ])
        .await;
        let first = read[0].as_ref().unwrap().as_ref().unwrap();
        assert_eq!((first.second_word().unwrap(), &first.body[..]), ("/a?b", &b"hello"[..]));
        let second = read[1].as_ref().unwrap().as_ref().unwrap();
        assert_eq!((second.second_word().unwrap(), second.body.len()), ("204", 0));
        assert!(matches!(read[2], Ok(None)));
    }

    #[tokio::test]
    async fn half_a_message_and_chunks_are_errors() {
        let half = read_all(&["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"]).await;
        assert_eq!(half[0].as_ref().unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let chunks = read_all(&["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"]).await;
        assert_eq!(chunks[0].as_ref().unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn numbers_are_read_after_their_label() {
        assert_eq!(number_after(b"a=1&send_id=42&b=3", b"send_id="), Some(42));
        assert_eq!(number_after(b"a=1&send_id=x", b"send_id="), None);
        assert_eq!(number_after(b"a=1", b"send_id="), None);
    }
}
