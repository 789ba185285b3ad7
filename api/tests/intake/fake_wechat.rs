//! A WeChat that hands out tokens and answers what a test says, over real sockets.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use url::Url;

/// What it does with a request.
#[derive(Clone)]
pub enum Reply {
    /// Answers this.
    Says(String),
    /// Answers this HTTP status without a body.
    Status(u16),
    /// Reads the request and closes the connection without a word.
    Breaks,
    /// Answers this once there is a permit.
    Held(Arc<Semaphore>, String),
}

/// A request as it came, what is no UTF-8 replaced.
#[derive(Clone, Debug)]
pub struct Asked {
    pub url: Url,
    pub body: String,
}

impl Asked {
    /// A parameter of the query.
    pub fn param(&self, name: &str) -> Option<String> {
        let found = self.url.query_pairs().find(|(known, _)| known == name);
        found.map(|(_, value)| value.into_owned())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub struct FakeWeChat {
    base: Url,
    inner: Arc<Inner>,
    // Ends with the server: its tasks are aborted when this is dropped.
    _tasks: JoinSet<()>,
}

struct Inner {
    first: Mutex<HashMap<String, Reply>>,
    replies: Mutex<HashMap<String, Reply>>,
    asked: watch::Sender<Vec<Asked>>,
}

impl Inner {
    /// What was said for the path and this `type`, or else for the path alone.
    fn reply(&self, asked: &Asked) -> Option<Reply> {
        let path = asked.url.path();
        let of_type = format!("{path}?type={}", asked.param("type").unwrap_or_default());
        let first = self.first.lock().remove(path);
        first.or_else(|| {
            let replies = self.replies.lock();
            replies.get(&of_type).or_else(|| replies.get(path)).cloned()
        })
    }
}

impl FakeWeChat {
    /// With tokens and tickets to hand out, and nothing else.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let inner = Arc::new(Inner {
            first: Mutex::default(),
            replies: Mutex::default(),
            asked: watch::Sender::default(),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, base.clone(), Arc::clone(&inner)));
        let fake = Self { base, inner, _tasks: tasks };
        fake.says("/cgi-bin/token", r#"{"access_token":"app-token","expires_in":7200}"#);
        fake.says("/cgi-bin/ticket/getticket", r#"{"errcode":0,"ticket":"card-ticket","expires_in":7200}"#);
        fake
    }

    /// With one answer.
    pub async fn that_says(path: &str, answer: &str) -> Self {
        let fake = Self::start().await;
        fake.says(path, answer);
        fake
    }

    pub fn base(&self) -> Url {
        self.base.clone()
    }

    pub fn says(&self, path: &str, answer: &str) {
        self.replies(path, Reply::Says(answer.to_owned()));
    }

    /// Says something else once, before what it says from then on.
    pub fn says_first(&self, path: &str, answer: &str) {
        self.replies_first(path, Reply::Says(answer.to_owned()));
    }

    /// Does something else once, before what it does from then on.
    pub fn replies_first(&self, path: &str, reply: Reply) {
        self.inner.first.lock().insert(path.to_owned(), reply);
    }

    pub fn replies(&self, path: &str, reply: Reply) {
        self.inner.replies.lock().insert(path.to_owned(), reply);
    }

    /// The requests for this path, in the order of their coming.
    pub fn asked(&self, path: &str) -> Vec<Asked> {
        let asked = self.inner.asked.borrow();
        asked.iter().filter(|asked| asked.url.path() == path).cloned().collect()
    }

    /// The one request for this path.
    #[track_caller]
    pub fn asked_once(&self, path: &str) -> Asked {
        let asked = self.asked(path);
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked[0].clone()
    }

    /// Returns once there was a request for this path.
    pub async fn until_asked(&self, path: &str) {
        let mut watch = self.inner.asked.subscribe();
        watch.wait_for(|asked| asked.iter().any(|asked| asked.url.path() == path)).await.unwrap();
    }
}

async fn accept(listener: TcpListener, base: Url, inner: Arc<Inner>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _peer)) = listener.accept().await {
        let (base, inner) = (base.clone(), Arc::clone(&inner));
        connections.spawn(async move {
            let mut stream = BufReader::new(stream);
            let Some(asked) = read(&mut stream, &base).await else { return };
            let reply = inner.reply(&asked);
            inner.asked.send_modify(|all| all.push(asked));
            act(&mut stream, reply).await;
        });
    }
}

async fn act(stream: &mut BufReader<TcpStream>, reply: Option<Reply>) {
    let body = match reply {
        Some(Reply::Says(body)) => body,
        Some(Reply::Held(permits, body)) => {
            permits.acquire().await.unwrap().forget();
            body
        }
        Some(Reply::Breaks) => return,
        Some(Reply::Status(status)) => {
            let head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).await;
            return;
        }
        None => r#"{"errcode":-1,"errmsg":"the test says nothing of this"}"#.to_owned(),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    let _ = stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await;
}

async fn read(stream: &mut BufReader<TcpStream>, base: &Url) -> Option<Asked> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let url = base.join(line.split(' ').nth(1)?).ok()?;
    let mut length = 0;
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await.ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Asked { url, body: String::from_utf8_lossy(&body).into_owned() })
}
