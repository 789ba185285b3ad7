//! Claiming and settling jobs.

use std::collections::HashSet;

use sqlx::sqlite::{SqliteConnection, SqlitePool};
use wxgate_job::{JobId, Kind, Lane, millis};

use super::values::{pieces, statement};
use super::{begin, commit, json};
use crate::clock::now_ms;
use crate::error::StoreError;
use crate::model::callback::{CallbackOrder, CallbackState};
use crate::model::work::{Claim, ClaimedJob, DueLane, Settled, Settlement, WorkerId};
use crate::rows::{self, ClaimedRow, claimed_columns};

pub(super) async fn claim(
    writer: &SqlitePool,
    worker: WorkerId,
    ids: &[JobId],
) -> Result<Vec<ClaimedJob>, StoreError> {
    let rows: Vec<ClaimedRow> = sqlx::query_as(concat!(
        "UPDATE jobs SET state = 'running', worker = $1, claim = claim + 1, attempts = attempts + 1, updated_at = $3
         WHERE id IN (SELECT value FROM json_each($2)) AND state IN ('queued', 'waiting') AND due_at <= $3
         RETURNING ", claimed_columns!()),
    )
    .bind(worker.0)
    .bind(json(&ids))
    .bind(now_ms())
    .fetch_all(writer)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(rows::decode_claimed(rows))
}

pub(super) async fn claim_due(
    writer: &SqlitePool,
    worker: WorkerId,
    shares: &[(Lane, u32)],
) -> Result<Vec<ClaimedJob>, StoreError> {
    let mut transaction = begin(writer).await?;
    let mut claimed = Vec::new();
    for (lane, jobs) in shares {
        claimed.extend(
            claim_lane(&mut transaction, worker, lane, *jobs).await.map_err(StoreError::of_statement)?,
        );
    }
    commit(transaction).await?;
    Ok(rows::decode_claimed(claimed))
}

async fn claim_lane(
    connection: &mut SqliteConnection,
    worker: WorkerId,
    lane: &Lane,
    jobs: u32,
) -> Result<Vec<ClaimedRow>, sqlx::Error> {
    sqlx::query_as(concat!(
        "UPDATE jobs SET state = 'running', worker = $1, claim = claim + 1, attempts = attempts + 1, updated_at = $2
         WHERE id IN (
             SELECT id FROM jobs
             WHERE state IN ('queued', 'waiting') AND client_code = $3 AND app_id = $4 AND kind = $5 AND due_at <= $2
             ORDER BY due_at, id LIMIT $6)
         RETURNING ", claimed_columns!()),
    )
    .bind(worker.0)
    .bind(now_ms())
    .bind(&lane.client)
    .bind(&lane.app)
    .bind(lane.kind.as_str())
    .bind(jobs)
    .fetch_all(connection)
    .await
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
        let next: Option<(String, String, String, i64)> = sqlx::query_as(
            "SELECT client_code, app_id, kind, due_at FROM jobs
             WHERE state IN ('queued', 'waiting') AND (client_code, app_id, kind) > ($1, $2, $3)
             ORDER BY client_code, app_id, kind, due_at LIMIT 1",
        )
        .bind(&after.0)
        .bind(&after.1)
        .bind(&after.2)
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
    writer: &SqlitePool,
    worker: WorkerId,
    settlements: &[Settlement],
) -> Result<Vec<Settled>, StoreError> {
    let mut transaction = begin(writer).await?;
    let settled = settle_in(&mut transaction, worker, settlements).await.map_err(StoreError::of_statement)?;
    commit(transaction).await?;
    Ok(settlements
        .iter()
        .map(|it| if settled.contains(&it.claim.job.get()) { Settled::Done } else { Settled::TakenOver })
        .collect())
}

async fn settle_in(
    connection: &mut SqliteConnection,
    worker: WorkerId,
    settlements: &[Settlement],
) -> Result<HashSet<i64>, sqlx::Error> {
    let now = now_ms();
    let mut settled = HashSet::with_capacity(settlements.len());
    for piece in pieces(settlements) {
        settled.extend(settle_piece(connection, worker, piece, now).await?);
    }
    let orders: Vec<(Claim, &CallbackOrder)> = settlements
        .iter()
        .filter(|it| settled.contains(&it.claim.job.get()))
        .filter_map(|it| Some((it.claim, it.callback.as_ref()?)))
        .collect();
    for piece in pieces(&orders) {
        create_callbacks(connection, worker, piece, now).await?;
    }
    Ok(settled)
}

async fn settle_piece(
    connection: &mut SqliteConnection,
    worker: WorkerId,
    settlements: &[Settlement],
    now: i64,
) -> Result<Vec<i64>, sqlx::Error> {
    let mut update = sqlx::query_scalar(statement(
        "WITH input (id, worker, claim, now, state, due_in, counts, ambiguous_at, result, msgid, awaited,
                     error_code, error_errcode, error_message, history) AS (VALUES",
        settlements.len(),
        15,
        include_str!("settle.sql"),
    ));
    for it in settlements {
        let failure = it.failure.as_ref();
        update = update
            .bind(it.claim.job.get())
            .bind(worker.0)
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
            .bind(rows::history_line(it.attempt.as_ref()));
    }
    update.fetch_all(connection).await
}

async fn create_callbacks(
    connection: &mut SqliteConnection,
    worker: WorkerId,
    orders: &[(Claim, &CallbackOrder)],
    now: i64,
) -> Result<(), sqlx::Error> {
    let mut insert = sqlx::query(statement(
        "INSERT INTO callbacks (job_id, seq, url, endpoint, state, created_at, updated_at, due_at, attempts, worker,
                                claim) VALUES",
        orders.len(),
        11,
        "",
    ));
    for (claim, order) in orders {
        let state = if order.claimed { CallbackState::Running } else { CallbackState::Queued };
        insert = insert
            .bind(claim.job.get())
            .bind(claim.number)
            .bind(&order.url)
            .bind(&order.endpoint)
            .bind(state.as_str())
            .bind(now)
            .bind(now)
            .bind(now)
            .bind(i32::from(order.claimed))
            .bind(order.claimed.then_some(worker.0))
            .bind(i32::from(order.claimed));
    }
    insert.execute(connection).await?;
    Ok(())
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
