//! An address for pushes and notifies: notes what comes and answers as it is told.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use parking_lot::Mutex;
use sha1::{Digest, Sha1};
use tokio::sync::mpsc;
use tokio::time::timeout;
use wxgate_sandbox::PushTarget;

use crate::play::LIMIT;

pub const TOKEN: &str = "invented_token";
pub const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

/// What is answered once; when none is set: 200 `success`.
pub enum Answer {
    Status(u16),
    /// Nothing, for as long as the connection lives.
    Nothing,
}

/// What came.
#[derive(Debug)]
pub struct Came {
    pub path: String,
    pub query: BTreeMap<String, String>,
    /// By their names in small letters.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

struct Desk {
    answers: Mutex<VecDeque<Answer>>,
    came: mpsc::UnboundedSender<Came>,
}

pub struct Receiver {
    pub url: String,
    desk: Arc<Desk>,
    came: tokio::sync::Mutex<mpsc::UnboundedReceiver<Came>>,
    server: ServerHandle,
}

impl Receiver {
    pub fn start() -> Self {
        let (sender, came) = mpsc::unbounded_channel();
        let desk = Arc::new(Desk { answers: Mutex::default(), came: sender });
        let data = Data::from(Arc::clone(&desk));
        let server =
            HttpServer::new(move || App::new().app_data(data.clone()).default_service(web::to(take)))
                .workers(1)
                .disable_signals()
                .shutdown_timeout(0)
                .bind("127.0.0.1:0")
                .unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { url, desk, came: came.into(), server: handle }
    }

    pub fn answers(&self, answers: impl IntoIterator<Item = Answer>) {
        self.desk.answers.lock().extend(answers);
    }

    /// Everything that came so far.
    pub fn came(&self) -> Vec<Came> {
        let mut came = self.came.try_lock().unwrap();
        std::iter::from_fn(|| came.try_recv().ok()).collect()
    }

    /// What comes next.
    pub async fn next(&self) -> Came {
        timeout(LIMIT, async { self.came.lock().await.recv().await.unwrap() }).await.unwrap()
    }

    /// Where Upyun is to post to.
    pub fn notify_url(&self) -> String {
        format!("{}/upyun/notify", self.url)
    }

    pub fn plain(&self) -> PushTarget {
        PushTarget::new(format!("{}/push?app=1", self.url), TOKEN)
    }

    pub fn encrypted(&self) -> PushTarget {
        self.plain().encrypted(KEY)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

async fn take(request: HttpRequest, body: Bytes, desk: Data<Desk>) -> HttpResponse {
    let query =
        web::Query::<BTreeMap<String, String>>::from_query(request.query_string()).unwrap().into_inner();
    let headers = request.headers().iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let came = Came { path: request.path().to_owned(), query, headers, body };
    let echo = came.query.get("echostr").cloned();
    desk.came.send(came).unwrap();
    let answer = desk.answers.lock().pop_front();
    match answer {
        None => HttpResponse::Ok().body(echo.unwrap_or_else(|| "success".to_owned())),
        Some(Answer::Status(status)) => HttpResponse::build(status.try_into().unwrap()).finish(),
        Some(Answer::Nothing) => std::future::pending().await,
    }
}

impl Came {
    /// The text of an element, without its CDATA.
    #[track_caller]
    pub fn element(&self, name: &str) -> &str {
        let (_, rest) = self.body.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("{self:?}"));
        let (text, _) = rest.split_once(&format!("</{name}>")).unwrap();
        text.trim_start_matches("<![CDATA[").trim_end_matches("]]>")
    }

    /// The signature that these values, token, time and nonce make.
    pub fn signed(&self, token: &str, more: &[&str]) -> String {
        let mut values = vec![token, &self.query["timestamp"], &self.query["nonce"]];
        values.extend(more);
        values.sort_unstable();
        hex::encode(Sha1::digest(values.concat()))
    }
}
