//! A TCP proxy on one line between two parties, which can be cut, fall silent or become slow.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Bytes carried at once.
const PIECE: usize = 16 * 1024;

/// What a line does with what is sent on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// It carries.
    Fair,
    /// Every connection is reset, and so is who connects anew.
    Cut,
    /// Nothing arrives and nothing is closed; what was sent arrives when the silence is over.
    Silent,
    /// Every piece arrives so much later.
    Slow {
        /// Milliseconds.
        ms: u64,
    },
}

/// A proxy; ends when dropped.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    struck: Arc<AtomicU64>,
    _carrying: JoinSet<()>,
}

/// The weather as a connection sees it.
#[derive(Clone, Debug)]
struct Sky {
    weather: watch::Receiver<Weather>,
    struck: Arc<AtomicU64>,
}

impl Link {
    /// Carries between a free port of 127.0.0.1 and `target`.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(target: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (weather, seen) = watch::channel(Weather::Fair);
        let struck = Arc::<AtomicU64>::default();
        let mut carrying = JoinSet::new();
        carrying.spawn(accept(listener, target, Sky { weather: seen, struck: Arc::clone(&struck) }));
        Ok(Self { address, weather, struck, _carrying: carrying })
    }

    /// Where to connect to instead of the target.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes what the line does, for connections that stand, too.
    pub fn turn(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// How many connections were reset, and pieces held up, so far.
    #[must_use]
    pub fn struck(&self) -> u64 {
        self.struck.load(Ordering::Relaxed)
    }
}

async fn accept(listener: TcpListener, target: SocketAddr, sky: Sky) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((client, _)) = listener.accept().await else { continue };
        if *sky.weather.borrow() == Weather::Cut {
            sky.strikes();
            reset(&client);
            continue;
        }
        connections.spawn(carry(client, target, sky.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn carry(client: TcpStream, target: SocketAddr, mut sky: Sky) {
    if !sky.passes().await {
        return;
    }
    let Ok(server) = TcpStream::connect(target).await else { return };
    if [&client, &server].into_iter().any(|stream| stream.set_nodelay(true).is_err()) {
        return;
    }
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    let mut cut = sky.weather.clone();
    let was_cut = tokio::select! {
        () = pump(&mut from_client, &mut to_server, sky.clone()) => false,
        () = pump(&mut from_server, &mut to_client, sky.clone()) => false,
        _ = cut.wait_for(|weather| *weather == Weather::Cut) => true,
    };
    if was_cut {
        sky.strikes();
        reset(from_client.as_ref());
        reset(from_server.as_ref());
    }
}

/// Lets a connection end with a reset rather than in an orderly way, when it is dropped.
fn reset(stream: &TcpStream) {
    // It can only fail on a socket that is broken already.
    drop(stream.set_zero_linger());
}

async fn pump(from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf, mut sky: Sky) {
    let mut piece = vec![0; PIECE];
    while let Ok(count @ 1..) = from.read(&mut piece).await {
        if !sky.passes().await || to.write_all(&piece[..count]).await.is_err() {
            return;
        }
    }
}

impl Sky {
    /// Waits as long as a piece is held up; false when the line is cut, or gone.
    async fn passes(&mut self) -> bool {
        let now = *self.weather.borrow_and_update();
        if now != Weather::Fair {
            self.strikes();
        }
        if let Weather::Slow { ms } = now {
            sleep(Duration::from_millis(ms)).await;
        }
        let over = self.weather.wait_for(|weather| *weather != Weather::Silent).await;
        over.is_ok_and(|now| *now != Weather::Cut)
    }

    fn strikes(&self) {
        self.struck.fetch_add(1, Ordering::Relaxed);
    }
}

impl Weather {
    /// What it is counted as.
    #[must_use]
    pub fn sort(self) -> &'static str {
        match self {
            Self::Fair => "fair",
            Self::Cut => "cut",
            Self::Silent => "silent",
            Self::Slow { .. } => "slow",
        }
    }
}

impl fmt::Display for Weather {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slow { ms } => write!(f, "{ms} ms slower"),
            other => f.write_str(other.sort()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use tokio::time::timeout;

    use super::*;

    /// Sends everything back.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (mut from, mut to) = stream.into_split();
                tokio::spawn(async move { tokio::io::copy(&mut from, &mut to).await });
            }
        });
        address
    }

    async fn said(stream: &mut TcpStream, byte: u8) -> io::Result<u8> {
        stream.write_u8(byte).await?;
        stream.read_u8().await
    }

    #[tokio::test]
    async fn a_cut_resets_what_stands_and_refuses_what_comes() {
        let link = Link::start(echo().await).await.unwrap();
        let mut standing = TcpStream::connect(link.address()).await.unwrap();
        assert_eq!(said(&mut standing, 1).await.unwrap(), 1);
        assert_eq!(link.struck(), 0);
        link.turn(Weather::Cut);
        assert!(standing.read_u8().await.is_err());
        let mut coming = TcpStream::connect(link.address()).await.unwrap();
        assert!(said(&mut coming, 2).await.is_err());
        assert_eq!(link.struck(), 2);
        link.turn(Weather::Fair);
        let mut later = TcpStream::connect(link.address()).await.unwrap();
        assert_eq!(said(&mut later, 3).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn what_was_sent_into_silence_arrives_after_it() {
        let link = Link::start(echo().await).await.unwrap();
        let mut stream = TcpStream::connect(link.address()).await.unwrap();
        assert_eq!(said(&mut stream, 1).await.unwrap(), 1);
        link.turn(Weather::Silent);
        stream.write_u8(2).await.unwrap();
        assert!(timeout(Duration::from_millis(100), stream.read_u8()).await.is_err());
        link.turn(Weather::Fair);
        assert_eq!(stream.read_u8().await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_slow_line_delays_both_ways() {
        let link = Link::start(echo().await).await.unwrap();
        let mut stream = TcpStream::connect(link.address()).await.unwrap();
        link.turn(Weather::Slow { ms: 50 });
        let began = std::time::Instant::now();
        assert_eq!(said(&mut stream, 1).await.unwrap(), 1);
        assert!(began.elapsed() >= Duration::from_millis(100), "{:?}", began.elapsed());
    }
}
