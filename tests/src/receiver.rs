//! A receiver of callbacks that keeps what it got and answers as it is told.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use parking_lot::Mutex;
use tokio::sync::watch;
use wxgate_signing::Form;

/// Longer than clients keep idle connections, so that none is closed under a callback.
const KEEP_ALIVE: Duration = Duration::from_mins(2);

/// One callback as it arrived.
#[derive(Clone, Debug)]
pub struct Post {
    /// Path and query.
    pub uri: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    /// As sent.
    pub body: String,
}

impl Post {
    /// A field of the form or of the JSON object; empty when there is none.
    pub fn field(&self, name: &str) -> String {
        if self.headers["content-type"] == "application/json" {
            let body: serde_json::Value = serde_json::from_str(&self.body).unwrap();
            return body[name].as_str().unwrap_or_default().to_owned();
        }
        let form = Form::parse(self.body.as_bytes()).unwrap();
        form.get(name).unwrap_or_default().to_owned()
    }

    /// The query's `authcode`.
    pub fn authcode(&self) -> &str {
        self.uri.rsplit_once("authcode=").unwrap().1
    }
}

/// How to answer.
#[derive(Clone, Copy, Debug)]
enum Answer {
    /// This status with this body.
    Status(u16, &'static str),
    /// Never.
    Hang,
}

#[derive(Debug)]
struct Shared {
    posts: Mutex<Vec<Post>>,
    count: watch::Sender<usize>,
    answer: Mutex<Answer>,
}

/// The receiver; stops when dropped.
#[derive(Debug)]
pub struct Receiver {
    shared: Arc<Shared>,
    /// Its address, without a path.
    pub url: String,
    handle: actix_web::dev::ServerHandle,
}

impl Receiver {
    /// Listens on a free port of 127.0.0.1 and answers 200.
    pub fn start() -> Self {
        let shared = Arc::new(Shared {
            posts: Mutex::default(),
            count: watch::Sender::new(0),
            answer: Mutex::new(Answer::Status(200, "")),
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let data = Data::from(Arc::clone(&shared));
        let app = move || App::new().app_data(data.clone()).default_service(web::to(receive));
        let server = HttpServer::new(app)
            .workers(1)
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(KEEP_ALIVE)
            .disable_signals()
            .listen(listener)
            .unwrap()
            .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { shared, url, handle }
    }

    /// From now on answers this status.
    pub fn answer(&self, status: u16) {
        self.answer_with(status, "");
    }

    /// From now on answers this status with this body.
    pub fn answer_with(&self, status: u16, body: &'static str) {
        *self.shared.answer.lock() = Answer::Status(status, body);
    }

    /// From now on never answers.
    pub fn hang(&self) {
        *self.shared.answer.lock() = Answer::Hang;
    }

    /// What has arrived so far.
    pub fn posts(&self) -> Vec<Post> {
        self.shared.posts.lock().clone()
    }

    /// Waits until this many posts have arrived. Fails after a minute.
    pub async fn wait_for(&self, count: usize) -> Vec<Post> {
        let mut arrived = self.shared.count.subscribe();
        let enough = arrived.wait_for(|arrived| *arrived >= count);
        let waited = tokio::time::timeout(Duration::from_mins(1), enough).await;
        assert!(waited.is_ok(), "{} of {count} callbacks came within a minute", self.posts().len());
        self.posts()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // Stopping is a message to the server's own threads.
        drop(self.handle.stop(false));
    }
}

async fn receive(shared: Data<Shared>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let headers = request.headers().iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let body = String::from_utf8(body.to_vec()).unwrap();
    // Before anybody hears of the post: they may then change it.
    let answer = *shared.answer.lock();
    shared.posts.lock().push(Post { uri: request.uri().to_string(), headers, body });
    shared.count.send_modify(|count| *count += 1);
    match answer {
        Answer::Status(status, body) => HttpResponse::build(StatusCode::from_u16(status).unwrap()).body(body),
        Answer::Hang => std::future::pending().await,
    }
}
