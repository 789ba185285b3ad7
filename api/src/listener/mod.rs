//! An HTTP server on one address, as all listeners of the gateway are run.
//!
//! Whoever is slow holds up nobody but themselves: each phase of a connection has its end (`patient`), and so
//! has the reading of what a request brings (`body`, `multipart`). There are no more connections than this
//! process may have files; when half of them are taken, none is kept open after its answer (`crowd`).

mod crowd;
mod patient;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpServiceBuilder, KeepAlive};
use actix_service::{ServiceFactoryExt as _, map_config};
use actix_web::App;
use actix_web::dev::{AppConfig, Server, ServerHandle, Service as _, ServiceFactory, fn_service};
use actix_web::http::ConnectionType;
use actix_web::rt::net::TcpStream;
use actix_web::web::ServiceConfig;
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crowd::Crowd;
use patient::Patient;

/// How long the other end may take to close when we have.
const CLOSED_WITHIN: Duration = Duration::from_secs(1);
/// Connections not yet accepted; the kernel takes the smaller of this and `net.core.somaxconn`.
const BACKLOG: u32 = 4096;
/// The server's own patience when it is stopped; [`Listener::stop`] sets the real one.
const PATIENCE_S: u64 = 3600;

/// A server that listens. Dropping it ends it at once.
#[derive(Debug)]
pub struct Listener {
    address: SocketAddr,
    handle: ServerHandle,
    /// Tells idle connections that there is nothing to wait for.
    stopping: CancellationToken,
    task: JoinHandle<io::Result<()>>,
}

impl Listener {
    /// Listens on `address` (port 0: any free one), with `workers` threads.
    pub(crate) fn start<F>(address: SocketAddr, workers: usize, routes: F) -> io::Result<Self>
    where
        F: Fn(&mut ServiceConfig) + Clone + Send + 'static,
    {
        let named =
            |error: io::Error| io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"));
        let socket = listen(address).map_err(named)?;
        let bound = socket.local_addr()?;
        let crowd = Crowd::of_this_process();
        let stopping = CancellationToken::new();
        let of_workers = (crowd.clone(), stopping.clone());
        let server: Server = Server::build()
            .workers(workers)
            .max_concurrent_connections((crowd.most() / workers).max(1))
            .shutdown_timeout(PATIENCE_S)
            .disable_signals()
            .listen("http", socket, move || {
                let (crowd, stopping) = of_workers.clone();
                let guests = crowd.clone();
                let greet = fn_service(move |io: TcpStream| {
                    let guest = guests.enter();
                    async move {
                        // It has gone already if this fails, which is then noticed.
                        io.set_nodelay(true).ok();
                        let peer = io.peer_addr().ok();
                        Ok::<_, DispatchError>((Patient::new(io, guest), peer))
                    }
                });
                greet.and_then(http(crowd, stopping, routes.clone()))
            })?
            .run();
        Ok(Self { address: bound, handle: server.handle(), stopping, task: tokio::spawn(server) })
    }
}

impl Listener {
    /// The address it is bound to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts no more connections, closes idle ones and lets requests under way finish, for `grace`
    /// at most; cuts off what is left.
    pub async fn stop(mut self, grace: Duration) {
        let finished = async {
            self.stopping.cancel();
            self.handle.stop(true).await;
            (&mut self.task).await
        };
        if timeout(grace, finished).await.is_err() {
            tracing::warn!(address = %self.address, "listener.cut_off");
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // What a process of before has left in TIME_WAIT does not keep the next one from listening.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

/// What is done with a connection.
fn http<F>(
    crowd: Crowd,
    stopping: CancellationToken,
    routes: F,
) -> impl ServiceFactory<
    (Patient, Option<SocketAddr>),
    Config = (),
    Response = (),
    Error = DispatchError,
    InitError = (),
>
where
    F: Fn(&mut ServiceConfig) + 'static,
{
    let app = App::new().configure(routes).wrap_fn(move |request, app| {
        let (answered, crowd) = (app.call(request), crowd.clone());
        async move {
            let mut answer = answered.await?;
            if crowd.is_dense() {
                answer.response_mut().head_mut().set_connection_type(ConnectionType::Close);
            }
            Ok(answer)
        }
    });
    HttpServiceBuilder::default()
        // Kept until `Patient` ends it, which knows of a first head, too.
        .keep_alive(KeepAlive::Os)
        .client_request_timeout(Duration::ZERO)
        .client_disconnect_timeout(CLOSED_WITHIN)
        .graceful_shutdown_signal(move || stopping.clone().cancelled_owned())
        .h1(map_config(app, |()| AppConfig::default()))
}
