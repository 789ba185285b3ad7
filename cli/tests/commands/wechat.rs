//! Something that answers like WeChat, to each request as a function of it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

pub struct FakeWeChat {
    pub base: String,
}

impl FakeWeChat {
    /// `answer` gets path and body. Runs until the test's process ends.
    pub fn start(answer: impl Fn(&str, &str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            // A caller that goes away is none of the server's business.
            listener.incoming().flatten().for_each(|stream| drop(serve(&stream, &answer)));
        });
        Self { base }
    }
}

/// One request on a connection of its own.
fn serve(mut stream: &TcpStream, answer: &impl Fn(&str, &str) -> String) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        head.push(line.to_lowercase());
    }
    let length = head.iter().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let path = head[0].split(' ').nth(1).unwrap_or_default();
    let answer = answer(path, &String::from_utf8_lossy(&body));
    let length = answer.len();
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}")
}
