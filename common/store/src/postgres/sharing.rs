//! Work that is done once for all who ask for it.

use sqlx::postgres::PgConnection;

use crate::model::intake::{Acceptance, NewJob};
use crate::sharing::{LAST_LEADER, LeaderRow, Place, names};

/// Lets one transaction at a time find a place for jobs that share this work, so that exactly one of
/// them leads. Comes before all else in its transaction, and in the same order everywhere.
pub(super) async fn lock(connection: &mut PgConnection, jobs: &[&NewJob]) -> Result<(), sqlx::Error> {
    sqlx::query(
        "SELECT pg_advisory_xact_lock(hashtextextended('sharing:' || name, 0)) FROM unnest($1::text[]) AS name",
    )
    .bind(names(jobs))
    .execute(connection)
    .await
    .map(drop)
}

/// Finds a new job's place, if it shares its work.
pub(super) async fn place(
    connection: &mut PgConnection,
    job: &NewJob,
    stored: Acceptance,
) -> Result<(), sqlx::Error> {
    let (Some(sharing), Acceptance::New(id)) = (job.sharing.as_deref(), stored) else { return Ok(()) };
    let last: Option<LeaderRow> =
        sqlx::query_as(LAST_LEADER).bind(sharing).fetch_optional(&mut *connection).await?;
    let place = Place::after(last, sharing);
    sqlx::query(
        "UPDATE jobs SET sharing = $2, leader = $3, report = $4,
             state = CASE WHEN $5 THEN 'waiting' ELSE state END, due_at = CASE WHEN $5 THEN deadline_at ELSE due_at END
         WHERE id = $1",
    )
    .bind(id.get())
    .bind(place.sharing)
    .bind(place.leader)
    .bind(place.report.as_deref())
    .bind(place.waits())
    .execute(connection)
    .await
    .map(drop)
}

/// Tells up to `limit` followers of their leaders' ends, which makes them due. The first follower of a
/// cancelled leader leads in its place.
pub(super) async fn wake_followers(connection: &mut PgConnection, limit: u32) -> Result<u64, sqlx::Error> {
    // The limits inside keep the planner to the few jobs that follow, and from all that have ended.
    let told = sqlx::query(
        "WITH ended AS (
             SELECT follower.id, leader.report
             FROM jobs AS follower, LATERAL (
                 SELECT CASE state
                     WHEN 'succeeded' THEN json_build_object('succeeded', coalesce(result, 'null'))
                     ELSE json_build_object('failed', json_build_object(
                         'code', error_code, 'errcode', error_errcode, 'message', coalesce(error_message, '')))
                     END::text AS report
                 FROM jobs WHERE id = follower.leader AND state IN ('succeeded', 'failed') LIMIT 1) AS leader
             WHERE follower.leader IS NOT NULL AND follower.report IS NULL AND follower.state = 'waiting'
             LIMIT $1
             FOR UPDATE OF follower SKIP LOCKED)
         UPDATE jobs SET report = ended.report, due_at = now, updated_at = now
         FROM ended, now_ms() AS now WHERE jobs.id = ended.id",
    )
    .bind(i64::from(limit))
    .execute(&mut *connection)
    .await?;
    // One worker at a time: the followers of one leader follow one heir.
    let alone: bool = sqlx::query_scalar("SELECT pg_try_advisory_xact_lock(hashtextextended('sharing', 0))")
        .fetch_one(&mut *connection)
        .await?;
    if !alone {
        return Ok(told.rows_affected());
    }
    let led = sqlx::query(
        // All who follow one leader at once; whoever comes after them follows their heir, too.
        "WITH leaders AS (
             SELECT DISTINCT leader.id, leader.sharing
             FROM jobs AS follower, LATERAL (
                 SELECT id, sharing FROM jobs WHERE id = follower.leader AND state = 'cancelled' LIMIT 1) AS leader
             WHERE follower.leader IS NOT NULL AND follower.report IS NULL AND follower.state = 'waiting'
             LIMIT $1),
         orphans AS (
             SELECT follower.id, follower.leader, leaders.sharing
             FROM leaders JOIN jobs AS follower ON follower.leader = leaders.id
             WHERE follower.leader IS NOT NULL AND follower.report IS NULL AND follower.state = 'waiting'
             FOR UPDATE OF follower),
         heirs AS (
             SELECT leader, coalesce((
                 SELECT id FROM jobs
                 WHERE jobs.sharing = orphans.sharing AND jobs.state NOT IN ('failed', 'cancelled')
                 ORDER BY id DESC LIMIT 1), min(id)) AS id
             FROM orphans GROUP BY leader, sharing)
         UPDATE jobs
         SET leader = CASE WHEN jobs.id <> heirs.id THEN heirs.id END,
             sharing = CASE WHEN jobs.id = heirs.id THEN orphans.sharing END,
             state = CASE WHEN jobs.id = heirs.id THEN 'queued' ELSE jobs.state END,
             due_at = CASE WHEN jobs.id = heirs.id THEN now ELSE jobs.due_at END,
             updated_at = now
         FROM orphans JOIN heirs USING (leader), now_ms() AS now WHERE jobs.id = orphans.id",
    )
    .bind(i64::from(limit))
    .execute(connection)
    .await?;
    Ok(told.rows_affected() + led.rows_affected())
}
