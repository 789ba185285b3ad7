//! What a long queue costs: the rate, the memory and a restart with very many jobs waiting, beside a queue
//! that is just long enough not to run dry. The jobs are another client's, and are laid into the store by
//! SQL, since a million requests would take longer than all the rest.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::Serialize;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use tokio::time::sleep;

use crate::figures::per_second;
use crate::goals::LONG_QUEUE_SHARE;
use crate::pairing::Pairing;
use crate::phases::Plan;
use crate::request::{AFTER_OPENID, BEFORE_OPENID, OPENID};
use crate::run::Run;

/// Their numbers begin here, far above those of requests.
pub const FIRST_NUMBER: u64 = 1_000_000_000_000_000;
/// Jobs laid in one commit: some hundred milliseconds, so that the gateway is not kept waiting.
const CHUNK: u64 = 10_000;
/// Jobs a second that no gateway of one machine reaches: so long is the short queue.
const BEYOND: u64 = 5_000;
/// Between two looks whether the short queue is done.
const LOOK: Duration = Duration::from_millis(100);

/// How the gateway did with one queue.
#[derive(Clone, Debug, Serialize)]
pub struct Queue {
    /// Jobs in it when the measurement began.
    pub jobs: u64,
    /// Jobs sent to WeChat a second, its own and those of requests, under full load.
    pub sent_per_s: f64,
    /// Requests accepted a second meanwhile.
    pub accepted_per_s: f64,
    /// The most memory that each process held so far (MiB).
    pub peak_mib: Vec<(&'static str, u64)>,
}

/// Both queues, and a restart with the long one.
#[derive(Clone, Debug, Serialize)]
pub struct Backlog {
    /// The pairing's title.
    pub pairing: String,
    /// Just long enough.
    pub short: Queue,
    /// As long as was asked for.
    pub long: Queue,
    /// From the start of the processes until a fresh request was accepted, sent and called back (s).
    pub ready_after_s: f64,
}

/// Measures one pairing with a gateway of its own.
///
/// # Errors
/// When the gateway does not start, its store cannot be reached, or it ends on the way.
pub async fn measure(binary: &Path, pairing: &Pairing, plan: &Plan, jobs: u64) -> Result<Backlog> {
    let mut run = Run::prepare(binary, pairing, plan).await?;
    run.wait_until_ready().await?;
    let mut laid = 0;
    let enough = BEYOND * plan.full.as_secs().max(1);
    let short = run.with_queue(pairing, plan, enough, &mut laid).await?;
    while run.ledger.backlog_sent() < laid {
        sleep(LOOK).await;
    }
    run.settle().await;
    let long = run.with_queue(pairing, plan, jobs, &mut laid).await?;
    let ready_after_s = run.restart(pairing).await?.as_secs_f64();
    Ok(Backlog { pairing: pairing.title().into(), short, long, ready_after_s })
}

impl Run {
    async fn with_queue(&self, pairing: &Pairing, plan: &Plan, jobs: u64, laid: &mut u64) -> Result<Queue> {
        for first in (0..jobs).step_by(usize::try_from(CHUNK)?) {
            lay(self, pairing, *laid + first, CHUNK.min(jobs - first)).await.context("cannot lay jobs")?;
        }
        *laid += jobs;
        tidy(pairing).await.context("cannot tidy the store")?;
        let waiting = *laid - self.ledger.backlog_sent();
        let (first, before, began) = (self.ledger.next_number(), self.ledger.sent(), Instant::now());
        self.load.full(plan.full).await;
        let (took, after) = (began.elapsed(), self.ledger.sent());
        let entries = self.ledger.entries(first..self.ledger.next_number());
        let accepted = entries.iter().filter(|entry| entry.accepted().is_some()).count();
        let usage = self.gateway.usage()?.into_iter();
        Ok(Queue {
            jobs: waiting,
            sent_per_s: per_second(usize::try_from(after - before)?, took),
            accepted_per_s: per_second(accepted, took),
            peak_mib: usage.map(|(role, usage)| (role, usage.peak_kib.div_ceil(1024))).collect(),
        })
    }

    async fn restart(&mut self, pairing: &Pairing) -> Result<Duration> {
        for role in pairing.roles() {
            self.gateway.stop_role(role).await?;
        }
        let began = Instant::now();
        for role in pairing.roles() {
            self.gateway.start_role(role)?;
        }
        self.gateway.wait_for_intake().await?;
        self.ready().await?;
        Ok(began.elapsed())
    }
}

/// What a million rows laid within seconds leave to be done would have been done on the way, had they come as
/// requests. SQLite does its part with each commit.
async fn tidy(pairing: &Pairing) -> Result<()> {
    let Pairing::Servers { postgres, .. } = pairing else { return Ok(()) };
    let mut connection = PgConnection::connect(postgres).await?;
    for statement in ["VACUUM (ANALYZE) jobs", "CHECKPOINT"] {
        sqlx::raw_sql(statement).execute(&mut connection).await?;
    }
    Ok(connection.close().await?)
}

/// Lays due jobs into the store, as the intake would have.
async fn lay(run: &Run, pairing: &Pairing, first: u64, jobs: u64) -> Result<()> {
    let (from, to) = (FIRST_NUMBER + first, FIRST_NUMBER + first + jobs - 1);
    let columns =
        "id, client_code, app_id, kind, state, payload, subject, receipt, created_at, updated_at, due_at,
                   deadline_at, expires";
    let app = &run.load.caller.app_id;
    let openid = format!("'{OPENID}' || substr('0000000000000000000000' || n, -22)");
    let values = format!(
        "'backlog', '{app}', 'async_send_tpl', 'queued', '{BEFORE_OPENID}' || {openid} || '{AFTER_OPENID}', {openid},
         false, now, now, now, now + 86400000, false"
    );
    match pairing {
        Pairing::Servers { postgres, .. } => {
            let values =
                values.replace("substr('0000000000000000000000' || n, -22)", "lpad(n::text, 22, '0')");
            let sql = format!(
                "INSERT INTO jobs ({columns}) SELECT nextval('job_ids'), {values}
                 FROM now_ms() AS now, generate_series({from}, {to}) AS n"
            );
            let mut connection = PgConnection::connect(postgres).await?;
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
            Ok(connection.close().await?)
        }
        Pairing::Embedded => {
            let sql = format!(
                "BEGIN IMMEDIATE;
                 WITH RECURSIVE numbers (n) AS (VALUES ({from}) UNION ALL SELECT n + 1 FROM numbers WHERE n < {to})
                 INSERT INTO jobs ({columns})
                 SELECT last.value + n - {from} + 1, {values}
                 FROM numbers, (SELECT value FROM meta WHERE name = 'job_ids') AS last,
                      (SELECT unixepoch() * 1000 AS now);
                 UPDATE meta SET value = value + {jobs} WHERE name = 'job_ids';
                 COMMIT"
            );
            let url = format!("sqlite://{}", run.gateway.database().display());
            let mut connection = SqliteConnection::connect(&url).await?;
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
            Ok(connection.close().await?)
        }
    }
}

impl fmt::Display for Backlog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for queue in [&self.short, &self.long] {
            let peaks: Vec<_> =
                queue.peak_mib.iter().map(|(role, mib)| format!("{role} {mib} MiB")).collect();
            writeln!(
                f,
                "{}, {} jobs waiting: {:.0} sent/s, {:.0} accepted/s, peak {}",
                self.pairing,
                queue.jobs,
                queue.sent_per_s,
                queue.accepted_per_s,
                peaks.join(", ")
            )?;
        }
        let share = 100.0 * self.long.sent_per_s / self.short.sent_per_s.max(f64::MIN_POSITIVE);
        let goal = 100.0 * LONG_QUEUE_SHARE;
        writeln!(f, "{}: {share:.0} % of the short queue's rate (target: {goal:.0} %)", self.pairing)?;
        write!(f, "{}: ready {:.1} s after a restart behind the long queue", self.pairing, self.ready_after_s)
    }
}
