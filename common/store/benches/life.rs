//! The life of a job in the store, stage by stage: accepted, claimed, settled, called back. Batches of 1,
//! as under light load, and of 64. The embedded store; PostgreSQL too where `WXGATE_TEST_POSTGRES_URL` names
//! a server: `scripts/servers run -- cargo bench --package wxgate-store`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark fails by panicking and has no readers")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tokio::runtime::Runtime;
use wxgate_job::{JobId, JobState, Kind, Lane};
use wxgate_secret::{Keyring, Secret};
use wxgate_store::Store;
use wxgate_store::model::callback::{
    CallbackClaim, CallbackId, CallbackOrder, CallbackSettlement, CallbackState,
};
use wxgate_store::model::intake::{Acceptance, NewJob};
use wxgate_store::model::work::{Attempt, ClaimedJob, Settlement, WorkerId};
use wxgate_store::postgres::{self, PostgresStore};
use wxgate_store::sqlite::{self, SqliteStore};

/// 32 bytes in hex.
const KEY: &str = "6265636865626563686562656368656265636865626563686562656368656265";
const URL: &str = "http://127.0.0.1:9/callback?order=20260101";
const BATCHES: [usize; 2] = [1, 64];

/// What is timed.
#[derive(Clone, Copy, Debug)]
enum Stage {
    Accept,
    Claim,
    Settle,
    SettleCallbacks,
}

const STAGES: [Stage; 4] = [Stage::Accept, Stage::Claim, Stage::Settle, Stage::SettleCallbacks];

/// A store with a worker.
struct Bench {
    store: Arc<dyn Store>,
    worker: WorkerId,
}

impl Bench {
    async fn of(store: Arc<dyn Store>) -> Self {
        let worker = store.enlist("bench", Duration::from_hours(1)).await.unwrap();
        Self { store, worker }
    }

    /// Leads a batch of jobs through their life and tells how long one stage took.
    async fn live(&self, batch: usize, timed: Stage) -> Duration {
        let mut took = Duration::ZERO;
        let mut add = |stage: Stage, began: Instant| {
            if stage as u8 == timed as u8 {
                took = began.elapsed();
            }
        };
        let jobs: Vec<NewJob> = (0..batch).map(|_| job()).collect();

        let began = Instant::now();
        let accepted = self.store.accept(&jobs).await.unwrap();
        add(Stage::Accept, began);
        let ids: Vec<JobId> = accepted.into_iter().map(new).collect();

        let began = Instant::now();
        let claimed = self.store.claim(self.worker, &ids).await.unwrap();
        add(Stage::Claim, began);
        assert_eq!(claimed.len(), batch);

        let settlements: Vec<Settlement> = claimed.iter().map(settlement).collect();
        let began = Instant::now();
        self.store.settle(self.worker, &settlements).await.unwrap();
        add(Stage::Settle, began);

        let callbacks: Vec<CallbackSettlement> = claimed.iter().map(delivered).collect();
        let began = Instant::now();
        self.store.settle_callbacks(self.worker, &callbacks).await.unwrap();
        add(Stage::SettleCallbacks, began);
        took
    }
}

fn new(acceptance: Acceptance) -> JobId {
    let Acceptance::New(id) = acceptance else { panic!("not new: {acceptance:?}") };
    id
}

/// Some 400 bytes to send, as a template message has.
fn job() -> NewJob {
    let openid = hex::encode(rand::random::<[u8; 14]>());
    let payload = format!(
        r#"{{"touser":"{openid}","template_id":"ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY","data":{{"{}"}}}}"#,
        "x".repeat(300)
    );
    NewJob {
        lane: Lane {
            client: "shop".into(),
            app: "wx0123456789abcdef".into(),
            kind: Kind::named("async_send_tpl"),
        },
        authcode: rand::random::<[u8; 16]>().to_vec(),
        fingerprint: rand::random(),
        payload,
        subject: openid,
        request: None,
        callback_url: Some(URL.into()),
        send_at: None,
        expire_at: None,
        receipt: false,
        sharing: None,
        worker: None,
    }
}

fn attempt(outcome: &str) -> Attempt {
    Attempt { at: 1_700_000_000_000, took_ms: 3, outcome: outcome.into(), code: None, message: String::new() }
}

fn settlement(job: &ClaimedJob) -> Settlement {
    Settlement {
        claim: job.claim,
        state: JobState::Succeeded,
        due_in: Duration::ZERO,
        counts: true,
        ambiguous_since: None,
        result: Some(r#"{"errcode":0,"errmsg":"ok","msgid":"3600000000000000001"}"#.into()),
        msgid: None,
        awaited: None,
        failure: None,
        attempt: Some(attempt("done")),
        callback: Some(CallbackOrder {
            url: URL.into(),
            endpoint: "http://127.0.0.1:9".into(),
            claimed: true,
        }),
    }
}

fn delivered(job: &ClaimedJob) -> CallbackSettlement {
    let id = CallbackId { job: job.claim.job, seq: job.claim.number };
    CallbackSettlement {
        claim: CallbackClaim { id, number: 1 },
        state: CallbackState::Delivered,
        due_in: Duration::ZERO,
        counts: true,
        status: Some(200),
        attempt: Some(attempt("delivered")),
    }
}

fn stages(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let keys = Keyring::parse(&Secret::new(KEY)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let embedded = runtime.block_on(async {
        let file = folder.path().join("bench.db");
        sqlite::migrate(&file, &keys).await.unwrap();
        Bench::of(Arc::new(SqliteStore::open(&file, keys.clone()).await.unwrap())).await
    });
    measure(criterion, &runtime, "embedded", &embedded);
    let Ok(url) = std::env::var("WXGATE_TEST_POSTGRES_URL") else { return };
    let servers = runtime.block_on(async {
        let url = Secret::new(url);
        postgres::migrate(&url, &keys).await.unwrap();
        Bench::of(Arc::new(PostgresStore::open(&url, keys.clone()).await.unwrap())).await
    });
    measure(criterion, &runtime, "postgres", &servers);
}

fn measure(criterion: &mut Criterion, runtime: &Runtime, store: &str, bench: &Bench) {
    let mut group = criterion.benchmark_group(store);
    group.sample_size(20);
    for batch in BATCHES {
        group.throughput(Throughput::Elements(batch as u64));
        for stage in STAGES {
            let id = BenchmarkId::new(format!("{stage:?}"), batch);
            group.bench_function(id, |bencher| {
                bencher.to_async(runtime).iter_custom(|iterations| async move {
                    let mut took = Duration::ZERO;
                    for _ in 0..iterations {
                        took += bench.live(batch, stage).await;
                    }
                    took
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
