//! The demo's receiver of callbacks.

use std::io;
use std::net::TcpListener;

use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use tokio::sync::{Mutex, mpsc};

/// A callback as it arrived.
pub(super) struct Post {
    /// The query's signature.
    pub(super) authcode: String,
    /// The Standard Webhooks headers: id, timestamp, signature.
    pub(super) webhook: [String; 3],
    /// The form.
    pub(super) body: String,
}

/// Takes callbacks on a free port for as long as the process runs.
pub(super) struct Receiver {
    /// Where callbacks are to go.
    pub(super) url: String,
    posts: Mutex<mpsc::UnboundedReceiver<Post>>,
}

impl Receiver {
    pub(super) fn start() -> io::Result<Self> {
        let (sender, posts) = mpsc::unbounded_channel();
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}/callback", listener.local_addr()?);
        let data = Data::new(sender);
        let app = move || App::new().app_data(data.clone()).default_service(web::to(receive));
        tokio::spawn(HttpServer::new(app).workers(1).disable_signals().listen(listener)?.run());
        Ok(Self { url, posts: Mutex::new(posts) })
    }

    /// The next callback.
    pub(super) async fn next(&self) -> Option<Post> {
        self.posts.lock().await.recv().await
    }
}

async fn receive(
    posts: Data<mpsc::UnboundedSender<Post>>,
    request: HttpRequest,
    body: Bytes,
) -> HttpResponse {
    let header = |name| {
        let value = request.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let authcode = request.query_string().rsplit("authcode=").next().unwrap_or_default();
    let post = Post {
        authcode: authcode.to_owned(),
        webhook: ["webhook-id", "webhook-timestamp", "webhook-signature"].map(header),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    // When nobody listens any more the demo is over.
    drop(posts.send(post));
    HttpResponse::Ok().finish()
}
