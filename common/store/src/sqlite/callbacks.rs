//! Claiming, settling and replaying callbacks.

use std::collections::HashSet;

use sqlx::sqlite::{SqliteConnection, SqlitePool};
use wxgate_job::millis;

use super::values::{pieces, statement};
use super::{begin, commit, json};
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
    writer: &SqlitePool,
    worker: WorkerId,
    shares: &[(String, u32)],
) -> Result<Vec<ClaimedCallback>, StoreError> {
    let mut transaction = begin(writer).await?;
    let mut claimed = Vec::new();
    for (endpoint, callbacks) in shares {
        let rows = claim_endpoint(&mut transaction, worker, endpoint, *callbacks).await;
        claimed.extend(rows.map_err(StoreError::of_statement)?);
    }
    commit(transaction).await?;
    Ok(rows::decode_claimed(claimed))
}

async fn claim_endpoint(
    connection: &mut SqliteConnection,
    worker: WorkerId,
    endpoint: &str,
    callbacks: u32,
) -> Result<Vec<ClaimedCallbackRow>, sqlx::Error> {
    let claimed: Vec<(i64, i32)> = sqlx::query_as(
        "UPDATE callbacks SET state = 'running', worker = $1, claim = claim + 1, attempts = attempts + 1, updated_at = $2
         WHERE (job_id, seq) IN (
             SELECT job_id, seq FROM callbacks WHERE state = 'queued' AND endpoint = $3 AND due_at <= $2
             ORDER BY due_at LIMIT $4)
         RETURNING job_id, seq",
    )
    .bind(worker.0)
    .bind(now_ms())
    .bind(endpoint)
    .bind(callbacks)
    .fetch_all(&mut *connection)
    .await?;
    sqlx::query_as(
        "SELECT job_id, seq, url, endpoint, callbacks.attempts, callbacks.claim,
                callbacks.updated_at - callbacks.created_at AS waited_ms, kind, client_code, subject,
                jobs.state AS job_state, result, error_code, error_errcode, error_message
         FROM json_each($1) AS claimed
         JOIN callbacks ON job_id = claimed.value ->> 0 AND seq = claimed.value ->> 1
         JOIN jobs ON jobs.id = job_id",
    )
    .bind(json(&claimed))
    .fetch_all(connection)
    .await
}

pub(super) async fn settle(
    writer: &SqlitePool,
    worker: WorkerId,
    settlements: &[CallbackSettlement],
) -> Result<Vec<Settled>, StoreError> {
    let mut transaction = begin(writer).await?;
    let now = now_ms();
    let mut settled = HashSet::with_capacity(settlements.len());
    for piece in pieces(settlements) {
        let rows = settle_piece(&mut transaction, worker, piece, now).await;
        settled.extend(rows.map_err(StoreError::of_statement)?);
    }
    commit(transaction).await?;
    Ok(settlements
        .iter()
        .map(|it| {
            let key = (it.claim.id.job.get(), it.claim.id.seq);
            if settled.contains(&key) { Settled::Done } else { Settled::TakenOver }
        })
        .collect())
}

async fn settle_piece(
    connection: &mut SqliteConnection,
    worker: WorkerId,
    settlements: &[CallbackSettlement],
    now: i64,
) -> Result<Vec<(i64, i32)>, sqlx::Error> {
    let mut update = sqlx::query_as(statement(
        "WITH input (job_id, seq, worker, claim, now, state, due_in, counts, status, history) AS (VALUES",
        settlements.len(),
        10,
        ")
         UPDATE callbacks
         SET state = input.state, worker = NULL, updated_at = input.now, due_at = input.now + input.due_in,
             attempts = iif(input.counts, callbacks.attempts, callbacks.attempts - 1),
             last_status = coalesce(input.status, callbacks.last_status),
             history = callbacks.history || input.history
         FROM input
         WHERE callbacks.job_id = input.job_id AND callbacks.seq = input.seq
           AND +callbacks.worker = input.worker AND callbacks.claim = input.claim AND +callbacks.state = 'running'
         RETURNING callbacks.job_id, callbacks.seq",
    ));
    for it in settlements {
        update = update
            .bind(it.claim.id.job.get())
            .bind(it.claim.id.seq)
            .bind(worker.0)
            .bind(it.claim.number)
            .bind(now)
            .bind(it.state.as_str())
            .bind(millis(it.due_in))
            .bind(it.counts)
            .bind(it.status)
            .bind(rows::history_line(it.attempt.as_ref()));
    }
    update.fetch_all(connection).await
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
