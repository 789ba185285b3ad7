//! Claiming, settling and replaying callbacks.

use std::collections::HashSet;

use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use wxgate_job::millis;

use super::batch::{Batch, pieces};
use super::commits::{Commits, Write};
use super::{json, of_json, told};
use crate::clock::now_ms;
use crate::error::StoreError;
use crate::model::callback::{CallbackClaim, CallbackId, CallbackSettlement, ClaimedCallback, DueEndpoint};
use crate::model::work::{Settled, WorkerId};
use crate::rows::{self, ClaimedCallbackRow};

/// Goes from each endpoint straight to the first callback of the next one.
pub(super) async fn due_endpoints(readers: &SqlitePool) -> Result<Vec<DueEndpoint>, StoreError> {
    let now = now_ms();
    let mut due = Vec::new();
    let mut after = String::new();
    loop {
        let next: Option<(String, i64)> = sqlx::query_as(
            "SELECT endpoint, due_at FROM callbacks WHERE state = 'queued' AND endpoint > $1
             ORDER BY endpoint, due_at LIMIT 1",
        )
        .bind(&after)
        .fetch_optional(readers)
        .await
        .map_err(StoreError::of_statement)?;
        let Some((endpoint, due_at)) = next else { return Ok(due) };
        after.clone_from(&endpoint);
        if due_at <= now {
            due.push(DueEndpoint { endpoint, due_at });
        }
    }
}

pub(super) async fn claim(
    commits: &Commits,
    worker: WorkerId,
    shares: &[(String, u32)],
) -> Result<Vec<ClaimedCallback>, StoreError> {
    commits.write(ClaimDue { worker, shares: shares.to_vec() }).await.map(rows::decode_claimed)
}

struct ClaimDue {
    worker: WorkerId,
    shares: Vec<(String, u32)>,
}

#[async_trait]
impl Write for ClaimDue {
    type Answer = Vec<ClaimedCallbackRow>;

    async fn write(&self, connection: &mut SqliteConnection) -> Result<Self::Answer, sqlx::Error> {
        let mut claimed = Vec::new();
        for (endpoint, callbacks) in &self.shares {
            claimed.extend(claim_endpoint(connection, self.worker, endpoint, *callbacks).await?);
        }
        Ok(claimed)
    }
}

/// Claims the callbacks of an endpoint that have been due for longest: tells them, and makes them the worker's.
async fn claim_endpoint(
    connection: &mut SqliteConnection,
    worker: WorkerId,
    endpoint: &str,
    callbacks: u32,
) -> Result<Vec<ClaimedCallbackRow>, sqlx::Error> {
    let claim = sqlx::query(
        "SELECT json_group_array(json_array(
             job_id, seq, url, endpoint, callbacks.attempts + 1, callbacks.claim + 1, $2 - callbacks.created_at,
             kind, client_code, subject, jobs.state, result, error_code, error_errcode, error_message))
         FROM callbacks JOIN jobs ON jobs.id = job_id
         WHERE callbacks.rowid IN (
             SELECT rowid FROM callbacks WHERE state = 'queued' AND endpoint = $3 AND due_at <= $2
             ORDER BY due_at, rowid LIMIT $4);
         UPDATE callbacks SET state = 'running', worker = $1, claim = claim + 1, attempts = attempts + 1, updated_at = $2
         WHERE rowid IN (
             SELECT rowid FROM callbacks WHERE state = 'queued' AND endpoint = $3 AND due_at <= $2
             ORDER BY due_at, rowid LIMIT $4)",
    )
    .bind(worker.0)
    .bind(now_ms())
    .bind(endpoint)
    .bind(callbacks);
    of_json(&told(connection, claim).await?)
}

pub(super) async fn settle(
    commits: &Commits,
    worker: WorkerId,
    settlements: &[CallbackSettlement],
) -> Result<Vec<Settled>, StoreError> {
    let held = commits.write(Settle { worker, settlements: settlements.to_vec() }).await?;
    Ok(settlements
        .iter()
        .map(|it| if held.contains(&key(it)) { Settled::Done } else { Settled::TakenOver })
        .collect())
}

struct Settle {
    worker: WorkerId,
    settlements: Vec<CallbackSettlement>,
}

#[async_trait]
impl Write for Settle {
    type Answer = HashSet<(i64, i32)>;

    async fn write(&self, connection: &mut SqliteConnection) -> Result<Self::Answer, sqlx::Error> {
        let now = now_ms();
        let mut held = HashSet::with_capacity(self.settlements.len());
        for piece in pieces(&self.settlements) {
            let found = told(connection, settle_piece(self.worker, piece, now).query()?).await?;
            held.extend(of_json::<Vec<(i64, i32)>>(&found)?);
        }
        Ok(held)
    }
}

fn key(settlement: &CallbackSettlement) -> (i64, i32) {
    (settlement.claim.id.job.get(), settlement.claim.id.seq)
}

/// Tells which callbacks the worker still holds by the claims under which they are to be settled, and settles
/// them. Both ask for the claim: the fence, as for jobs.
fn settle_piece(worker: WorkerId, settlements: &[CallbackSettlement], now: i64) -> Batch {
    let claims: Vec<(i64, i32, i32)> =
        settlements.iter().map(|it| (it.claim.id.job.get(), it.claim.id.seq, it.claim.number)).collect();
    Batch::default()
        .sql(
            "SELECT json_group_array(json_array(job_id, seq)) FROM json_each(?) AS claimed
             JOIN callbacks
               ON job_id = claimed.value ->> 0 AND seq = claimed.value ->> 1 AND claim = claimed.value ->> 2
             WHERE +worker = ? AND +state = 'running';
             WITH input (job_id, seq, claim, now, state, due_in, counts, status, history) AS (",
        )
        .bind(json(&claims))
        .bind(worker.0)
        .rows(settlements, |row, it| {
            row.bind(it.claim.id.job.get())
                .bind(it.claim.id.seq)
                .bind(it.claim.number)
                .bind(now)
                .bind(it.state.as_str())
                .bind(millis(it.due_in))
                .bind(it.counts)
                .bind(it.status)
                .bind(rows::history_line(it.attempt.as_ref()))
        })
        .sql(
            ")
             UPDATE callbacks
             SET state = input.state, worker = NULL, updated_at = input.now, due_at = input.now + input.due_in,
                 attempts = iif(input.counts, callbacks.attempts, callbacks.attempts - 1),
                 last_status = coalesce(input.status, callbacks.last_status),
                 history = callbacks.history || input.history
             FROM input
             WHERE callbacks.job_id = input.job_id AND callbacks.seq = input.seq
               AND callbacks.claim = input.claim AND +callbacks.worker = ? AND +callbacks.state = 'running'",
        )
        .bind(worker.0)
}

pub(super) async fn replay(writer: &SqlitePool, id: CallbackId) -> Result<bool, StoreError> {
    let replayed = sqlx::query(
        "UPDATE callbacks SET state = 'queued', attempts = 0, due_at = $3, updated_at = $3
         WHERE job_id = $1 AND seq = $2 AND state IN ('delivered', 'exhausted')",
    )
    .bind(id.job.get())
    .bind(id.seq)
    .bind(now_ms())
    .execute(writer)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(replayed.rows_affected() == 1)
}

pub(super) async fn held(readers: &SqlitePool, worker: WorkerId) -> Result<Vec<CallbackClaim>, StoreError> {
    let held: Vec<(i64, i32, i32)> =
        sqlx::query_as("SELECT job_id, seq, claim FROM callbacks WHERE worker = $1 AND state = 'running'")
            .bind(worker.0)
            .fetch_all(readers)
            .await
            .map_err(StoreError::of_statement)?;
    held.into_iter().map(rows::callback_claim).collect()
}

pub(super) async fn release(
    writer: &SqlitePool,
    worker: WorkerId,
    claims: &[CallbackClaim],
) -> Result<u64, StoreError> {
    let claims: Vec<(i64, i32, i32)> =
        claims.iter().map(|claim| (claim.id.job.get(), claim.id.seq, claim.number)).collect();
    let released = sqlx::query(
        "UPDATE callbacks SET state = 'queued', worker = NULL, attempts = attempts - 1, due_at = $3, updated_at = $3
         WHERE worker = $1 AND state = 'running'
           AND (job_id, seq, claim) IN (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each($2))",
    )
    .bind(worker.0)
    .bind(json(&claims))
    .bind(now_ms())
    .execute(writer)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(released.rows_affected())
}
