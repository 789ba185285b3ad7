//! Claiming and settling jobs.

use sqlx::postgres::PgPool;
use wxgate_job::{JobId, Kind, Lane, millis};

use crate::error::StoreError;
use crate::model::work::{Claim, ClaimedJob, DueLane, Settled, Settlement, WorkerId};
use crate::rows::{self, ClaimedRow, claimed_columns};

/// Rows that another worker is just claiming are passed over rather than waited for. They are looked up and locked by
/// their ids, those in hand included, and judged after that: asked for those of the ids that are due, the server would read all that is due.
pub(super) const CLAIM: &str = concat!(
    "WITH clock AS MATERIALIZED (SELECT now_ms() AS now),
     named AS (SELECT id, state, due_at FROM jobs WHERE id = ANY($2) FOR UPDATE SKIP LOCKED)
     UPDATE jobs SET state = 'running', worker = $1, claim = claim + 1, attempts = attempts + 1, updated_at = now
     FROM named, clock
     WHERE jobs.id = named.id AND named.state IN ('queued', 'waiting') AND named.due_at <= now
     RETURNING ", claimed_columns!());

pub(super) async fn claim(
    pool: &PgPool,
    worker: WorkerId,
    ids: &[JobId],
) -> Result<Vec<ClaimedJob>, StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    let rows: Vec<ClaimedRow> = sqlx::query_as(CLAIM)
        .bind(worker.0)
        .bind(ids)
        .fetch_all(pool)
        .await
        .map_err(StoreError::of_statement)?;
    Ok(rows::decode_claimed(rows))
}

/// What is free is handed to the update as an array: joined with it, it would be taken for a tenth of the table, and
/// the whole table be read for it.
pub(super) const CLAIM_DUE: &str = concat!(
    "WITH clock AS MATERIALIZED (SELECT now_ms() AS now),
     free AS (
         SELECT due.id
         FROM clock, unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) AS share (client, app, kind, jobs),
         LATERAL (
             SELECT id FROM jobs
             WHERE state IN ('queued', 'waiting') AND client_code = share.client
               AND app_id = share.app AND jobs.kind = share.kind AND due_at <= now
             ORDER BY due_at, id LIMIT share.jobs
             FOR UPDATE SKIP LOCKED) AS due)
     UPDATE jobs SET state = 'running', worker = $1, claim = claim + 1, attempts = attempts + 1, updated_at = now
     FROM clock WHERE id = ANY(ARRAY(SELECT id FROM free))
     RETURNING ", claimed_columns!());

pub(super) async fn claim_due(
    pool: &PgPool,
    worker: WorkerId,
    shares: &[(Lane, u32)],
) -> Result<Vec<ClaimedJob>, StoreError> {
    let rows: Vec<ClaimedRow> = sqlx::query_as(CLAIM_DUE)
        .bind(worker.0)
        .bind(shares.iter().map(|(lane, _)| lane.client.as_str()).collect::<Vec<_>>())
        .bind(shares.iter().map(|(lane, _)| lane.app.as_str()).collect::<Vec<_>>())
        .bind(shares.iter().map(|(lane, _)| lane.kind.as_str()).collect::<Vec<_>>())
        .bind(shares.iter().map(|(_, jobs)| i64::from(*jobs)).collect::<Vec<_>>())
        .fetch_all(pool)
        .await
        .map_err(StoreError::of_statement)?;
    Ok(rows::decode_claimed(rows))
}

/// Each way has its own index, so that a lane of a million jobs is not read for the few that are over. The
/// time is a subquery each time: joined, it would be compared with row after row.
pub(super) const CLAIM_OVERDUE: &str = concat!(
    "WITH clock AS MATERIALIZED (SELECT now_ms() AS now),
     ended AS (
         SELECT id FROM jobs
         WHERE state IN ('queued', 'waiting') AND client_code = $2 AND app_id = $3 AND kind = $4
           AND deadline_at <> due_at + 86400000 AND deadline_at <= (SELECT now FROM clock)
         ORDER BY deadline_at LIMIT $5
         FOR UPDATE SKIP LOCKED),
     a_day_old AS (
         SELECT id FROM jobs
         WHERE state IN ('queued', 'waiting') AND client_code = $2 AND app_id = $3 AND kind = $4
           AND deadline_at = due_at + 86400000 AND due_at <= (SELECT now - 86400000 FROM clock)
         ORDER BY due_at, id LIMIT $5
         FOR UPDATE SKIP LOCKED),
     with_news AS (
         SELECT id FROM jobs
         WHERE state IN ('queued', 'waiting') AND client_code = $2 AND app_id = $3 AND kind = $4
           AND (result IS NOT NULL OR report IS NOT NULL) AND due_at <= (SELECT now FROM clock)
         ORDER BY due_at LIMIT $5
         FOR UPDATE SKIP LOCKED),
     free AS (
         SELECT id FROM ended UNION SELECT id FROM a_day_old UNION SELECT id FROM with_news LIMIT $5)
     UPDATE jobs SET state = 'running', worker = $1, claim = claim + 1, attempts = attempts + 1, updated_at = now
     FROM clock WHERE id = ANY(ARRAY(SELECT id FROM free))
     RETURNING ", claimed_columns!());

pub(super) async fn claim_overdue(
    pool: &PgPool,
    worker: WorkerId,
    lane: &Lane,
    limit: u32,
) -> Result<Vec<ClaimedJob>, StoreError> {
    let rows: Vec<ClaimedRow> = sqlx::query_as(CLAIM_OVERDUE)
        .bind(worker.0)
        .bind(&lane.client)
        .bind(&lane.app)
        .bind(lane.kind.as_str())
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await
        .map_err(StoreError::of_statement)?;
    Ok(rows::decode_claimed(rows))
}

pub(super) async fn due_lanes(pool: &PgPool) -> Result<Vec<DueLane>, StoreError> {
    let rows: Vec<(String, String, String, i64)> = sqlx::query_as(
        // A loose index scan: from each lane straight to the first job of the next one.
        "WITH RECURSIVE lanes AS (
             (SELECT client_code, app_id, kind, due_at FROM jobs WHERE state IN ('queued', 'waiting')
              ORDER BY client_code, app_id, kind, due_at LIMIT 1)
             UNION ALL
             SELECT next.* FROM lanes, LATERAL (
                 SELECT client_code, app_id, kind, due_at FROM jobs
                 WHERE state IN ('queued', 'waiting')
                   AND (client_code, app_id, kind) > (lanes.client_code, lanes.app_id, lanes.kind)
                 ORDER BY client_code, app_id, kind, due_at LIMIT 1) AS next)
         SELECT client_code, app_id, kind, due_at FROM lanes WHERE due_at <= now_ms()",
    )
    .fetch_all(pool)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(rows
        .into_iter()
        .map(|(client, app, kind, due_at)| DueLane {
            lane: Lane { client, app, kind: Kind::stored(kind) },
            due_at,
        })
        .collect())
}

pub(super) const SETTLE: &str = include_str!("settle.sql");

pub(super) async fn settle(
    pool: &PgPool,
    worker: WorkerId,
    settlements: &[Settlement],
) -> Result<Vec<Settled>, StoreError> {
    fn column<'a, T>(settlements: &'a [Settlement], field: impl Fn(&'a Settlement) -> T) -> Vec<T> {
        settlements.iter().map(field).collect()
    }
    let failure = |settlement: &Settlement| settlement.failure.clone();
    let settled: Vec<i64> = sqlx::query_scalar(SETTLE)
        .bind(worker.0)
        .bind(column(settlements, |it| it.claim.job.get()))
        .bind(column(settlements, |it| it.claim.number))
        .bind(column(settlements, |it| it.state.as_str()))
        .bind(column(settlements, |it| millis(it.due_in)))
        .bind(column(settlements, |it| it.counts))
        .bind(column(settlements, |it| it.ambiguous_since))
        .bind(column(settlements, |it| it.result.as_deref()))
        .bind(column(settlements, |it| it.msgid))
        .bind(column(settlements, |it| it.awaited.as_ref().map(|awaited| awaited.0.as_str())))
        .bind(column(settlements, |it| failure(it).map(|failure| failure.code)))
        .bind(column(settlements, |it| failure(it).and_then(|failure| failure.errcode)))
        .bind(column(settlements, |it| failure(it).map(|failure| failure.message)))
        .bind(column(settlements, |it| rows::history_line(it.attempt.as_ref())))
        .bind(column(settlements, |it| it.callback.as_ref().map(|order| order.url.as_str())))
        .bind(column(settlements, |it| it.callback.as_ref().map(|order| order.endpoint.as_str())))
        .bind(column(settlements, |it| it.callback.as_ref().is_some_and(|order| order.claimed)))
        .fetch_all(pool)
        .await
        .map_err(StoreError::of_statement)?;
    let settled: std::collections::HashSet<i64> = settled.into_iter().collect();
    Ok(settlements
        .iter()
        .map(|it| if settled.contains(&it.claim.job.get()) { Settled::Done } else { Settled::TakenOver })
        .collect())
}

pub(super) async fn held(pool: &PgPool, worker: WorkerId) -> Result<Vec<Claim>, StoreError> {
    let held: Vec<(i64, i32)> =
        sqlx::query_as("SELECT id, claim FROM jobs WHERE worker = $1 AND state = 'running'")
            .bind(worker.0)
            .fetch_all(pool)
            .await
            .map_err(StoreError::of_statement)?;
    held.into_iter().map(rows::claim).collect()
}

pub(super) async fn release(pool: &PgPool, worker: WorkerId, claims: &[Claim]) -> Result<u64, StoreError> {
    let (ids, numbers): (Vec<i64>, Vec<i32>) =
        claims.iter().map(|claim| (claim.job.get(), claim.number)).unzip();
    let released = sqlx::query(
        "UPDATE jobs SET state = 'queued', worker = NULL, attempts = attempts - 1, due_at = now, updated_at = now
         FROM now_ms() AS now, unnest($2::bigint[], $3::int[]) AS lost (id, claim)
         WHERE jobs.id = lost.id AND jobs.claim = lost.claim AND worker = $1 AND state = 'running'",
    )
    .bind(worker.0)
    .bind(ids)
    .bind(numbers)
    .execute(pool)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(released.rows_affected())
}
