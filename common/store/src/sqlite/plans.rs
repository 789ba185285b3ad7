//! What operators ask, and what is looked for now and then, is answered by the indexes meant for it. SQLite is not told how many rows there are,
//! so that an empty database has the same plans.

use sqlx::sqlite::Sqlite;
use sqlx::{AssertSqlSafe, Executor as _, Row as _};
use wxgate_secret::{Keyring, Secret};

use super::SqliteStore;
use super::insight::{IN_LANE, OF_CAUSE, OTHERS};
use super::next::{NEXT_CAUSE, NEXT_LANE};
use super::search::WORDS;
use super::work::CLAIM_OVERDUE;
use crate::search::statement::Statement;
use crate::search::{Among, Ids, asked};

async fn assert_uses(store: &SqliteStore, sql: &str, indexes: &[&str]) -> sqlx::Result<()> {
    let lines = store.readers.fetch_all(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"))).await?;
    let lines = lines.iter().map(|line| line.try_get::<String, _>("detail"));
    let plan = lines.collect::<Result<Vec<_>, _>>()?.join("\n") + "\n";
    for index in indexes {
        assert!(plan.contains(&format!(" {index}")), "{index} is not used by {sql}\n{plan}");
    }
    let scans = plan.lines().filter(|line| line.starts_with("SCAN"));
    for scan in scans {
        assert!(!scan.ends_with("jobs") && !scan.ends_with("callbacks"), "{sql}\n{plan}");
    }
    Ok(())
}

#[tokio::test]
async fn operators_questions_are_answered_by_indexes() -> sqlx::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("wxgate.db");
    let keys = Keyring::parse(&Secret::new("5a".repeat(32))).expect("a key");
    super::migrate(&path, &keys).await.expect("a fresh schema");
    let store = SqliteStore::open(&path, keys).await.expect("a store");
    assert_uses(
        &store,
        &NEXT_CAUSE,
        &[
            "jobs_failures (error_code=? AND cause=? AND app_id=? AND kind>?)",
            "jobs_failures (error_code=? AND cause=? AND app_id>?)",
            "jobs_failures (error_code=? AND cause>?)",
            "jobs_failures (error_code>?)",
            "jobs_failures (error_code=? AND cause=? AND app_id=? AND kind=?)",
        ],
    )
    .await?;
    assert_uses(&store, OF_CAUSE, &["jobs_failures (error_code=? AND cause=? AND app_id=? AND kind=?)"])
        .await?;
    assert_uses(
        &store,
        &NEXT_LANE,
        &[
            "jobs_due (client_code=? AND app_id=? AND kind>?)",
            "jobs_due (client_code=? AND app_id>?)",
            "jobs_due (client_code>?)",
        ],
    )
    .await?;
    let in_lane = ["due_at<?", "due_at>?"]
        .map(|due| format!("jobs_due (client_code=? AND app_id=? AND kind=? AND {due})"));
    assert_uses(&store, IN_LANE, &in_lane.each_ref().map(String::as_str)).await?;
    assert_uses(&store, OTHERS, &["jobs_held", "callbacks_due", "callbacks_exhausted"]).await?;
    let lane = "client_code=? AND app_id=? AND kind=?";
    let overdue = [
        format!("jobs_deadline ({lane} AND deadline_at<?)"),
        format!("jobs_due ({lane} AND due_at<?)"),
        format!("jobs_news ({lane} AND due_at<?)"),
    ];
    assert_uses(&store, CLAIM_OVERDUE, &overdue.each_ref().map(String::as_str)).await?;
    let ids = Ids { from: 1, below: 100 };
    for (filter, index) in asked() {
        let index = if index == "jobs_pkey" { "INTEGER PRIMARY KEY" } else { index };
        let statement = Statement { words: &WORDS, filter: &filter, among: Among::of(&filter) };
        assert_uses(&store, statement.page::<Sqlite>(ids).sql().as_str(), &[index]).await?;
        if matches!(statement.among, Among::Subject | Among::Cause | Among::CameToNothing) {
            assert_uses(&store, statement.too_many::<Sqlite>(ids).sql().as_str(), &[index]).await?;
        }
    }
    store.close().await;
    Ok(())
}
