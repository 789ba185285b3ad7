//! Work that is done once for all who ask for it. Whoever writes is alone, so one leader is certain.

use sqlx::sqlite::SqliteConnection;

use crate::clock::now_ms;
use crate::model::intake::NewJob;
use crate::sharing::{LAST_LEADER, LeaderRow, Place};

/// Finds a new job's place, if it shares its work.
pub(super) async fn place(
    connection: &mut SqliteConnection,
    job: &NewJob,
    id: i64,
) -> Result<(), sqlx::Error> {
    let Some(sharing) = job.sharing.as_deref() else { return Ok(()) };
    let last: Option<LeaderRow> =
        sqlx::query_as(LAST_LEADER).bind(sharing).fetch_optional(&mut *connection).await?;
    let place = Place::after(last, sharing);
    sqlx::query(
        "UPDATE jobs SET sharing = $2, leader = $3, report = $4,
             state = iif($5, 'waiting', state), due_at = iif($5, deadline_at, due_at)
         WHERE id = $1",
    )
    .bind(id)
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
pub(super) async fn wake_followers(
    connection: &mut SqliteConnection,
    limit: u32,
) -> Result<u64, sqlx::Error> {
    let now = now_ms();
    // The cross joins keep the planner to the few jobs that follow, and from all that have ended.
    let told = sqlx::query(
        "UPDATE jobs SET report = ended.report, due_at = $1, updated_at = $1
         FROM (
             SELECT follower.id AS id, CASE leader.state
                 WHEN 'succeeded' THEN json_object('succeeded', coalesce(leader.result, 'null'))
                 ELSE json_object('failed', json_object(
                     'code', leader.error_code, 'errcode', leader.error_errcode,
                     'message', coalesce(leader.error_message, '')))
                 END AS report
             FROM jobs AS follower CROSS JOIN jobs AS leader ON leader.id = follower.leader
             WHERE follower.leader IS NOT NULL AND follower.report IS NULL AND follower.state = 'waiting'
               AND leader.state IN ('succeeded', 'failed')
             LIMIT $2) AS ended
         WHERE jobs.id = ended.id",
    )
    .bind(now)
    .bind(limit)
    .execute(&mut *connection)
    .await?;
    let led = sqlx::query(
        // All who follow one leader at once, so that they follow one heir; whoever comes after them follows
        // it, too.
        "WITH leaders AS MATERIALIZED (
             SELECT DISTINCT leader.id AS id, leader.sharing AS sharing
             FROM jobs AS follower CROSS JOIN jobs AS leader ON leader.id = follower.leader
             WHERE follower.leader IS NOT NULL AND follower.report IS NULL AND follower.state = 'waiting'
               AND leader.state = 'cancelled'
             LIMIT $2),
         orphans AS MATERIALIZED (
             SELECT follower.id AS id, follower.leader AS leader, leaders.sharing AS sharing
             FROM leaders CROSS JOIN jobs AS follower ON follower.leader = leaders.id
             WHERE follower.leader IS NOT NULL AND follower.report IS NULL AND follower.state = 'waiting'),
         heirs AS MATERIALIZED (
             SELECT leader, coalesce((
                 SELECT id FROM jobs
                 WHERE jobs.sharing = orphans.sharing AND jobs.state NOT IN ('failed', 'cancelled')
                 ORDER BY id DESC LIMIT 1), min(id)) AS id
             FROM orphans GROUP BY leader)
         UPDATE jobs
         SET leader = iif(jobs.id = heirs.id, NULL, heirs.id),
             sharing = iif(jobs.id = heirs.id, orphans.sharing, NULL),
             state = iif(jobs.id = heirs.id, 'queued', jobs.state),
             due_at = iif(jobs.id = heirs.id, $1, jobs.due_at),
             updated_at = $1
         FROM orphans JOIN heirs USING (leader) WHERE jobs.id = orphans.id",
    )
    .bind(now)
    .bind(limit)
    .execute(connection)
    .await?;
    Ok(told.rows_affected() + led.rows_affected())
}
