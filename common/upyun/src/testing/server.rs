//! HTTP/1.1, as much as is needed.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::state::{Answer, State};
use super::{Fault, Request};

pub(super) async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _peer)) = listener.accept().await {
        connections.spawn(converse(BufReader::new(stream), Arc::clone(&state)));
    }
}

async fn converse(mut stream: BufReader<TcpStream>, state: Arc<Mutex<State>>) {
    while let Some((request, whole)) = read(&mut stream).await {
        state.lock().unwrap().requests.push(request.clone());
        if !whole {
            return;
        }
        let fault = state.lock().unwrap().faults.pop_front();
        let (answer, cut) = match fault {
            None => (state.lock().unwrap().answer(&request), false),
            Some(Fault::Half) => (state.lock().unwrap().answer(&request), true),
            Some(Fault::Answer(status, body)) => ((status, "application/json".into(), body.into()), false),
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::Close) => return,
        };
        if write(&mut stream, &request, &answer, cut).await.is_none() {
            return;
        }
    }
}

/// A request, and whether its body came whole.
async fn read(stream: &mut BufReader<TcpStream>) -> Option<(Request, bool)> {
    let line = line(stream).await?;
    let mut words = line.split(' ');
    let mut request = Request::default();
    words.next()?.clone_into(&mut request.method);
    words.next()?.clone_into(&mut request.uri);
    while let Some((name, value)) = self::line(stream).await?.split_once(": ") {
        request.headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = request.header("content-length").and_then(|digits| digits.parse().ok()).unwrap_or(0);
    let came = stream.take(length).read_to_end(&mut request.body).await.unwrap_or_default();
    Some((request, came as u64 == length))
}

async fn line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
    Some(line.trim_end().to_owned())
}

/// `None`: the connection is over.
async fn write(
    stream: &mut BufReader<TcpStream>,
    request: &Request,
    answer: &Answer,
    cut: bool,
) -> Option<()> {
    let (status, content_type, body) = answer;
    let md5 = crate::sign::content_md5(body);
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\ncontent-md5: {md5}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    match request.method.as_str() {
        "HEAD" => Some(()),
        _ if cut => stream.write_all(&body[..length / 2]).await.ok().and(None),
        _ => stream.write_all(body).await.ok(),
    }
}
