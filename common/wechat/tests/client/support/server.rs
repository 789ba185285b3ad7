//! A raw HTTP/1.1 server on 127.0.0.1: whole answers, half answers and none.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use url::Url;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    pub method: String,
    pub url: Url,
    pub content_type: Option<String>,
    pub body: Vec<u8>,
}

impl Received {
    pub fn query(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

/// What the server does with a request.
#[derive(Clone)]
pub enum Reply {
    /// A whole answer; the connection lives on.
    Whole { status: u16, content_type: &'static str, body: Vec<u8> },
    /// A whole answer with these headers besides; each ends its line.
    File { headers: &'static str, body: Vec<u8> },
    /// Promises this body and closes after half of it.
    Half(&'static str),
    /// Promises this body, sends half of it and keeps the connection open.
    Stall(&'static str),
    /// Closes without a word.
    Close,
    /// Says nothing and keeps the connection open.
    Hang,
    /// Waits until as many requests as the barrier counts have come, then replies.
    Together(Arc<Barrier>, Box<Reply>),
}

type Handler = dyn Fn(&Received) -> Reply + Send + Sync;

pub struct Server {
    base: Url,
    received: Arc<Mutex<Vec<Received>>>,
    // Ends with the server: its tasks are aborted when this is dropped.
    _tasks: JoinSet<()>,
}

impl Server {
    pub async fn start(handler: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let received = Arc::new(Mutex::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, base.clone(), Arc::new(handler), Arc::clone(&received)));
        Self { base, received, _tasks: tasks }
    }

    pub fn base(&self) -> Url {
        self.base.clone()
    }

    /// The requests for this path, in the order of their coming.
    pub fn received(&self, path: &str) -> Vec<Received> {
        let received = self.received.lock().unwrap();
        received.iter().filter(|request| request.url.path() == path).cloned().collect()
    }
}

async fn accept(
    listener: TcpListener,
    base: Url,
    handler: Arc<Handler>,
    received: Arc<Mutex<Vec<Received>>>,
) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _peer)) = listener.accept().await {
        let (base, handler, received) = (base.clone(), Arc::clone(&handler), Arc::clone(&received));
        connections.spawn(async move {
            let mut stream = BufReader::new(stream);
            while let Some(request) = read(&mut stream, &base).await {
                received.lock().unwrap().push(request.clone());
                if !act(&mut stream, handler(&request)).await {
                    break;
                }
            }
        });
    }
}

async fn read(stream: &mut BufReader<TcpStream>, base: &Url) -> Option<Received> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
    let (method, rest) = line.split_once(' ')?;
    let url = base.join(rest.split_once(' ')?.0).ok()?;
    let (mut length, mut content_type) = (0, None);
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await.ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "content-type" => content_type = Some(value.to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Received { method: method.to_owned(), url, content_type, body })
}

/// Whether the connection lives on.
async fn act(stream: &mut BufReader<TcpStream>, mut reply: Reply) -> bool {
    while let Reply::Together(barrier, then) = reply {
        barrier.wait().await;
        reply = *then;
    }
    match reply {
        Reply::Whole { status, content_type, body } => {
            let head = head(status, content_type, body.len());
            stream.write_all(&[head.as_bytes(), &body].concat()).await.is_ok()
        }
        Reply::File { headers, body } => {
            let head = format!("HTTP/1.1 200 X\r\n{headers}content-length: {}\r\n\r\n", body.len());
            stream.write_all(&[head.as_bytes(), &body].concat()).await.is_ok()
        }
        Reply::Half(body) => {
            write_half(stream, body).await;
            false
        }
        Reply::Stall(body) => {
            write_half(stream, body).await;
            std::future::pending().await
        }
        Reply::Hang => std::future::pending().await,
        Reply::Close | Reply::Together(..) => false,
    }
}

async fn write_half(stream: &mut BufReader<TcpStream>, body: &str) {
    let head = head(200, "application/json", body.len());
    let half = &body.as_bytes()[..body.len() / 2];
    let _ = stream.write_all(&[head.as_bytes(), half].concat()).await;
}

fn head(status: u16, content_type: &str, length: usize) -> String {
    format!("HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n")
}
