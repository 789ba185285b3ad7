//! Searching for jobs.

use sqlx::QueryBuilder;
use sqlx::postgres::{PgPool, Postgres};
use wxgate_job::JobId;

use crate::error::StoreError;
use crate::model::insight::JobPage;
use crate::model::operate::JobFilter;
use crate::rows::{self, ViewRow};
use crate::search::statement::{Statement, Words};
use crate::search::{self, Among, FEW, Ids};

pub(super) static WORDS: Words = Words {
    views: "SELECT id, client_code, app_id, kind, page.state, page.attempts, page.created_at, page.updated_at, page.due_at,
                result, error_code, error_errcode, error_message,
                -- A callback to come has no row yet.
                coalesce(callback.state, CASE WHEN callback_url IS NOT NULL THEN 'queued' END) AS callback_state,
                callback.attempts AS callback_attempts, callback.last_status AS callback_last_status
            FROM",
    callbacks: "LEFT JOIN LATERAL (
                    SELECT state, attempts, last_status FROM callbacks WHERE job_id = id ORDER BY updated_at DESC LIMIT 1
                ) AS callback ON true",
    errcode: "coalesce(error_errcode, 0)",
    running: "id = ANY (ARRAY(SELECT id FROM jobs WHERE state = 'running'))",
    open: "id = ANY (ARRAY(SELECT id FROM jobs WHERE state IN ('queued', 'waiting')))",
};

pub(super) async fn list_jobs(pool: &PgPool, filter: &JobFilter) -> Result<JobPage, StoreError> {
    let before = filter.before.map_or(JobId::MAX, JobId::get);
    let Some(top) = newest(pool, Ids { from: 0, below: before }).await? else {
        return Ok(JobPage::default());
    };
    let ids = search::ids(filter, top, |id| first_from(pool, id)).await?;
    let statement = Statement { words: &WORDS, filter, among: among(pool, filter).await? };
    let (reach, more) = reach(pool, &statement, ids).await?;
    let rows: Vec<ViewRow> = statement
        .page::<Postgres>(reach)
        .build_query_as()
        .fetch_all(pool)
        .await
        .map_err(StoreError::of_statement)?;
    search::page(rows::decode(rows)?, filter.limit, more.then_some(reach.from))
}

/// The ids that this page looks at, and whether there are jobs before.
async fn reach(pool: &PgPool, statement: &Statement<'_>, ids: Ids) -> Result<(Ids, bool), StoreError> {
    match statement.among {
        Among::All => {
            let older = newest(pool, ids.before(ids.last())).await?;
            Ok((ids.last().after(older), older.is_some()))
        }
        Among::Subject | Among::Cause | Among::CameToNothing => {
            let mut query: QueryBuilder<Postgres> = statement.too_many(ids);
            let found = query.build_query_scalar().fetch_optional(pool).await;
            let too_many: Option<i64> = found.map_err(StoreError::of_statement)?;
            Ok((ids.after(too_many), too_many.is_some()))
        }
        Among::Running | Among::Open => Ok((ids, false)),
    }
}

async fn among(pool: &PgPool, filter: &JobFilter) -> Result<Among, StoreError> {
    let among = Among::of(filter);
    if among != Among::Open {
        return Ok(among);
    }
    let open: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM (SELECT FROM jobs WHERE state IN ('queued', 'waiting') LIMIT $1) AS open",
    )
    .bind(FEW)
    .fetch_one(pool)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(if open < FEW { Among::Open } else { Among::All })
}

async fn newest(pool: &PgPool, ids: Ids) -> Result<Option<i64>, StoreError> {
    sqlx::query_scalar("SELECT max(id) FROM jobs WHERE id >= $1 AND id < $2")
        .bind(ids.from)
        .bind(ids.below)
        .fetch_one(pool)
        .await
        .map_err(StoreError::of_statement)
}

async fn first_from(pool: &PgPool, id: i64) -> Result<Option<(i64, i64)>, StoreError> {
    sqlx::query_as("SELECT id, created_at FROM jobs WHERE id >= $1 ORDER BY id LIMIT 1")
        .bind(id)
        .fetch_optional(pool)
        .await
        .map_err(StoreError::of_statement)
}
