//! An HTTP server on one address, as all listeners of the gateway are run.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::web::ServiceConfig;
use actix_web::{App, HttpServer};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long an idle connection is kept: longer than the minute after which common proxies close theirs,
/// so that it is not closed under a request.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a request's head may take.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// Connections not yet accepted; the kernel takes the smaller of this and `net.core.somaxconn`.
const BACKLOG: u32 = 4096;
/// The server's own patience when it is stopped; [`Listener::stop`] sets the real one.
const PATIENCE_S: u64 = 3600;

/// A server that listens. Dropping it ends it at once.
#[derive(Debug)]
pub struct Listener {
    address: SocketAddr,
    handle: ServerHandle,
    task: JoinHandle<io::Result<()>>,
}

impl Listener {
    /// Listens on `address` (port 0: any free one), with `workers` threads.
    pub(crate) fn start<F>(address: SocketAddr, workers: usize, routes: F) -> io::Result<Self>
    where
        F: Fn(&mut ServiceConfig) + Clone + Send + 'static,
    {
        let server = HttpServer::new(move || App::new().configure(routes.clone()))
            .workers(workers)
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(HEAD_WITHIN)
            .backlog(BACKLOG)
            .tcp_nodelay(true)
            .shutdown_timeout(PATIENCE_S)
            .disable_signals()
            .bind(address)
            .map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {address}: {error}")))?;
        let bound = server.addrs().first().copied().unwrap_or(address);
        let server: Server = server.run();
        Ok(Self { address: bound, handle: server.handle(), task: tokio::spawn(server) })
    }

    /// The address it is bound to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts no more connections, closes idle ones and lets requests under way finish, for `grace`
    /// at most; cuts off what is left.
    pub async fn stop(mut self, grace: Duration) {
        let finished = async {
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
