//! Starting and stopping the intake.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use actix_web::web::{Data, ServiceConfig};
use prometheus::Registry;
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;
use url::Url;
use wxgate_egress::{Guard, GuardedClient};
use wxgate_queue::{Bell, ListenerStatus};
use wxgate_secret::Secret;
use wxgate_store::intake::Intake;
use wxgate_store::{Counts, DirectoryWatch, Store};
use wxgate_upyun::Account;
use wxgate_wechat::WeChat;

use crate::Listener;
use crate::console::{self, ConsoleParts, Door};
use crate::exchange;
use crate::gateway::Gateway;
use crate::language::{Language, Usual};
use crate::metrics::Metrics;
use crate::openapi::OpenApi;
use crate::operator::{self, Operator};
use crate::room::Room;
use crate::waiting::WaitingRoom;

/// What an intake is made of. Everything is passed in, so that several can run in one process.
pub struct Parts {
    /// What callers reach.
    pub listen: SocketAddr,
    /// What operators reach; `None`: no such listener.
    pub admin_listen: Option<SocketAddr>,
    /// What opens console and `/admin` there; `None`: they are closed.
    pub admin_token: Option<Secret>,
    /// Where jobs are kept.
    pub store: Arc<dyn Store>,
    /// The way in for jobs.
    pub intake: Intake,
    /// Apps, clients and switches.
    pub directory: DirectoryWatch,
    /// Rung for every job that can run now.
    pub bell: Arc<dyn Bell>,
    /// How this process hears rings, if it works as well.
    pub listener: Option<ListenerStatus>,
    /// Judges callback addresses.
    pub guard: Arc<Guard>,
    /// The client of WeChat.
    pub wechat: Arc<WeChat>,
    /// How the outside reaches us.
    pub public_url: Url,
    /// How long a call waits for the job behind it.
    pub sync_wait: Duration,
    /// Where media kept on this machine are.
    pub media_folder: PathBuf,
    /// Who we are at Upyun, to verify its posts by; `None`: they are all refused.
    pub upyun: Option<Account>,
    /// In which pages and messages are written for whoever asks for none; `None`: pages in Chinese, messages in
    /// English.
    pub language: Option<Language>,
    /// Where the intake's metrics are added; `/metrics` shows all that it holds. Serves one intake.
    pub metrics: Registry,
}

/// An intake that serves.
pub struct Running {
    public: Listener,
    admin: Option<Listener>,
    waiting_room: WaitingRoom,
    counted: Counted,
}

/// What was counted for charts, and the task that adds it to the store.
struct Counted {
    counts: Counts,
    store: Arc<dyn Store>,
    _counting: AbortOnDropHandle<()>,
}

/// Starts an intake. To be called on the Tokio runtime that the parts live on.
///
/// # Errors
/// When an address cannot be listened on (it is named), the registry has these metrics already, TLS
/// cannot be set up, or there is no runtime.
pub fn start(parts: Parts) -> io::Result<Running> {
    let home = Handle::try_current().map_err(io::Error::other)?;
    let metrics = Metrics::register(&parts.metrics)?;
    let waiting_room = WaitingRoom::open(Arc::clone(&parts.store), &home, metrics.waiting.clone());
    let metrics = Data::new(metrics);
    let operator = Operator {
        store: parts.store.clone(),
        directory: parts.directory.clone(),
        wechat: Arc::clone(&parts.wechat),
        bell: Some(Arc::clone(&parts.bell)),
        listener: parts.listener,
        metrics: parts.metrics,
    };
    let console = ConsoleParts {
        token: parts.admin_token,
        operator: operator.clone(),
        public_url: parts.public_url.clone(),
        language: Usual(parts.language),
        home: home.clone(),
    };
    let counts = Counts::default();
    let counting = AbortOnDropHandle::new(home.spawn(counts.clone().run(Arc::clone(&parts.store))));
    let counted = Counted { counts: counts.clone(), store: Arc::clone(&parts.store), _counting: counting };
    let public_url: Arc<str> = parts.public_url.as_str().trim_end_matches('/').into();
    let openapi = Data::new(OpenApi::of(&public_url));
    let gateway = Data::new(Gateway {
        store: parts.store,
        intake: parts.intake,
        directory: parts.directory,
        bell: parts.bell,
        fetcher: GuardedClient::new(Arc::clone(&parts.guard)).map_err(io::Error::other)?,
        guard: parts.guard,
        waiting_room: waiting_room.clone(),
        room: Room::default(),
        wechat: parts.wechat,
        public_url,
        sync_wait: parts.sync_wait,
        media_folder: parts.media_folder,
        upyun: parts.upyun,
        language: Usual(parts.language),
        counts,
        home,
    });
    let routes = move |config: &mut ServiceConfig| {
        let config = config.app_data(gateway.clone()).app_data(metrics.clone());
        config.app_data(openapi.clone()).configure(exchange::routes);
    };
    let workers = available_parallelism().map_or(1, usize::from);
    let public = Listener::start(parts.listen, workers, routes)?;
    let admin = match parts.admin_listen {
        Some(listen) => {
            let door = Door::of(console);
            let more = move |config: &mut ServiceConfig| console::routes(config, &door);
            Some(operator::start_with(listen, operator, more)?)
        }
        None => None,
    };
    Ok(Running { public, admin, waiting_room, counted })
}

impl Running {
    /// Where callers reach it.
    #[must_use]
    pub fn public_addr(&self) -> SocketAddr {
        self.public.address()
    }

    /// Where operators reach it.
    #[must_use]
    pub fn admin_addr(&self) -> Option<SocketAddr> {
        self.admin.as_ref().map(Listener::address)
    }

    /// Takes no more requests and lets those under way finish, for `grace` at most; whoever waits for
    /// a job is answered at once. The operator's listener goes last.
    pub async fn stop(self, grace: Duration) {
        self.waiting_room.close();
        self.public.stop(grace).await;
        self.counted.counts.flush(self.counted.store.as_ref()).await;
        if let Some(admin) = self.admin {
            admin.stop(Duration::ZERO).await;
        }
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Running({})", self.public_addr())
    }
}
