//! What operators ask, and what is looked for now and then, is answered by the indexes meant for it, also when
//! there are many jobs.

use sqlx::postgres::{PgConnection, PgPool, Postgres};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _};
use wxgate_secret::{Keyring, Secret};

use super::insight::{FAILURES, IN_LANES, OPEN_LANES, OTHERS};
use super::search::WORDS;
use super::work::{CLAIM, CLAIM_DUE, CLAIM_OVERDUE, SETTLE};
use super::{callbacks, intake, pushes, springboards};
use crate::search::statement::Statement;
use crate::search::{Among, Ids, asked};

/// Two hundred thousand jobs of all states, and callbacks of some of them.
const MANY: &str = "
    INSERT INTO jobs (id, client_code, app_id, kind, state, payload, subject, receipt, created_at, updated_at, due_at,
                      deadline_at, expires, worker, error_code, error_errcode)
    SELECT id, 'client' || id % 50, 'wx' || id % 10, 'async_send_tpl', state, '{}', 'openid' || id % 20000, false, id, id,
           id, id + 86400000, false, CASE WHEN state = 'running' THEN 1 END, CASE WHEN state = 'failed' THEN 'wechat' END, id % 7
    FROM generate_series(1, 200000) AS id, LATERAL (
        SELECT CASE WHEN id % 100 = 1 THEN 'failed' WHEN id % 1000 = 2 THEN 'cancelled' WHEN id % 1000 = 3 THEN 'queued'
                    WHEN id % 1000 = 4 THEN 'waiting' WHEN id % 10000 = 5 THEN 'running' ELSE 'succeeded' END AS state
    ) AS state;
    INSERT INTO callbacks (job_id, seq, url, endpoint, state, created_at, updated_at, due_at)
    SELECT id, 1, '', 'endpoint' || id % 50, CASE WHEN id % 1000 = 1 THEN 'exhausted' WHEN id % 1000 = 2 THEN 'queued'
                                                  ELSE 'delivered' END, id, id, id
    FROM generate_series(1, 200000) AS id;
    ANALYZE";

/// All of it waits, in one lane and for one endpoint.
const ONE_BACKLOG: &str = "
    UPDATE jobs SET state = 'queued', worker = NULL, client_code = 'client1', app_id = 'wx1';
    UPDATE callbacks SET state = 'queued', endpoint = 'endpoint1';
    ANALYZE";

/// The server knows nothing of the tables, as on a first day.
const NOTHING_KNOWN: &str = "
    TRUNCATE jobs, callbacks;
    DELETE FROM pg_statistic WHERE starelid IN ('jobs'::regclass, 'callbacks'::regclass)";

/// A database of its own on the test server, for as long as the test runs.
struct Many {
    server: PgConnection,
    name: String,
    url: String,
    pool: PgPool,
}

impl Many {
    async fn create() -> sqlx::Result<Self> {
        let url = std::env::var("WXGATE_TEST_POSTGRES_URL")
            .expect("WXGATE_TEST_POSTGRES_URL is not set: run the tests through scripts/test");
        let name = format!("plans_{:016x}", rand::random::<u64>());
        let mut server = PgConnection::connect(&url).await?;
        server.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await?;
        let (base, _) = url.rsplit_once('/').unwrap_or_default();
        let own = format!("{base}/{name}");
        let url = Secret::new(own.clone());
        let keys = Keyring::parse(&Secret::new("5a".repeat(32))).expect("a key");
        super::migrate(&url, &keys).await.expect("a fresh schema");
        let pool = super::pool(&url).expect("an address");
        let many = Self { server, name, url: own, pool };
        sqlx::raw_sql(MANY).execute(&mut many.connection().await?).await?;
        Ok(many)
    }

    /// On which statements may take longer than the gateway lets any take.
    async fn connection(&self) -> sqlx::Result<PgConnection> {
        PgConnection::connect(&self.url).await
    }

    /// The plan that the server comes to keep for a process of the gateway, for whatever values.
    async fn plan(&self, sql: &str) -> sqlx::Result<String> {
        let mut connection = self.pool.acquire().await?;
        let parameters = (1..20).take_while(|number| sql.contains(&format!("${number}"))).count();
        let values = vec!["NULL"; parameters].join(", ");
        let values = if parameters == 0 { values } else { format!("({values})") };
        connection.execute(AssertSqlSafe(format!("PREPARE asked AS {sql}"))).await?;
        let lines = connection.fetch_all(AssertSqlSafe(format!("EXPLAIN EXECUTE asked {values}"))).await?;
        connection.execute("DEALLOCATE asked").await?;
        lines
            .iter()
            .map(|line| line.try_get::<String, _>(0))
            .collect::<Result<Vec<_>, _>>()
            .map(|it| it.join("\n"))
    }

    /// The plan, which uses these indexes and reads no table from end to end.
    async fn assert_uses(&self, sql: &str, indexes: &[&str]) -> sqlx::Result<String> {
        let plan = self.plan(sql).await?;
        assert!(
            !plan.contains("Seq Scan on jobs") && !plan.contains("Seq Scan on callbacks"),
            "{sql}\n{plan}"
        );
        for index in indexes {
            assert!(plan.contains(&format!(" {index} ")), "{index} is not used by {sql}\n{plan}");
        }
        Ok(plan)
    }

    /// The tables' keys are asked for what is wanted, and not read from end to end.
    async fn assert_looks_up(&self, sql: &str, index: &str) -> sqlx::Result<()> {
        let plan = self.assert_uses(sql, &[index]).await?;
        for (line, next) in plan.lines().zip(plan.lines().skip(1).chain([""])) {
            assert!(!line.contains("_pkey ") || next.contains("Index Cond"), "{sql}\n{plan}");
        }
        Ok(())
    }

    async fn drop(mut self) -> sqlx::Result<()> {
        self.pool.close().await;
        self.server
            .execute(AssertSqlSafe(format!("DROP DATABASE {} WITH (FORCE)", self.name)))
            .await
            .map(drop)
    }
}

#[tokio::test]
async fn operators_questions_are_answered_by_indexes() -> sqlx::Result<()> {
    let many = Many::create().await?;
    many.assert_uses(FAILURES, &["jobs_failures"]).await?;
    many.assert_uses(OPEN_LANES, &["jobs_due"]).await?;
    many.assert_uses(IN_LANES, &["jobs_due"]).await?;
    many.assert_uses(OTHERS, &["jobs_held", "callbacks_due", "callbacks_exhausted"]).await?;
    let overdue = many.assert_uses(CLAIM_OVERDUE, &["jobs_deadline", "jobs_due", "jobs_news"]).await?;
    for (time, looks) in [("deadline_at <= ", 1), ("due_at <= ", 2)] {
        // Else the whole lane is read up to them.
        let bounded = |line: &&str| line.contains("Index Cond") && line.contains(time);
        assert_eq!(overdue.lines().filter(bounded).count(), looks, "{overdue}");
    }
    for (forget, age) in [
        (intake::FORGET, "created_at < "),
        (springboards::FORGET, "created_at <= "),
        (pushes::FORGET, "noted_at <= "),
    ] {
        let plan = many.plan(forget).await?;
        let bounded = |line: &str| line.contains("Index Cond") && line.contains(age);
        assert!(plan.lines().any(bounded), "what is young is read, too: {forget}\n{plan}");
    }
    let ids = Ids { from: 1, below: 100 };
    for (filter, index) in asked() {
        let statement = Statement { words: &WORDS, filter: &filter, among: Among::of(&filter) };
        let page = statement.page::<Postgres>(ids);
        many.assert_uses(page.sql().as_str(), &[index, "callbacks_pkey"]).await?;
        if matches!(statement.among, Among::Subject | Among::Cause | Among::CameToNothing) {
            many.assert_uses(statement.too_many::<Postgres>(ids).sql().as_str(), &[index]).await?;
        }
    }
    many.drop().await
}

#[tokio::test]
async fn what_has_a_number_is_found_by_it() -> sqlx::Result<()> {
    let many = Many::create().await?;
    for change in ["", ONE_BACKLOG, NOTHING_KNOWN] {
        sqlx::raw_sql(change).execute(&mut many.connection().await?).await?;
        for sql in [CLAIM, CLAIM_DUE, CLAIM_OVERDUE, SETTLE] {
            many.assert_looks_up(sql, "jobs_pkey").await?;
        }
        for sql in [callbacks::CLAIM, callbacks::SETTLE] {
            many.assert_looks_up(sql, "callbacks_pkey").await?;
        }
    }
    many.drop().await
}
