//! Claiming and settling jobs.

use std::collections::HashSet;

use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use wxgate_job::{JobId, Kind, Lane, millis};

use super::batch::{Batch, pieces};
use super::commits::{Commits, Write};
use super::next::NEXT_LANE;
use super::{json, of_json, told};
use crate::clock::now_ms;
use crate::error::StoreError;
use crate::model::callback::{CallbackOrder, CallbackState};
use crate::model::work::{Claim, ClaimedJob, DueLane, Settled, Settlement, WorkerId};
use crate::rows::{self, ClaimedRow, claimed_columns};

/// Tells which jobs are free, as one JSON text, since rows would be handed over from the database's thread one by
/// one; and makes the same the worker's, `$1`, now, `$2`.
macro_rules! claim {
    ($which:literal) => {
        concat!(
            "SELECT json_group_array(json_array(",
            claimed_columns!(),
            ")) FROM jobs WHERE ",
            $which,
            "; UPDATE jobs SET state = 'running', worker = $1, claim = claim + 1, attempts = attempts + 1,
                               updated_at = $2
               WHERE ",
            $which
        )
    };
}

pub(super) async fn claim(
    commits: &Commits,
    worker: WorkerId,
    ids: &[JobId],
) -> Result<Vec<ClaimedJob>, StoreError> {
    commits.write(ClaimNamed { worker, ids: json(&ids) }).await.map(rows::decode_claimed)
}

struct ClaimNamed {
    worker: WorkerId,
    /// As a JSON list.
    ids: String,
}

#[async_trait]
impl Write for ClaimNamed {
    type Answer = Vec<ClaimedRow>;

    async fn write(&self, connection: &mut SqliteConnection) -> Result<Vec<ClaimedRow>, sqlx::Error> {
        let now = now_ms();
        let claim = sqlx::query(claim!(
            "id IN (SELECT value FROM json_each($3)) AND state IN ('queued', 'waiting') AND due_at <= $2"
        ))
        .bind(self.worker.0)
        .bind(now)
        .bind(&self.ids);
        taken(&told(connection, claim).await?, now)
    }
}

/// The rows as they are once they are this worker's.
fn taken(free: &str, now: i64) -> Result<Vec<ClaimedRow>, sqlx::Error> {
    let mut rows: Vec<ClaimedRow> = of_json(free)?;
    for row in &mut rows {
        row.claim += 1;
        row.attempts += 1;
        row.updated_at = now;
    }
    Ok(rows)
}

pub(super) async fn claim_due(
    commits: &Commits,
    worker: WorkerId,
    shares: &[(Lane, u32)],
) -> Result<Vec<ClaimedJob>, StoreError> {
    commits.write(ClaimDue { worker, shares: shares.to_vec() }).await.map(rows::decode_claimed)
}

struct ClaimDue {
    worker: WorkerId,
    shares: Vec<(Lane, u32)>,
}

#[async_trait]
impl Write for ClaimDue {
    type Answer = Vec<ClaimedRow>;

    async fn write(&self, connection: &mut SqliteConnection) -> Result<Vec<ClaimedRow>, sqlx::Error> {
        let now = now_ms();
        let mut claimed = Vec::new();
        for (lane, jobs) in &self.shares {
            claimed.extend(claim_first_due(connection, self.worker, lane, *jobs, now).await?);
        }
        Ok(claimed)
    }
}

/// Claims the jobs of a lane that have been due for longest.
async fn claim_first_due(
    connection: &mut SqliteConnection,
    worker: WorkerId,
    lane: &Lane,
    jobs: u32,
    now: i64,
) -> Result<Vec<ClaimedRow>, sqlx::Error> {
    let claim = sqlx::query(claim!(
        "id IN (
             SELECT id FROM jobs
             WHERE state IN ('queued', 'waiting') AND client_code = $3 AND app_id = $4 AND kind = $5 AND due_at <= $2
             ORDER BY due_at, id LIMIT $6)"
    ))
    .bind(worker.0)
    .bind(now)
    .bind(&lane.client)
    .bind(&lane.app)
    .bind(lane.kind.as_str())
    .bind(jobs);
    taken(&told(connection, claim).await?, now)
}

/// Each way has its own index, so that a lane of a million jobs is not read for the few that are over.
pub(super) const CLAIM_OVERDUE: &str = concat!(
    "UPDATE jobs SET state = 'running', worker = $1, claim = claim + 1, attempts = attempts + 1, updated_at = $2
     WHERE id IN (
         SELECT id FROM (
             SELECT id FROM jobs
             WHERE state IN ('queued', 'waiting') AND client_code = $3 AND app_id = $4 AND kind = $5
               AND deadline_at <> due_at + 86400000 AND deadline_at <= $2
             LIMIT $6)
         UNION
         SELECT id FROM (
             SELECT id FROM jobs
             WHERE state IN ('queued', 'waiting') AND client_code = $3 AND app_id = $4 AND kind = $5
               AND deadline_at = due_at + 86400000 AND due_at <= $2 - 86400000
             LIMIT $6)
         UNION
         SELECT id FROM (
             SELECT id FROM jobs
             WHERE state IN ('queued', 'waiting') AND client_code = $3 AND app_id = $4 AND kind = $5
               AND (result IS NOT NULL OR report IS NOT NULL) AND due_at <= $2
             LIMIT $6)
         LIMIT $6)
     RETURNING ", claimed_columns!());

pub(super) async fn claim_overdue(
    writer: &SqlitePool,
    worker: WorkerId,
    lane: &Lane,
    limit: u32,
) -> Result<Vec<ClaimedJob>, StoreError> {
    let rows: Vec<ClaimedRow> = sqlx::query_as(CLAIM_OVERDUE)
        .bind(worker.0)
        .bind(now_ms())
        .bind(&lane.client)
        .bind(&lane.app)
        .bind(lane.kind.as_str())
        .bind(limit)
        .fetch_all(writer)
        .await
        .map_err(StoreError::of_statement)?;
    Ok(rows::decode_claimed(rows))
}

/// Goes from each lane straight to the first job of the next one.
pub(super) async fn due_lanes(readers: &SqlitePool) -> Result<Vec<DueLane>, StoreError> {
    let now = now_ms();
    let mut due = Vec::new();
    let mut after = (String::new(), String::new(), String::new());
    loop {
        let next: Option<(String, String, String, i64)> = sqlx::query_as(NEXT_LANE.as_str())
            .bind(&after.0)
            .bind(&after.1)
            .bind(&after.2)
            .bind(now)
            .fetch_optional(readers)
            .await
            .map_err(StoreError::of_statement)?;
        let Some((client, app, kind, due_at)) = next else { return Ok(due) };
        after = (client.clone(), app.clone(), kind.clone());
        if due_at <= now {
            due.push(DueLane { lane: Lane { client, app, kind: Kind::stored(kind) }, due_at });
        }
    }
}

pub(super) async fn settle(
    commits: &Commits,
    worker: WorkerId,
    settlements: &[Settlement],
) -> Result<Vec<Settled>, StoreError> {
    let held = commits.write(Settle { worker, settlements: settlements.to_vec() }).await?;
    Ok(settlements
        .iter()
        .map(|it| if held.contains(&it.claim.job.get()) { Settled::Done } else { Settled::TakenOver })
        .collect())
}

struct Settle {
    worker: WorkerId,
    settlements: Vec<Settlement>,
}

#[async_trait]
impl Write for Settle {
    type Answer = HashSet<i64>;

    async fn write(&self, connection: &mut SqliteConnection) -> Result<HashSet<i64>, sqlx::Error> {
        let now = now_ms();
        let mut held = HashSet::with_capacity(self.settlements.len());
        for piece in pieces(&self.settlements) {
            let found = told(connection, settle_piece(self.worker, piece, now).query()?).await?;
            held.extend(of_json::<Vec<i64>>(&found)?);
        }
        Ok(held)
    }
}

/// Tells which jobs the worker still holds by the claims under which they are to be settled; creates their
/// callbacks; settles them. Each asks for the claim by itself: the fence. Whoever lost it changes nothing.
fn settle_piece(worker: WorkerId, settlements: &[Settlement], now: i64) -> Batch {
    let claims: Vec<(i64, i32)> =
        settlements.iter().map(|it| (it.claim.job.get(), it.claim.number)).collect();
    let orders: Vec<(Claim, &CallbackOrder)> =
        settlements.iter().filter_map(|it| Some((it.claim, it.callback.as_ref()?))).collect();
    // The plus signs keep SQLite from going through all jobs of the worker instead of straight to each id.
    let mut batch = Batch::default()
        .sql(
            "SELECT json_group_array(jobs.id) FROM json_each(?) AS claimed
             JOIN jobs ON jobs.id = claimed.value ->> 0 AND jobs.claim = claimed.value ->> 1
             WHERE +jobs.worker = ? AND +jobs.state = 'running'; ",
        )
        .bind(json(&claims))
        .bind(worker.0);
    if !orders.is_empty() {
        batch = callbacks_into(batch, worker, &orders, now).sql("; ");
    }
    settlements_into(batch, worker, settlements, now)
}

fn callbacks_into(batch: Batch, worker: WorkerId, orders: &[(Claim, &CallbackOrder)], now: i64) -> Batch {
    batch
        .sql(
            "INSERT INTO callbacks (job_id, seq, url, endpoint, state, created_at, updated_at, due_at, attempts,
                                    worker, claim)
             SELECT input.* FROM (",
        )
        .rows(orders, |row, (claim, order)| {
            let state = if order.claimed { CallbackState::Running } else { CallbackState::Queued };
            row.bind(claim.job.get())
                .bind(claim.number)
                .bind(&order.url)
                .bind(&order.endpoint)
                .bind(state.as_str())
                .bind(now)
                .bind(now)
                .bind(now)
                .bind(i32::from(order.claimed))
                .bind(order.claimed.then_some(worker.0))
                .bind(i32::from(order.claimed))
        })
        .sql(
            ") AS input JOIN jobs ON jobs.id = input.column1 AND jobs.claim = input.column2
             WHERE +jobs.worker = ? AND +jobs.state = 'running'",
        )
        .bind(worker.0)
}

fn settlements_into(batch: Batch, worker: WorkerId, settlements: &[Settlement], now: i64) -> Batch {
    batch
        .sql(
            "WITH input (id, claim, now, state, due_in, counts, ambiguous_at, result, msgid, awaited,
                         error_code, error_errcode, error_message, history) AS (",
        )
        .rows(settlements, |row, it| {
            let failure = it.failure.as_ref();
            row.bind(it.claim.job.get())
                .bind(it.claim.number)
                .bind(now)
                .bind(it.state.as_str())
                .bind(millis(it.due_in))
                .bind(it.counts)
                .bind(it.ambiguous_since)
                .bind(it.result.as_deref())
                .bind(it.msgid)
                .bind(it.awaited.as_ref().map(|awaited| awaited.0.as_str()))
                .bind(failure.map(|failure| failure.code.as_str()))
                .bind(failure.and_then(|failure| failure.errcode))
                .bind(failure.map(|failure| failure.message.as_str()))
                .bind(rows::history_line(it.attempt.as_ref()))
        })
        .sql(include_str!("settle.sql"))
        .bind(worker.0)
}

pub(super) async fn held(readers: &SqlitePool, worker: WorkerId) -> Result<Vec<Claim>, StoreError> {
    let held: Vec<(i64, i32)> =
        sqlx::query_as("SELECT id, claim FROM jobs WHERE worker = $1 AND state = 'running'")
            .bind(worker.0)
            .fetch_all(readers)
            .await
            .map_err(StoreError::of_statement)?;
    held.into_iter().map(rows::claim).collect()
}

pub(super) async fn release(
    writer: &SqlitePool,
    worker: WorkerId,
    claims: &[Claim],
) -> Result<u64, StoreError> {
    let claims: Vec<(i64, i32)> = claims.iter().map(|claim| (claim.job.get(), claim.number)).collect();
    let released = sqlx::query(
        "UPDATE jobs SET state = 'queued', worker = NULL, attempts = attempts - 1, due_at = $3, updated_at = $3
         WHERE worker = $1 AND state = 'running'
           AND (id, claim) IN (SELECT value ->> 0, value ->> 1 FROM json_each($2))",
    )
    .bind(worker.0)
    .bind(json(&claims))
    .bind(now_ms())
    .execute(writer)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(released.rows_affected())
}
