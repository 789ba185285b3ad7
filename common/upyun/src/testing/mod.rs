//! An Upyun in memory, behind a socket of 127.0.0.1: files and tasks as they should be, and faults
//! on request. It checks lengths and MD5s but no signature, which it would only compare with our
//! own opinion.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test fails by panicking")]

mod server;
mod state;

use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use url::Url;
use wxgate_secret::Secret;

use crate::{Account, Bases, Upyun};
use state::State;

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// In capitals.
    pub method: String,
    /// Path and query as they stood in the request line.
    pub uri: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// What came of it.
    pub body: Vec<u8>,
}

impl Request {
    /// A header's first value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What is done with a request in place of what it asks for.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Nothing but this answer.
    Answer(u16, &'static str),
    /// The connection is closed without a word.
    Close,
    /// The connection stays open without a word.
    Hang,
    /// The file is announced whole, sent by half, and the connection closed.
    Half,
}

/// The server. Ends when it is dropped.
pub struct Fake {
    base: Url,
    state: Arc<Mutex<State>>,
    _serving: JoinSet<()>,
}

impl Fake {
    /// Starts on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let state = Arc::<Mutex<State>>::default();
        let mut serving = JoinSet::new();
        serving.spawn(server::serve(listener, Arc::clone(&state)));
        Self { base, state, _serving: serving }
    }

    /// A client of the bucket `bucket`, whose files are at `http://files.test`.
    #[must_use]
    pub fn client(&self, http: reqwest::Client) -> Upyun {
        let public = "http://files.test".parse().unwrap();
        let bases = Bases { api: self.base.clone(), process: self.base.clone(), public };
        let (bucket, operator) = ("bucket".to_owned(), "operator".to_owned());
        Upyun::new(http, bases, Account { bucket, operator, password: Secret::new("CANARY") })
    }

    /// The requests so far whose method and URI begin with `start`.
    #[must_use]
    pub fn requests(&self, start: &str) -> Vec<Request> {
        let all = self.state().requests.clone();
        all.into_iter()
            .filter(|request| format!("{} {}", request.method, request.uri).starts_with(start))
            .collect()
    }

    /// The file at `path`, whole.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<Vec<u8>> {
        self.state().files.get(path).map(|file| file.body.clone())
    }

    /// The next request meets this.
    pub fn fail_next(&self, fault: Fault) {
        self.state().faults.push_back(fault);
    }

    /// What is answered about a task: its progress, and its record if it has one. `bare`: the record
    /// stands in the answer itself, rather than in a member of it.
    pub fn tell(&self, task: &str, progress: Option<i64>, record: Option<Value>, bare: bool) {
        self.state().tasks.insert(task.to_owned(), state::Told { progress, record, bare });
    }

    /// Ends a task as Upyun does: done with 200, and otherwise given up. A task that is done has
    /// left its file.
    pub fn end(&self, task: &str, status_code: u16) {
        let mut state = self.state();
        let save_as = state.submitted.get(task).cloned().unwrap();
        let done = status_code == 200;
        if done {
            state.files.insert(
                save_as.clone(),
                state::File { content_type: "audio/mpeg".into(), body: b"MP3".into() },
            );
        }
        let record = json!({
            "task_id": task, "status_code": status_code, "service": "bucket",
            "path": if done { vec![save_as] } else { vec![] }, "description": "words of Upyun",
        });
        let told =
            state::Told { progress: Some(if done { 100 } else { -1 }), record: Some(record), bare: false };
        state.tasks.insert(task.to_owned(), told);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}
