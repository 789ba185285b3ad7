//! Fresh stores, and the plumbing that scenarios share.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sqlx::{Connection as _, PgConnection};
use wxgate_job::{JobId, JobState, Kind, Lane};
use wxgate_secret::{Keyring, Secret};
use wxgate_store::model::callback::CallbackOrder;
use wxgate_store::model::insight::JobPage;
use wxgate_store::model::intake::{Acceptance, NewJob};
use wxgate_store::model::status::JobView;
use wxgate_store::model::work::{Attempt, ClaimedJob, Settlement, WorkerId};
use wxgate_store::postgres::PostgresStore;
use wxgate_store::sqlite::SqliteStore;
use wxgate_store::{Store, StoreError, postgres, sqlite};

pub const HOLD: Duration = Duration::from_secs(10);

pub type TestStore = Arc<dyn Store>;

/// The key that fresh stores are set up with.
pub const KEY: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

pub fn keyring() -> Keyring {
    Keyring::parse(&Secret::new(KEY)).unwrap()
}

/// Where a store is kept.
pub enum Place {
    Sqlite(PathBuf),
    Postgres(Secret),
}

impl Place {
    /// The store with these keys, opened beside the scenario's.
    pub async fn open(&self, keys: &str) -> Result<TestStore, StoreError> {
        let keys = Keyring::parse(&Secret::new(keys)).unwrap();
        Ok(match self {
            Self::Sqlite(path) => Arc::new(SqliteStore::open(path, keys).await?),
            Self::Postgres(url) => Arc::new(PostgresStore::open(url, keys).await?),
        })
    }
}

pub async fn on_sqlite<F: Future<Output = ()>>(scenario: impl FnOnce(TestStore) -> F) {
    on_sqlite_at(|store, _| scenario(store)).await;
}

/// As [`on_sqlite`], for scenarios that have to know where the store is kept.
pub async fn on_sqlite_at<F: Future<Output = ()>>(scenario: impl FnOnce(TestStore, Place) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wxgate.db");
    let keys = keyring();
    sqlite::migrate(&path, &keys).await.unwrap();
    let store = SqliteStore::open(&path, keys).await.unwrap();
    scenario(Arc::new(store.clone()), Place::Sqlite(path)).await;
    store.close().await;
}

pub async fn on_postgres<F>(scenario: impl FnOnce(TestStore) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    on_postgres_at(|store, _| scenario(store)).await;
}

/// As [`on_postgres`], for scenarios that have to know where the store is kept.
pub async fn on_postgres_at<F>(scenario: impl FnOnce(TestStore, Place) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let database = PostgresDatabase::create().await;
    let keys = keyring();
    postgres::migrate(&database.url, &keys).await.unwrap();
    let store = PostgresStore::open(&database.url, keys).await.unwrap();
    let end = tokio::spawn(scenario(Arc::new(store.clone()), Place::Postgres(database.url.clone()))).await;
    store.close().await;
    database.drop().await;
    if let Err(panic) = end {
        std::panic::resume_unwind(panic.into_panic());
    }
}

/// A database of its own on the test server.
pub struct PostgresDatabase {
    server: String,
    name: String,
    pub url: Secret,
}

impl PostgresDatabase {
    pub async fn create() -> Self {
        let server = std::env::var("WXGATE_TEST_POSTGRES_URL")
            .expect("WXGATE_TEST_POSTGRES_URL is not set: run the tests through scripts/test");
        let name = format!("conformance_{:016x}", rand::random::<u64>());
        let mut connection = PgConnection::connect(&server).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&mut connection)
            .await
            .unwrap();
        let (base, _) = server.rsplit_once('/').unwrap();
        Self { url: Secret::new(format!("{base}/{name}")), server, name }
    }

    pub async fn drop(self) {
        let mut connection = PgConnection::connect(&self.server).await.unwrap();
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        sqlx::query(sqlx::AssertSqlSafe(drop)).execute(&mut connection).await.unwrap();
    }
}

pub fn lane(client: &str) -> Lane {
    Lane { client: client.to_owned(), app: "wx1".to_owned(), kind: Kind::named("async_send_tpl") }
}

/// A job of this client whose authcode is made of `seed`.
pub fn job(client: &str, seed: u8) -> NewJob {
    NewJob {
        lane: lane(client),
        authcode: vec![seed; 16],
        fingerprint: [seed; 16],
        payload: format!("{{\"n\":{seed},\"字\":\"值 \\\"quoted\\\"\"}}"),
        subject: format!("openid-{seed}"),
        request: None,
        callback_url: None,
        send_at: None,
        expire_at: None,
        receipt: false,
        sharing: None,
        worker: None,
    }
}

pub async fn accept(store: &TestStore, job: NewJob) -> JobId {
    match store.accept(&[job]).await.unwrap()[..] {
        [Acceptance::New(id)] => id,
        ref other => panic!("expected a new job, got {other:?}"),
    }
}

pub async fn enlist(store: &TestStore) -> WorkerId {
    store.enlist("test", HOLD).await.unwrap()
}

pub async fn claim_one(store: &TestStore, worker: WorkerId, id: JobId) -> ClaimedJob {
    let mut claimed = store.claim(worker, &[id]).await.unwrap();
    assert_eq!(claimed.len(), 1, "the job could not be claimed");
    claimed.remove(0)
}

pub fn settlement(claimed: &ClaimedJob, state: JobState) -> Settlement {
    Settlement {
        claim: claimed.claim,
        state,
        due_in: Duration::ZERO,
        counts: true,
        ambiguous_since: None,
        result: None,
        msgid: None,
        awaited: None,
        failure: (state == JobState::Failed).then(|| wxgate_job::Failure::new("wechat", "refused")),
        attempt: Some(Attempt {
            at: claimed.claimed_at,
            took_ms: 3,
            outcome: "done".to_owned(),
            code: Some(0),
            message: String::new(),
        }),
        callback: None,
    }
}

pub fn order(claimed: bool) -> CallbackOrder {
    CallbackOrder {
        url: "https://shop.example/hook".to_owned(),
        endpoint: "https://shop.example".to_owned(),
        claimed,
    }
}

/// The ids of a page, in its order.
pub fn ids_of(page: &JobPage) -> Vec<JobId> {
    page.jobs.iter().map(|job| job.id).collect()
}

pub async fn view(store: &TestStore, id: JobId) -> JobView {
    store.views(&[id]).await.unwrap().remove(0)
}
