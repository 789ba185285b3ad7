//! Claiming, settling and replaying callbacks.

use sqlx::postgres::PgPool;
use wxgate_job::millis;

use crate::error::StoreError;
use crate::model::callback::{CallbackClaim, CallbackId, CallbackSettlement, ClaimedCallback, DueEndpoint};
use crate::model::work::{Settled, WorkerId};
use crate::rows::{self, ClaimedCallbackRow};

pub(super) async fn due_endpoints(pool: &PgPool) -> Result<Vec<DueEndpoint>, StoreError> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "WITH RECURSIVE endpoints AS (
             (SELECT endpoint, due_at FROM callbacks WHERE state = 'queued' ORDER BY endpoint, due_at LIMIT 1)
             UNION ALL
             SELECT next.* FROM endpoints, LATERAL (
                 SELECT endpoint, due_at FROM callbacks
                 WHERE state = 'queued' AND endpoint > endpoints.endpoint
                 ORDER BY endpoint, due_at LIMIT 1) AS next)
         SELECT endpoint, due_at FROM endpoints WHERE due_at <= now_ms()",
    )
    .fetch_all(pool)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(rows.into_iter().map(|(endpoint, due_at)| DueEndpoint { endpoint, due_at }).collect())
}

/// What is free is handed to the update as an array, as for jobs.
pub(super) const CLAIM: &str = "WITH clock AS MATERIALIZED (SELECT now_ms() AS now),
     free AS (
         SELECT due.job_id, due.seq
         FROM clock, unnest($2::text[], $3::bigint[]) AS share (endpoint, callbacks),
         LATERAL (
             SELECT job_id, seq FROM callbacks
             WHERE state = 'queued' AND callbacks.endpoint = share.endpoint AND due_at <= now
             ORDER BY due_at LIMIT share.callbacks
             FOR UPDATE SKIP LOCKED) AS due),
     claimed AS (
         UPDATE callbacks
         SET state = 'running', worker = $1, claim = claim + 1, attempts = attempts + 1, updated_at = now
         FROM clock
         WHERE job_id = ANY(ARRAY(SELECT job_id FROM free)) AND (job_id, seq) IN (SELECT job_id, seq FROM free)
         RETURNING job_id, seq, url, endpoint, attempts, claim, now - created_at AS waited_ms)
     SELECT claimed.*, kind, client_code, subject, state AS job_state, result, error_code, error_errcode, error_message
     FROM claimed JOIN jobs ON jobs.id = claimed.job_id";

pub(super) async fn claim(
    pool: &PgPool,
    worker: WorkerId,
    shares: &[(String, u32)],
) -> Result<Vec<ClaimedCallback>, StoreError> {
    let rows: Vec<ClaimedCallbackRow> = sqlx::query_as(CLAIM)
        .bind(worker.0)
        .bind(shares.iter().map(|(endpoint, _)| endpoint.as_str()).collect::<Vec<_>>())
        .bind(shares.iter().map(|(_, callbacks)| i64::from(*callbacks)).collect::<Vec<_>>())
        .fetch_all(pool)
        .await
        .map_err(StoreError::of_statement)?;
    Ok(rows::decode_claimed(rows))
}

/// Only a running callback has a worker. Were that said here, too, each settlement would be looked for among all
/// that the worker holds.
pub(super) const SETTLE: &str = "WITH clock AS MATERIALIZED (SELECT now_ms() AS now)
     UPDATE callbacks
     SET state = input.state, worker = NULL, updated_at = now, due_at = now + input.due_in,
         attempts = CASE WHEN input.counts THEN callbacks.attempts ELSE callbacks.attempts - 1 END,
         last_status = coalesce(input.status, callbacks.last_status),
         history = callbacks.history || input.history
     FROM clock,
          unnest($2::bigint[], $3::int[], $4::int[], $5::text[], $6::bigint[], $7::boolean[], $8::int[],
                 $9::text[])
              AS input (job_id, seq, claim, state, due_in, counts, status, history)
     WHERE callbacks.job_id = input.job_id AND callbacks.seq = input.seq
       AND callbacks.worker = $1 AND callbacks.claim = input.claim
     RETURNING callbacks.job_id, callbacks.seq";

pub(super) async fn settle(
    pool: &PgPool,
    worker: WorkerId,
    settlements: &[CallbackSettlement],
) -> Result<Vec<Settled>, StoreError> {
    fn column<'a, T>(
        settlements: &'a [CallbackSettlement],
        field: impl Fn(&'a CallbackSettlement) -> T,
    ) -> Vec<T> {
        settlements.iter().map(field).collect()
    }
    let settled: Vec<(i64, i32)> = sqlx::query_as(SETTLE)
        .bind(worker.0)
        .bind(column(settlements, |it| it.claim.id.job.get()))
        .bind(column(settlements, |it| it.claim.id.seq))
        .bind(column(settlements, |it| it.claim.number))
        .bind(column(settlements, |it| it.state.as_str()))
        .bind(column(settlements, |it| millis(it.due_in)))
        .bind(column(settlements, |it| it.counts))
        .bind(column(settlements, |it| it.status.map(i32::from)))
        .bind(column(settlements, |it| rows::history_line(it.attempt.as_ref())))
        .fetch_all(pool)
        .await
        .map_err(StoreError::of_statement)?;
    let settled: std::collections::HashSet<(i64, i32)> = settled.into_iter().collect();
    Ok(settlements
        .iter()
        .map(|it| {
            let key = (it.claim.id.job.get(), it.claim.id.seq);
            if settled.contains(&key) { Settled::Done } else { Settled::TakenOver }
        })
        .collect())
}

pub(super) async fn replay(pool: &PgPool, id: CallbackId) -> Result<bool, StoreError> {
    let replayed = sqlx::query(
        "UPDATE callbacks SET state = 'queued', attempts = 0, due_at = now, updated_at = now FROM now_ms() AS now
         WHERE job_id = $1 AND seq = $2 AND state IN ('delivered', 'exhausted')",
    )
    .bind(id.job.get())
    .bind(id.seq)
    .execute(pool)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(replayed.rows_affected() == 1)
}

pub(super) async fn held(pool: &PgPool, worker: WorkerId) -> Result<Vec<CallbackClaim>, StoreError> {
    let held: Vec<(i64, i32, i32)> =
        sqlx::query_as("SELECT job_id, seq, claim FROM callbacks WHERE worker = $1 AND state = 'running'")
            .bind(worker.0)
            .fetch_all(pool)
            .await
            .map_err(StoreError::of_statement)?;
    held.into_iter().map(rows::callback_claim).collect()
}

pub(super) async fn release(
    pool: &PgPool,
    worker: WorkerId,
    claims: &[CallbackClaim],
) -> Result<u64, StoreError> {
    let column = |part: fn(&CallbackClaim) -> i32| claims.iter().map(part).collect::<Vec<_>>();
    let released = sqlx::query(
        "UPDATE callbacks SET state = 'queued', worker = NULL, attempts = attempts - 1, due_at = now, updated_at = now
         FROM now_ms() AS now, unnest($2::bigint[], $3::int[], $4::int[]) AS lost (job_id, seq, claim)
         WHERE callbacks.job_id = lost.job_id AND callbacks.seq = lost.seq AND callbacks.claim = lost.claim
           AND worker = $1 AND state = 'running'",
    )
    .bind(worker.0)
    .bind(claims.iter().map(|claim| claim.id.job.get()).collect::<Vec<_>>())
    .bind(column(|claim| claim.id.seq))
    .bind(column(|claim| claim.number))
    .execute(pool)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(released.rows_affected())
}
