//! The bare connection beneath a request. HTTP libraries answer every request somehow; to leave one
//! without an answer, the socket itself is shut.

use std::any::Any;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::rc::Rc;

use actix_web::dev::Extensions;
use actix_web::rt::net;

/// A second handle to a connection's socket.
#[derive(Debug)]
pub(super) struct Line(TcpStream);

impl Line {
    /// Closes the connection in both directions at once; what was not written yet is lost, and the
    /// client reads the end of the stream.
    pub(super) fn hang_up(&self) {
        // The only failure is a client that left before.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

/// Keeps a handle to each new connection beside it.
pub(super) fn remember(connection: &dyn Any, beside: &mut Extensions) {
    let stream = connection.downcast_ref::<net::TcpStream>();
    if let Some(Ok(socket)) = stream.map(|stream| stream.as_fd().try_clone_to_owned()) {
        beside.insert(Rc::new(Line(TcpStream::from(socket))));
    }
}
