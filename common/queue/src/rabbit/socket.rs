//! The TCP connection below an AMQP one, with a way to end it from outside.
//!
//! lapin serves each connection from a thread of its own, which waits for as long as its socket
//! lives. A broker that accepts and then says nothing (frozen, or cut off without a reset) would
//! cost one such thread for every attempt, for ever. So the socket is kept within reach, and
//! shutting it down ends the thread.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use lapin::tcp::{AMQPUriTcpExt, OwnedTLSConfig};
use lapin::uri::AMQPUri;
use lapin::{AsyncTcpStream, Connection, ConnectionProperties};
use parking_lot::Mutex;
use tokio::time::timeout;

/// For the TCP and TLS handshakes. A host that does not answer is noticed sooner than by the
/// kernel, which tries for about two minutes.
const DIAL_LIMIT: Duration = Duration::from_secs(5);

/// Shuts the socket down when dropped.
#[derive(Debug, Default)]
pub(super) struct SocketGuard(Arc<Mutex<State>>);

#[derive(Debug, Default)]
enum State {
    #[default]
    Dialling,
    Open(TcpStream),
    /// The guard went first: whoever still dials gives up.
    Abandoned,
}

impl SocketGuard {
    /// An AMQP connection over a guarded socket.
    pub(super) async fn connect(
        &self,
        uri: AMQPUri,
        properties: ConnectionProperties,
    ) -> lapin::Result<Connection> {
        let state = Arc::clone(&self.0);
        let runtime = lapin::runtime::default_runtime()?;
        let reactor = runtime.clone();
        let dial = async move |uri: AMQPUri, _| {
            let tls = OwnedTLSConfig::default();
            let dialled = uri.connect_with_config_async(tls.as_ref(), &reactor);
            let stream = timeout(DIAL_LIMIT, dialled).await.map_err(io::Error::from)??;
            match &stream {
                AsyncTcpStream::Plain(plain) => keep(&state, plain.get_ref())?,
                AsyncTcpStream::Rustls(tls) => keep(&state, tls.get_ref().0.get_ref())?,
                _ => return Err(io::Error::from(io::ErrorKind::Unsupported).into()),
            }
            Ok(stream)
        };
        Connection::connector(uri, runtime, dial, properties).await
    }
}

fn keep(state: &Mutex<State>, socket: &impl AsFd) -> io::Result<()> {
    let within_reach = TcpStream::from(socket.as_fd().try_clone_to_owned()?);
    let mut state = state.lock();
    if matches!(*state, State::Abandoned) {
        return Err(io::ErrorKind::ConnectionAborted.into());
    }
    *state = State::Open(within_reach);
    Ok(())
}

impl Drop for SocketGuard {
    fn drop(&mut self) {
        let state = std::mem::replace(&mut *self.0.lock(), State::Abandoned);
        if let State::Open(socket) = state {
            // Fails only when the connection has ended already, which is what is wanted.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}
