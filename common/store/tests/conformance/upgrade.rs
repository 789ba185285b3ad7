//! What earlier versions stored is read by this one, and a migration that was cut off is taken up again.

use std::path::Path;

use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};
use wxgate_job::{JobId, JobState};
use wxgate_store::model::intake::ReplayKey;
use wxgate_store::model::once::Once;
use wxgate_store::model::sharing::SharedEnd;
use wxgate_store::model::springboard::Purpose;
use wxgate_store::postgres::PostgresStore;
use wxgate_store::sqlite::SqliteStore;
use wxgate_store::{postgres, sqlite};

use crate::fixture::{HOLD, PostgresDatabase, TestStore, claim_one, enlist, keyring, lane, view};

/// Rows as they were written when this migration was the last one. A migration that changes what is
/// stored is followed here by what was stored before it.
const EARLIER: [(i64, &str); 4] = [
    (1, include_str!("earlier/0001.sql")),
    (2, include_str!("earlier/0002.sql")),
    (3, include_str!("earlier/0003.sql")),
    (4, include_str!("earlier/0004.sql")),
];

#[tokio::test]
async fn what_earlier_versions_stored_is_understood_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wxgate.db");
    let mut connection =
        SqliteConnectOptions::new().filename(&path).create_if_missing(true).connect().await.unwrap();
    for (version, rows) in EARLIER {
        up_to("sqlite", version).await.run(&mut connection).await.unwrap();
        sqlx::raw_sql(rows).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    sqlite::migrate(&path, &keyring()).await.unwrap();
    let store = SqliteStore::open(&path, keyring()).await.unwrap();
    understood(std::sync::Arc::new(store.clone())).await;
    store.close().await;
}

#[tokio::test]
async fn what_earlier_versions_stored_is_understood_on_postgres() {
    let database = PostgresDatabase::create().await;
    let mut connection = PgConnection::connect(database.url.expose()).await.unwrap();
    for (version, rows) in EARLIER {
        up_to("postgres", version).await.run(&mut connection).await.unwrap();
        let unhex = "CREATE OR REPLACE FUNCTION pg_temp.unhex(text) RETURNS bytea LANGUAGE sql
                     RETURN decode($1, 'hex')";
        sqlx::raw_sql(unhex).execute(&mut connection).await.unwrap();
        let rows = rows.replace("unhex(", "pg_temp.unhex(");
        sqlx::raw_sql(AssertSqlSafe(rows)).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    postgres::migrate(&database.url, &keyring()).await.unwrap();
    let store = PostgresStore::open(&database.url, keyring()).await.unwrap();
    understood(std::sync::Arc::new(store.clone())).await;
    store.close().await;
    database.drop().await;
}

/// The migrations up to this one, as a version had them that knew no later ones.
async fn up_to(dialect: &str, version: i64) -> Migrator {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(dialect);
    let all = Migrator::new(folder).await.unwrap();
    Migrator::with_migrations(all.iter().filter(|it| it.version <= version).cloned().collect())
}

async fn understood(store: TestStore) {
    jobs_are_told_with_all_that_happened(&store).await;
    jobs_go_on_from_where_they_were(&store).await;
    what_is_no_job_is_known_too(&store).await;
}

async fn jobs_are_told_with_all_that_happened(store: &TestStore) {
    for (id, state, outcomes) in [
        (1, JobState::Queued, vec!["ambiguous"]),
        (2, JobState::Running, vec![]),
        (3, JobState::Succeeded, vec!["done"]),
        (4, JobState::Failed, vec!["failed"]),
        (11, JobState::Waiting, vec![]),
    ] {
        let job = store.job(id_of(id)).await.unwrap().unwrap();
        let told: Vec<_> = job.attempts.iter().map(|attempt| attempt.outcome.as_str()).collect();
        assert_eq!((job.view.state, told), (state, outcomes), "{id}");
    }
    let failure = view(store, id_of(4)).await.failure.unwrap();
    assert_eq!((failure.code.as_str(), failure.errcode), ("wechat", Some(40003)));
    let exhausted = store.exhausted_callbacks(None, 10).await.unwrap();
    assert_eq!((exhausted[0].job, exhausted[0].attempts[0].code), (id_of(3), Some(500)));
    assert_eq!(store.failures(10).await.unwrap()[0].newest, id_of(4));
}

async fn jobs_go_on_from_where_they_were(store: &TestStore) {
    let worker = enlist(store).await;
    let due = claim_one(store, worker, id_of(1)).await;
    assert_eq!((due.attempt, due.ambiguous_since), (2, Some(1_700_000_000_500)));
    while store.rescue().await.unwrap().jobs == 0 {}
    assert_eq!(claim_one(store, worker, id_of(2)).await.attempt, 2, "its worker is long gone");

    let follower = claim_one(store, worker, id_of(12)).await;
    assert!(matches!(follower.shared, Some(SharedEnd::Succeeded(_))), "{follower:?}");
    let awaited = wxgate_job::Awaited("upyun:t1".to_owned());
    assert!(store.report(&awaited, "{}").await.unwrap().is_some());
    let told = claim_one(store, worker, id_of(11)).await;
    assert_eq!((told.result.as_deref(), told.report.as_deref()), (Some(r#"{"task":"t1"}"#), Some("{}")));
    assert!(store.claim_overdue(worker, &lane("shop"), 10).await.unwrap().is_empty());
}

async fn what_is_no_job_is_known_too(store: &TestStore) {
    let key = ReplayKey { client: "shop".to_owned(), authcode: (1..=16).collect() };
    let fingerprint = std::array::from_fn(|index| 0x11 + u8::try_from(index).unwrap());
    let answered = Once::Answered(r#"{"data":{"errcode":0,"errmsg":"ok"}}"#.to_owned());
    assert_eq!(store.begin_once(&key, fingerprint, HOLD).await.unwrap(), answered);
    let link = "0123456789abcdef0123456789abcdef";
    assert_eq!(store.short_link_visits(link).await.unwrap(), Some(3));
    let board = store.springboard("00000000000000000000000000000001").await.unwrap().unwrap();
    assert!(matches!(board.purpose, Purpose::Login { bind: false, .. }), "{board:?}");
    let directory = store.directory().await.unwrap();
    assert_eq!(directory.clients["shop"].allow, ["async_send_tpl", "cancel_job"]);
    assert_eq!(directory.gates.len(), 1);
    assert_eq!(store.tallies(0).await.unwrap()[0].count, 5);
}

#[tokio::test]
async fn an_index_that_was_left_half_built_is_built_anew() {
    let database = PostgresDatabase::create().await;
    postgres::migrate(&database.url, &keyring()).await.unwrap();
    let mut connection = PgConnection::connect(database.url.expose()).await.unwrap();
    // As a process leaves it that is killed while it builds.
    let cut_off = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'jobs_news'::regclass;
                   DELETE FROM _sqlx_migrations WHERE version = 7";
    sqlx::raw_sql(cut_off).execute(&mut connection).await.unwrap();

    let keys = keyring();
    let both = [(); 2].map(|()| postgres::migrate(&database.url, &keys));
    for end in futures_util::future::join_all(both).await {
        end.unwrap();
    }
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'jobs_news'::regclass";
    let valid: bool = sqlx::query_scalar(valid).fetch_one(&mut connection).await.unwrap();
    assert!(valid);
    connection.close().await.unwrap();
    database.drop().await;
}

fn id_of(number: i64) -> JobId {
    JobId::new(number).unwrap()
}
