//! The HTTP servers: they carry requests to the endpoints, to the controls and to the simulated Upyun,
//! and answers back.

mod answer;
mod inflict;
mod line;
mod outcome;
mod shape;
mod upyun;

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::http::header;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, Responder};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::control::{self, Control};
use crate::incoming::Incoming;
use crate::state::Shared;
use line::Line;

/// Threads that answer. Two keep a slow reader of a big log from holding up the calls.
const THREADS: usize = 2;
/// Idle connections are kept this long. Longer than clients keep theirs (commonly up to 90 s), so
/// that it is never the sandbox which closes one that is just being used again.
const KEEP_ALIVE: Duration = Duration::from_mins(2);
/// Largest body that WeChat and the controls take, in bytes: the largest upload of media (10 MiB) and
/// something more, so that it is WeChat's own code that refuses what is a little too large.
const LARGEST_BODY: usize = 12 << 20;

/// A sandbox that runs; it ends with [`Running::stop`], or when this is dropped.
#[derive(Debug)]
pub struct Running {
    control: Control,
    wechat: Listener,
    upyun: Option<Listener>,
}

/// One server and the address that it listens on.
#[derive(Debug)]
struct Listener {
    address: SocketAddr,
    server: ServerHandle,
    served: JoinHandle<io::Result<()>>,
}

/// Starts WeChat and, when it has an address, Upyun.
pub(crate) fn start(
    listen: SocketAddr,
    upyun_listen: Option<SocketAddr>,
    shared: Arc<Shared>,
    runtime: &Handle,
) -> io::Result<Running> {
    let control = Control::new(Arc::clone(&shared));
    let wechat = start_wechat(listen, &shared, runtime)?;
    let upyun = upyun_listen.map(|listen| start_upyun(listen, shared, runtime)).transpose()?;
    Ok(Running { control, wechat, upyun })
}

fn start_wechat(listen: SocketAddr, shared: &Arc<Shared>, runtime: &Handle) -> io::Result<Listener> {
    let data = Data::from(Arc::clone(shared));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .app_data(web::PayloadConfig::new(LARGEST_BODY))
            .configure(control::routes)
            .default_service(web::to(call))
    });
    let server = server
        .workers(THREADS)
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(KEEP_ALIVE)
        // Otherwise a call that hangs would stay for ever after its client has left.
        .h1_allow_half_closed(false)
        .on_connect(line::remember)
        .disable_signals()
        .bind(listen)?;
    let address = server.addrs().first().copied().unwrap_or(listen);
    Ok(Listener::run(address, server.run(), runtime))
}

fn start_upyun(listen: SocketAddr, shared: Arc<Shared>, runtime: &Handle) -> io::Result<Listener> {
    let data = Data::from(shared);
    let server =
        HttpServer::new(move || App::new().app_data(data.clone()).default_service(web::to(upyun::call)));
    let server = server
        .workers(THREADS)
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(KEEP_ALIVE)
        .h1_allow_half_closed(false)
        .on_connect(line::remember)
        .disable_signals()
        .bind(listen)?;
    let address = server.addrs().first().copied().unwrap_or(listen);
    Ok(Listener::run(address, server.run(), runtime))
}

impl Listener {
    fn run(address: SocketAddr, server: Server, runtime: &Handle) -> Self {
        Self { address, server: server.handle(), served: runtime.spawn(server) }
    }

    async fn stop(&mut self) -> io::Result<()> {
        self.server.stop(false).await;
        (&mut self.served).await.map_err(io::Error::other)?
    }
}

impl Running {
    /// Where WeChat listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.wechat.address
    }

    /// The address as a base URL, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.wechat.address)
    }

    /// Where Upyun listens, if it does.
    #[must_use]
    pub fn upyun_address(&self) -> Option<SocketAddr> {
        self.upyun.as_ref().map(|upyun| upyun.address)
    }

    /// That address as a base URL, of storage and of processing. Stored files are at
    /// `<base>/public/sandbox/<path>`.
    #[must_use]
    pub fn upyun_url(&self) -> Option<String> {
        self.upyun_address().map(|address| format!("http://{address}"))
    }

    /// Its controls; they stay usable, to read the logs, after it was stopped.
    #[must_use]
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Closes the listeners and all connections, and returns when that is done.
    ///
    /// # Errors
    /// When the server itself had failed.
    pub async fn stop(mut self) -> io::Result<()> {
        let upyun = match &mut self.upyun {
            Some(upyun) => upyun.stop().await,
            None => Ok(()),
        };
        self.wechat.stop().await.and(upyun)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // The command is sent by the call; the future would only wait for its end.
        drop(self.server.stop(false));
    }
}

/// Any request outside the controls.
async fn call(
    request: HttpRequest,
    body: Result<Bytes, actix_web::Error>,
    shared: Data<Shared>,
) -> HttpResponse {
    let body = match body {
        Ok(body) => body,
        Err(unread) => return unread.error_response(),
    };
    let Some(peer) = request.peer_addr() else {
        return HttpResponse::InternalServerError().body("the peer's address is not known");
    };
    let incoming =
        Incoming::new(request.method().as_str(), request.path(), request.query_string(), body, peer)
            .with_head(base(&request), content_type(&request));
    let line = request.conn_data::<Rc<Line>>().cloned();
    let outcome = answer::answer(shared.into_inner(), incoming).await;
    outcome.deliver(line).await.respond_to(&request).map_into_boxed_body()
}

/// The address that the client called.
fn base(request: &HttpRequest) -> String {
    let info = request.connection_info();
    format!("{}://{}", info.scheme(), info.host())
}

fn content_type(request: &HttpRequest) -> &str {
    let header = request.headers().get(header::CONTENT_TYPE);
    header.and_then(|value| value.to_str().ok()).unwrap_or_default()
}
