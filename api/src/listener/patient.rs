//! A connection that ends when nothing happens on it for too long, in whichever phase of a request: the only
//! place where that is decided. The server below would answer 408 to a connection that was opened ahead of its
//! first request, even if that request has just arrived; and it has no end for later heads, nor for answers
//! that nobody takes.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::rt::net::{ActixStream, Ready, TcpStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::crowd::Guest;

/// How long a connection is kept on which nothing is asked: longer than the minute after which common proxies
/// close theirs, so that it is not closed under a request.
const KEPT_FOR: Duration = Duration::from_secs(75);
/// The same where places are scarce.
const KEPT_IN_A_CROWD: Duration = Duration::from_secs(10);
/// A head, from its first byte to its last.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// From the end of a request's head to some byte of its answer, and from there to the next one that is taken.
/// The longest honest one is a file over a slow link (2 min), which is then handed to WeChat (20 s).
const LONGEST: Duration = Duration::from_mins(3);
/// How often it is looked at; this much later than said it may end. A timer set anew with every request would
/// cost each of them something.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(5);

/// What a connection is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing is asked, or all that was written is taken.
    Silent,
    /// A head arrives. `line_ended`: its last byte so far ended a line.
    Head { line_ended: bool },
    /// A body arrives, the request is worked on, or its answer waits to be taken.
    Busy,
}

/// The connection.
#[derive(Debug)]
pub(super) struct Patient<T = TcpStream> {
    io: T,
    phase: Phase,
    since: Instant,
    look: Pin<Box<Sleep>>,
    guest: Guest,
}

impl<T> Patient<T> {
    pub(super) fn new(io: T, guest: Guest) -> Self {
        Self {
            io,
            phase: Phase::Silent,
            since: Instant::now(),
            look: Box::pin(sleep(LOOKED_AT_EVERY)),
            guest,
        }
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
    }

    fn read(&mut self, bytes: &[u8]) {
        if self.phase == Phase::Silent {
            self.enter(Phase::Head { line_ended: false });
        }
        if let Phase::Head { line_ended } = &mut self.phase
            && head_ends(line_ended, bytes)
        {
            self.enter(Phase::Busy);
        }
    }

    fn wrote(&mut self, polled: &Poll<io::Result<usize>>) {
        match polled {
            Poll::Ready(_) => self.enter(Phase::Silent),
            Poll::Pending if self.phase != Phase::Busy => self.enter(Phase::Busy),
            Poll::Pending => {}
        }
    }

    /// Whether the phase has lasted too long; sees to it that this is asked again.
    fn poll_over(&mut self, context: &mut Context<'_>) -> bool {
        while self.look.as_mut().poll(context).is_ready() {
            self.look.as_mut().reset(Instant::now() + LOOKED_AT_EVERY);
        }
        let limit = match self.phase {
            Phase::Silent if self.guest.is_in_a_crowd() => KEPT_IN_A_CROWD,
            Phase::Silent => KEPT_FOR,
            Phase::Head { .. } => HEAD_WITHIN,
            Phase::Busy => LONGEST,
        };
        self.since.elapsed() >= limit
    }

    /// Fails what cannot go on when its time is up.
    fn or_over<R>(&mut self, polled: Poll<io::Result<R>>, context: &mut Context<'_>) -> Poll<io::Result<R>> {
        if polled.is_pending() && self.poll_over(context) {
            return Poll::Ready(Err(ErrorKind::TimedOut.into()));
        }
        polled
    }
}

/// Whether an empty line, which ends a head, is in `bytes` or ends with them.
fn head_ends(line_ended: &mut bool, bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| match byte {
        b'\n' => std::mem::replace(line_ended, true),
        b'\r' => false,
        _ => {
            *line_ended = false;
            false
        }
    })
}

impl<T: AsyncRead + Unpin> AsyncRead for Patient<T> {
    /// The end, as if the other side had closed, where nothing was asked for too long: nothing is cut off then,
    /// and nothing answered that was not asked.
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.io).poll_read(context, buffer);
        let read = &buffer.filled()[before..];
        if !read.is_empty() {
            self.read(read);
        }
        match self.or_over(polled, context) {
            Poll::Ready(Err(error)) if error.kind() == ErrorKind::TimedOut && self.phase == Phase::Silent => {
                Poll::Ready(Ok(()))
            }
            polled => polled,
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Patient<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write(context, bytes);
        self.wrote(&polled);
        self.or_over(polled, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write_vectored(context, pieces);
        self.wrote(&polled);
        self.or_over(polled, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.io).poll_flush(context);
        self.or_over(polled, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.io).poll_shutdown(context);
        self.or_over(polled, context)
    }
}

impl<T: ActixStream> ActixStream for Patient<T> {
    fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        self.io.poll_read_ready(context)
    }

    fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        self.io.poll_write_ready(context)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
    use tokio::time::advance;

    use super::super::crowd::Crowd;
    use super::*;

    fn connection() -> (Patient<DuplexStream>, DuplexStream) {
        let (here, there) = duplex(16);
        (Patient::new(here, Crowd::of_most(20).enter()), there)
    }

    /// Whatever comes of reading, and when.
    async fn ended(here: &mut Patient<DuplexStream>) -> (ErrorKind, u64) {
        let began = Instant::now();
        loop {
            if let Err(error) = here.read_u8().await {
                return (error.kind(), began.elapsed().as_secs());
            }
        }
    }

    /// Sends a byte each three seconds, until the other end has gone.
    async fn dribble(mut there: DuplexStream) {
        while there.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_dribbles_is_cut_off_and_so_is_a_later_one() {
        let (mut here, mut there) = connection();
        there.write_all(b"GET /\r\n\r\n").await.unwrap();
        here.read_exact(&mut [0; 9]).await.unwrap();
        here.write_all(b"answer").await.unwrap();
        let dribble = tokio::spawn(dribble(there));
        assert_eq!(ended(&mut here).await, (ErrorKind::TimedOut, 10));
        drop(here);
        dribble.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_dribbles_is_not_read_for_ever() {
        let (mut here, mut there) = connection();
        there.write_all(b"POST /\r\n\r").await.unwrap();
        there.write_all(b"\n").await.unwrap();
        let dribble = tokio::spawn(dribble(there));
        assert_eq!(ended(&mut here).await, (ErrorKind::TimedOut, LONGEST.as_secs()));
        drop(here);
        dribble.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_nobody_takes_is_not_held_for_ever() {
        let (mut here, _there) = connection();
        let end = here.write_all(&[0; 100]).await.unwrap_err();
        assert_eq!(end.kind(), ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn where_nothing_is_asked_the_connection_is_closed_and_in_a_crowd_sooner() {
        for (places, kept_s) in [(20, 75), (1, 10)] {
            let (here, _there) = duplex(16);
            let mut here = Patient::new(here, Crowd::of_most(places).enter());
            assert_eq!(ended(&mut here).await, (ErrorKind::UnexpectedEof, kept_s));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_is_taken_whenever_it_comes() {
        let (mut here, mut there) = connection();
        advance(KEPT_FOR * 2).await;
        there.write_all(b"ask").await.unwrap();
        here.read_exact(&mut [0; 3]).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_is_answered_lasts() {
        let (mut here, mut there) = connection();
        for _ in 0..20 {
            there.write_all(b"ask\n\n").await.unwrap();
            here.read_exact(&mut [0; 5]).await.unwrap();
            advance(LONGEST / 2).await;
            here.write_all(b"answer").await.unwrap();
            there.read_exact(&mut [0; 6]).await.unwrap();
            advance(KEPT_FOR / 2).await;
        }
    }
}
