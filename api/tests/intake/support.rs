//! A gateway with a store of its own, and the plumbing that tests share.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use prometheus::Registry;
use sqlx::{Connection as _, SqliteConnection};
use url::Url;
use wxgate_api::{Parts, Running, start};
use wxgate_egress::{Guard, Lookup, upstream_client};
use wxgate_job::decide::OnAmbiguity;
use wxgate_job::{Doorbell, Failure, JobId, JobState};
use wxgate_queue::{Bell, BellStats};
use wxgate_secret::{Keyring, Secret};
use wxgate_store::clock::now_ms;
use wxgate_store::intake::Intake;
use wxgate_store::model::operate::{App, CallbackFormat, Client, JobFilter, Signing, TokenMode};
use wxgate_store::model::status::{JobDetail, JobView};
use wxgate_store::model::work::{ClaimedJob, Settlement, WorkerId};
use wxgate_store::sqlite::{self, SqliteStore};
use wxgate_store::{Directory, DirectoryWatch, Store};
use wxgate_token::{Limits, TokenStore};
use wxgate_wechat::{Bases, WeChat};

use crate::fake_wechat::FakeWeChat;
use crate::http::{Envelope, Reply, exchange, get};
use crate::request::{Request, SECRET};
use crate::wechat_apps::WeChatApps;

/// The time here (Unix seconds).
pub fn now_s() -> i64 {
    now_ms() / 1000
}

/// Opens the console.
pub const ADMIN_TOKEN: &str = "admin-token-of-the-tests";

/// What the operator lets callers' addresses lead to although it is private.
const LISTED: &str = "127.0.0.9/32";

/// Remembers what was rung.
pub struct RecordingBell {
    rung: Mutex<Vec<Doorbell>>,
    pub connected: AtomicBool,
}

#[async_trait]
impl Bell for RecordingBell {
    fn ring(&self, doorbell: Doorbell) {
        self.rung.lock().push(doorbell);
    }

    fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    fn stats(&self) -> BellStats {
        BellStats::default()
    }

    async fn close(&self) {}
}

/// Every name leads to one address.
struct AllLeadTo(IpAddr);

#[async_trait]
impl Lookup for AllLeadTo {
    async fn lookup(&self, _name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(vec![self.0])
    }
}

/// One process of the gateway, as callers see it.
pub struct TestGateway {
    pub running: Running,
    pub store: SqliteStore,
    pub bell: Arc<RecordingBell>,
    wechat: Url,
    folder: Arc<tempfile::TempDir>,
}

impl TestGateway {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// With the directory of [`directory`], changed a little.
    pub async fn start_with(change: impl FnOnce(&mut Directory)) -> Self {
        // Nobody listens there.
        Self::start_at("http://127.0.0.1:1".parse().unwrap(), change).await
    }

    /// With a WeChat that answers.
    pub async fn start_against(wechat: &FakeWeChat) -> Self {
        Self::start_at(wechat.base(), |_| {}).await
    }

    /// With a WeChat at this address.
    pub async fn start_at(wechat: Url, change: impl FnOnce(&mut Directory)) -> Self {
        crate::logging::capture();
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let path = folder.path().join("wxgate.db");
        let keys = Keyring::parse(&Keyring::generate_key()).unwrap();
        sqlite::migrate(&path, &keys).await.unwrap();
        let store = SqliteStore::open(&path, keys).await.unwrap();
        let mut directory = directory();
        change(&mut directory);
        Self::on(store, folder, wechat, directory, [8, 8, 8, 8])
    }

    /// Without an admin token in its settings.
    pub async fn closed_to_operators() -> Self {
        let open = Self::start().await;
        let mut parts = parts(
            SocketAddr::from(([127, 0, 0, 1], 0)),
            &open.store,
            open.bell.clone(),
            &open.wechat,
            directory(),
            [8, 8, 8, 8],
        );
        parts.admin_token = None;
        Self { running: start(parts).unwrap(), ..open }
    }

    /// Another process on the same store, to which all names lead elsewhere.
    pub fn second_process(&self, names_lead_to: [u8; 4]) -> Self {
        let (store, folder) = (self.store.clone(), Arc::clone(&self.folder));
        Self::on(store, folder, self.wechat.clone(), directory(), names_lead_to)
    }

    fn on(
        store: SqliteStore,
        folder: Arc<tempfile::TempDir>,
        wechat: Url,
        directory: Directory,
        names_lead_to: [u8; 4],
    ) -> Self {
        let bell = Arc::new(RecordingBell { rung: Mutex::default(), connected: AtomicBool::new(true) });
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let running = start(parts(any, &store, bell.clone(), &wechat, directory, names_lead_to)).unwrap();
        Self { running, store, bell, wechat, folder }
    }

    /// Another intake in the same process.
    pub fn start_beside(&self, listen: SocketAddr) -> io::Result<Running> {
        start(parts(listen, &self.store, self.bell.clone(), &self.wechat, directory(), [8, 8, 8, 8]))
    }

    pub fn address(&self) -> SocketAddr {
        self.running.public_addr()
    }

    pub async fn send(&self, request: &[u8]) -> Reply {
        exchange(self.address(), request).await
    }

    pub async fn call(&self, request: &Request) -> Envelope {
        self.send(&request.post()).await.envelope()
    }

    /// The id of an accepted job.
    pub async fn accepted(&self, request: &Request) -> JobId {
        let envelope = self.call(request).await;
        assert_eq!((envelope.retcode, envelope.msg.as_str()), (200, ""), "{envelope:?}");
        JobId::new(envelope.data.as_i64().unwrap()).unwrap()
    }

    /// What was answered with success.
    pub async fn answered(&self, request: &Request) -> serde_json::Value {
        let envelope = self.call(request).await;
        assert_eq!((envelope.retcode, envelope.msg.as_str()), (200, ""), "{request:?}: {envelope:?}");
        envelope.data
    }

    /// Refused with this retcode and a message in which this occurs, and nothing stored.
    pub async fn refused(&self, request: &Request, retcode: u16, why: &str) {
        let before = self.jobs().await.len();
        let envelope = self.call(request).await;
        assert_eq!(envelope.retcode, retcode, "{request:?}: {envelope:?}");
        assert!(envelope.msg.contains(why), "'{why}' in {envelope:?}");
        assert_eq!(envelope.data, serde_json::Value::Null);
        assert_eq!(self.jobs().await.len(), before, "{request:?} stored a job");
    }

    pub async fn jobs(&self) -> Vec<JobView> {
        self.store.list_jobs(&JobFilter { limit: 1000, ..JobFilter::default() }).await.unwrap().jobs
    }

    pub async fn job(&self, id: JobId) -> JobDetail {
        self.store.job(id).await.unwrap().unwrap()
    }

    pub fn rung(&self) -> Vec<JobId> {
        self.bell.rung.lock().iter().flat_map(|doorbell| doorbell.ids.clone()).collect()
    }

    pub async fn claim(&self, id: JobId) -> (WorkerId, ClaimedJob) {
        let worker = self.store.enlist("test", Duration::from_mins(1)).await.unwrap();
        let claimed = self.store.claim(worker, &[id]).await.unwrap().pop();
        (worker, claimed.unwrap())
    }

    /// Ends a job as a worker would.
    pub async fn finish(&self, id: JobId, state: JobState, result: Option<&str>) {
        let failure = Failure::new("wechat", "refused").with_errcode(40003);
        let failure = (state == JobState::Failed).then_some(failure);
        let result = result.map(str::to_owned);
        self.settle(id, |end| Settlement { state, result, failure, ..end }).await;
    }

    /// Ends an attempt as a worker would: with success, unless that is changed.
    pub async fn settle(&self, id: JobId, change: impl FnOnce(Settlement) -> Settlement) {
        let (worker, claimed) = self.claim(id).await;
        let end = Settlement {
            claim: claimed.claim,
            state: JobState::Succeeded,
            due_in: Duration::ZERO,
            counts: true,
            ambiguous_since: None,
            result: None,
            msgid: None,
            awaited: None,
            failure: None,
            attempt: None,
            callback: None,
        };
        self.store.settle(worker, &[change(end)]).await.unwrap();
    }

    /// Nobody else writes to the database while this is kept.
    pub async fn write_lock(&self) -> SqliteConnection {
        let url = format!("sqlite://{}", self.folder.path().join("wxgate.db").display());
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await.unwrap();
        connection
    }

    /// Changes the database behind the store's back.
    pub async fn change(&self, sql: &'static str) {
        let url = format!("sqlite://{}", self.folder.path().join("wxgate.db").display());
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.unwrap();
    }

    /// Returns once so many requests wait for a job.
    pub async fn until_waiting(&self, count: usize) {
        let wanted = format!("wxgate_api_waiting_requests {count}\n");
        let admin = self.running.admin_addr().unwrap();
        while !get(admin, "/metrics").await.body.contains(&wanted) {
            tokio::task::yield_now().await;
        }
    }
}

fn parts(
    listen: SocketAddr,
    store: &SqliteStore,
    bell: Arc<dyn Bell>,
    wechat: &Url,
    directory: Directory,
    names_lead_to: [u8; 4],
) -> Parts {
    let store: Arc<dyn Store> = Arc::new(store.clone());
    let lookup = Arc::new(AllLeadTo(IpAddr::from(names_lead_to)));
    Parts {
        listen,
        admin_listen: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
        admin_token: Some(Secret::new(ADMIN_TOKEN)),
        intake: Intake::start(store.clone(), 1, None),
        bell,
        guard: Arc::new(Guard::with_lookup(LISTED.parse().unwrap(), lookup)),
        wechat: wechat_at(wechat, &directory, &store),
        directory: DirectoryWatch::fixed(directory),
        public_url: "https://gateway.example".parse().unwrap(),
        sync_wait: Duration::from_secs(2),
        media_folder: PathBuf::from("/nonexistent"),
        upyun: None,
        store,
        language: None,
        listener: None,
        metrics: Registry::new(),
    }
}

fn wechat_at(base: &Url, directory: &Directory, store: &Arc<dyn Store>) -> Arc<WeChat> {
    let http = upstream_client(Duration::from_secs(1)).unwrap();
    let tokens = Arc::clone(store) as Arc<dyn TokenStore>;
    let apps = Arc::new(WeChatApps::of(directory, store));
    // So that a token that was just fetched may be found wrong.
    let limits = Limits { min_age: Duration::ZERO, ..Limits::default() };
    Arc::new(WeChat::new(http, Bases::all_at(base), apps, tokens, limits))
}

pub fn app(app_id: &str) -> App {
    App {
        app_id: app_id.to_owned(),
        enabled: true,
        secret: Some(Secret::new("app-secret")),
        token: TokenMode::Normal,
        event_token: None,
        aes_key: None,
        component_appid: None,
        authorised: false,
        safe_push_only: false,
        rate: None,
        concurrency: None,
    }
}

pub fn client(code: &str) -> Client {
    Client {
        code: code.to_owned(),
        secret: Some(Secret::new(SECRET)),
        former_secret: None,
        app_id: Some("wx1".to_owned()),
        open: true,
        allow: vec!["*".to_owned()],
        callback_secret: None,
        former_callback_secret: None,
        callback_format: CallbackFormat::Form,
        signing: Signing::Both,
        on_ambiguity: OnAmbiguity::default(),
    }
}

/// All interfaces, those that hand out secrets by name.
const SECRETS: [&str; 3] = ["*", "get_drawboard_data", "get_wxcard_drawboard_data"];

/// A healthy client `shop`, another one, and one client for each way of not being healthy.
fn directory() -> Directory {
    let with_app = |code: &str, app: &str| Client { app_id: Some(app.to_owned()), ..client(code) };
    let bare = |code: &str| Client { app_id: None, allow: Vec::new(), ..client(code) };
    let clients = [
        client("shop"),
        client("other-shop"),
        Client { open: false, secret: None, ..bare("closed") },
        Client { secret: None, ..bare("secretless") },
        bare("bare"),
        Client { allow: vec!["*".to_owned()], ..bare("appless") },
        Client { signing: Signing::Md5, ..client("md5-only") },
        Client { signing: Signing::Hmac, ..client("hmac-only") },
        with_app("lost", "wx-unknown"),
        with_app("disabled", "wx-disabled"),
        with_app("app-secretless", "wx-secretless"),
        with_app("platform", "wx-platform"),
        with_app("receipts", "wx-receipts"),
        Client { allow: SECRETS.map(str::to_owned).to_vec(), ..client("trusted") },
        Client { allow: SECRETS.map(str::to_owned).to_vec(), ..client("other-trusted") },
    ];
    let apps = [
        app("wx1"),
        App { enabled: false, secret: None, ..app("wx-disabled") },
        App { secret: None, ..app("wx-secretless") },
        App { component_appid: Some("wx-component".to_owned()), secret: None, ..app("wx-platform") },
        App { event_token: Some(Secret::new("token")), ..app("wx-receipts") },
    ];
    Directory {
        apps: apps.into_iter().map(|app| (app.app_id.clone(), Arc::new(app))).collect(),
        clients: clients.into_iter().map(|client| (client.code.clone(), Arc::new(client))).collect(),
        ..Directory::default()
    }
}
