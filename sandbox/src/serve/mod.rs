//! The HTTP server: carries requests to the endpoints and to the controls, and answers back.

mod answer;
mod inflict;
mod line;

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
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
/// Largest body taken, in bytes.
const LARGEST_BODY: usize = 1 << 20;

/// A sandbox that runs; it ends with [`Running::stop`], or when this is dropped.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    control: Control,
    server: ServerHandle,
    served: JoinHandle<io::Result<()>>,
}

pub(crate) fn start(listen: SocketAddr, shared: Arc<Shared>) -> io::Result<Running> {
    let runtime = Handle::try_current().map_err(io::Error::other)?;
    let control = Control::new(Arc::clone(&shared));
    let data = Data::from(shared);
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
        // Otherwise a call that hangs would stay for ever after its client has left.
        .h1_allow_half_closed(false)
        .on_connect(line::remember)
        .disable_signals()
        .bind(listen)?;
    let address = server.addrs().first().copied().unwrap_or(listen);
    let server = server.run();
    Ok(Running { address, control, server: server.handle(), served: runtime.spawn(server) })
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address as a base URL, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its controls; they stay usable, to read the logs, after it was stopped.
    #[must_use]
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Closes the listener and all connections, and returns when that is done.
    ///
    /// # Errors
    /// When the server itself had failed.
    pub async fn stop(mut self) -> io::Result<()> {
        self.server.stop(false).await;
        (&mut self.served).await.map_err(io::Error::other)?
    }
}

impl Drop for Running {
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
        Incoming::new(request.method().as_str(), request.path(), request.query_string(), body, peer);
    let line = request.conn_data::<Rc<Line>>().cloned();
    let outcome = answer::answer(shared.into_inner(), incoming).await;
    outcome.deliver(line).await.respond_to(&request).map_into_boxed_body()
}
