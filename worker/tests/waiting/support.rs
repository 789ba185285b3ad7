//! A worker of one process, and a handler whose every run is done by the test.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use prometheus::Registry;
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use wxgate_egress::{AllowList, Guard, GuardedClient, install_crypto_provider, upstream_client};
use wxgate_job::{Doorbell, JobId, JobState, Kind, Lane, Outcome};
use wxgate_queue::embedded::{self, EmbeddedBell};
use wxgate_queue::{Bell as _, Listener};
use wxgate_sandbox::{Options, Running, Sandbox};
use wxgate_secret::{Keyring, Secret};
use wxgate_store::model::intake::{Acceptance, NewJob};
use wxgate_store::model::operate::{App, TokenMode};
use wxgate_store::model::status::JobView;
use wxgate_store::model::work::ClaimedJob;
use wxgate_store::sqlite::SqliteStore;
use wxgate_store::{DirectoryWatch, Store, sqlite};
use wxgate_token::{Limits, TokenStore};
use wxgate_wechat::{Bases, WeChat};
use wxgate_worker::apps::Apps;
use wxgate_worker::handler::{Handler, Handlers};
use wxgate_worker::{Parts, Worker};

/// Longer than anything here should take.
pub const PATIENCE: Duration = Duration::from_mins(1);

pub const APP: &str = wxgate_sandbox::APP_ID;

/// A store and the worker on it.
pub struct World {
    pub store: Arc<dyn Store>,
    pub directory: DirectoryWatch,
    pub metrics: Registry,
    bell: EmbeddedBell,
    listener: Option<Listener>,
    _folder: TempDir,
}

impl World {
    /// An empty store that knows one app, whose pushes can reach us.
    pub async fn new() -> Self {
        install_crypto_provider();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wxgate.db");
        let keys = Keyring::parse(&Keyring::generate_key()).unwrap();
        sqlite::migrate(&path, &keys).await.unwrap();
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&path, keys).await.unwrap());
        store.put_app(&app()).await.unwrap();
        let directory = DirectoryWatch::start(Arc::clone(&store)).await.unwrap();
        let (bell, listener) = embedded::pair(16, &CancellationToken::new());
        Self { store, directory, metrics: Registry::new(), bell, listener: Some(listener), _folder: folder }
    }

    /// Starts the worker.
    pub async fn work(&mut self, handlers: Handlers) -> Worker {
        let parts = Parts {
            store: Arc::clone(&self.store),
            directory: self.directory.clone(),
            listener: self.listener.take().unwrap(),
            handlers,
            callback_client: GuardedClient::new(Arc::new(Guard::new(AllowList::default()))).unwrap(),
            concurrency: 8,
            retention: Duration::from_hours(24),
            name: "test".to_owned(),
            metrics: self.metrics.clone(),
        };
        Worker::start(parts).await.unwrap()
    }

    /// The client of a WeChat at this address.
    pub fn wechat(&self, base: &str) -> Arc<WeChat> {
        let tokens = Arc::clone(&self.store) as Arc<dyn TokenStore>;
        let apps = Arc::new(Apps::new(self.directory.clone(), Arc::clone(&self.store)));
        let http = upstream_client(Duration::from_secs(5)).unwrap();
        let bases = Bases::all_at(&base.parse().unwrap());
        Arc::new(WeChat::new(http, bases, apps, tokens, Limits::default()))
    }

    /// Tells the worker of news, as the intake does.
    pub fn ring(&self, doorbell: Doorbell) {
        self.bell.ring(doorbell);
    }

    pub async fn accept(&self, job: NewJob) -> JobId {
        match self.store.accept(&[job]).await.unwrap()[..] {
            [Acceptance::New(id)] => id,
            ref other => panic!("{other:?}"),
        }
    }

    /// Waits until the job is in this state.
    pub async fn until(&self, id: JobId, state: JobState) -> JobView {
        let looking = async {
            loop {
                let view = self.store.views(&[id]).await.unwrap().remove(0);
                if view.state == state {
                    return view;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, looking).await.expect("the job did not reach that state")
    }
}

/// A simulated WeChat.
pub fn sandbox() -> Running {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Sandbox::start(Options { listen, ..Options::default() }).unwrap()
}

fn app() -> App {
    App {
        app_id: APP.to_owned(),
        enabled: true,
        secret: Some(Secret::new(wxgate_sandbox::APP_SECRET)),
        token: TokenMode::Normal,
        event_token: Some(Secret::new("event-token")),
        aes_key: None,
        component_appid: None,
        authorised: false,
        safe_push_only: false,
        rate: None,
        concurrency: None,
    }
}

/// The kind that [`Scripted`] does.
pub const KIND: Kind = Kind::named("scripted");

/// A job of this kind whose authcode is made of `seed`.
pub fn job(kind: Kind, seed: u8) -> NewJob {
    NewJob {
        lane: Lane { client: "shop".to_owned(), app: APP.to_owned(), kind },
        authcode: vec![seed; 16],
        fingerprint: [seed; 16],
        payload: "{}".to_owned(),
        subject: "oSandboxUser01".to_owned(),
        request: None,
        callback_url: None,
        send_at: None,
        expire_at: None,
        receipt: false,
        sharing: None,
        worker: None,
    }
}

/// A handler that hands each run to the test.
pub struct Scripted {
    repeatable: bool,
    runs: mpsc::UnboundedSender<Run>,
}

/// One run, until it is ended by [`Run::end`] or dropped by the worker.
pub struct Run {
    pub job: ClaimedJob,
    /// How long it may take.
    pub limit: Duration,
    outcome: oneshot::Sender<Outcome>,
}

impl Run {
    pub fn end(self, outcome: Outcome) {
        self.outcome.send(outcome).expect("the run was dropped");
    }

    /// Waits until the worker has dropped the run.
    pub async fn dropped(&mut self) {
        timeout(PATIENCE, self.outcome.closed()).await.expect("the run was not dropped");
    }
}

/// The runs that come.
pub struct Runs(mpsc::UnboundedReceiver<Run>);

impl Runs {
    pub async fn next(&mut self) -> Run {
        timeout(PATIENCE, self.0.recv()).await.expect("the handler was not run").unwrap()
    }

    /// Whether no run has come since the last one.
    pub fn none(&mut self) -> bool {
        self.0.try_recv().is_err()
    }
}

/// The one handler, and its runs.
pub fn scripted(repeatable: bool) -> (Handlers, Runs) {
    let (runs, coming) = mpsc::unbounded_channel();
    (Handlers::new(vec![Arc::new(Scripted { repeatable, runs })]), Runs(coming))
}

#[async_trait]
impl Handler for Scripted {
    fn kind(&self) -> Kind {
        KIND
    }

    fn limit(&self) -> Duration {
        Duration::from_mins(10)
    }

    fn repeatable(&self) -> bool {
        self.repeatable
    }

    async fn run(&self, job: &ClaimedJob, deadline: Instant) -> Outcome {
        let (outcome, ended) = oneshot::channel();
        let limit = deadline.saturating_duration_since(Instant::now());
        self.runs.send(Run { job: job.clone(), limit, outcome }).ok();
        ended.await.unwrap_or(Outcome::Interrupted)
    }
}
