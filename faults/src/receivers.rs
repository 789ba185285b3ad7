//! Those who get callbacks: one server, which tells its endpoints apart by the address's first part,
//! answers as each is told to, and keeps what it got and what it answered.

use std::collections::HashMap;
use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data, Path};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use parking_lot::Mutex;
use wxgate_signing::Form;

use crate::party::RECEIVERS;

/// Longer than clients keep idle connections, so that none is closed under a callback.
const KEEP_ALIVE: Duration = Duration::from_mins(2);

/// How a receiver answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// With this HTTP status.
    Status(u16),
    /// Not at all: the connection stays open.
    Hang,
}

impl Mood {
    /// As it should be.
    pub const GOOD: Self = Self::Status(200);
    /// Every other one that is tried.
    pub const BAD: [Self; 5] =
        [Self::Hang, Self::Status(500), Self::Status(429), Self::Status(503), Self::Status(410)];
}

/// One callback as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The id of the job that it tells of.
    pub job: i64,
    /// The job's state, as it says.
    pub state: String,
    /// `webhook-id`, the same in every attempt.
    pub webhook_id: String,
    /// What was answered; none: nothing.
    pub answered: Option<u16>,
}

#[derive(Debug)]
struct Shared {
    moods: Mutex<[Mood; RECEIVERS as usize]>,
    struck: Mutex<[u64; RECEIVERS as usize]>,
    posted: Mutex<HashMap<u64, Vec<Posted>>>,
    unreadable: Mutex<Vec<String>>,
}

/// The receivers; stop when dropped.
#[derive(Debug)]
pub struct Receivers {
    shared: Arc<Shared>,
    address: SocketAddr,
    handle: actix_web::dev::ServerHandle,
}

impl Receivers {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start() -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            moods: Mutex::new([Mood::GOOD; RECEIVERS as usize]),
            struck: Mutex::default(),
            posted: Mutex::default(),
            unreadable: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let data = Data::from(Arc::clone(&shared));
        let app =
            move || App::new().app_data(data.clone()).route("/{receiver}/{number}", web::post().to(receive));
        let server = HttpServer::new(app)
            .workers(1)
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(KEEP_ALIVE)
            .disable_signals()
            .listen(listener)?
            .run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Self { shared, address, handle })
    }

    /// Where they listen.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on this receiver answers so.
    pub fn answer(&self, receiver: u8, mood: Mood) {
        if let Some(place) = self.shared.moods.lock().get_mut(usize::from(receiver) - 1) {
            *place = mood;
        }
    }

    /// How many callbacks this receiver has hung or answered otherwise than it should so far.
    #[must_use]
    pub fn struck(&self, receiver: u8) -> u64 {
        self.shared.struck.lock().get(usize::from(receiver) - 1).copied().unwrap_or_default()
    }

    /// What came so far, by the number of the request.
    #[must_use]
    pub fn posted(&self) -> HashMap<u64, Vec<Posted>> {
        self.shared.posted.lock().clone()
    }

    /// What came and could not be read.
    #[must_use]
    pub fn unreadable(&self) -> Vec<String> {
        self.shared.unreadable.lock().clone()
    }
}

impl Drop for Receivers {
    fn drop(&mut self) {
        // Stopping is a message to the server's own threads.
        drop(self.handle.stop(false));
    }
}

async fn receive(
    shared: Data<Shared>,
    path: Path<(u8, u64)>,
    request: HttpRequest,
    body: Bytes,
) -> HttpResponse {
    let (receiver, number) = path.into_inner();
    let mood = shared.moods.lock().get(usize::from(receiver) - 1).copied().unwrap_or(Mood::GOOD);
    if let Some(struck) =
        shared.struck.lock().get_mut(usize::from(receiver) - 1).filter(|_| mood != Mood::GOOD)
    {
        *struck += 1;
    }
    match read(&request, &body, mood) {
        Some(posted) => shared.posted.lock().entry(number).or_default().push(posted),
        None => shared.unreadable.lock().push(String::from_utf8_lossy(&body).into_owned()),
    }
    match mood {
        Mood::Status(status) => HttpResponse::new(StatusCode::from_u16(status).unwrap_or(StatusCode::OK)),
        Mood::Hang => std::future::pending().await,
    }
}

fn read(request: &HttpRequest, body: &[u8], mood: Mood) -> Option<Posted> {
    let form = Form::parse(body).ok()?;
    Some(Posted {
        job: form.get("job_id")?.parse().ok()?,
        state: form.get("state")?.to_owned(),
        webhook_id: request.headers().get("webhook-id")?.to_str().ok()?.to_owned(),
        answered: match mood {
            Mood::Status(status) => Some(status),
            Mood::Hang => None,
        },
    })
}

impl fmt::Display for Mood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "answers {status}"),
            Self::Hang => f.write_str("hangs"),
        }
    }
}
