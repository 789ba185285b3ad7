//! Storing verified requests.

use std::collections::HashMap;

use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgPool};

use super::{begin, forget_old, sharing};
use crate::accepting::{self, Fresh, Replay, first_of_each_key};
use crate::error::StoreError;
use crate::model::intake::{Acceptance, NewJob, ReplayKey};
use crate::rows::job_id;

pub(super) async fn accept(pool: &PgPool, jobs: &[NewJob]) -> Result<Vec<Acceptance>, StoreError> {
    let first = first_of_each_key(jobs);
    let in_steps = first.iter().any(|job| job.request.is_some() || job.sharing.is_some());
    let (fresh, known) = if in_steps {
        let mut transaction = begin(pool).await.map_err(StoreError::of_connecting)?;
        let fresh = store_in_steps(&mut transaction, &first).await.map_err(StoreError::of_statement)?;
        let known = replays(&mut transaction, jobs, &fresh).await.map_err(StoreError::of_statement)?;
        transaction.commit().await.map_err(StoreError::of_statement)?;
        (fresh, known)
    } else {
        let mut connection = pool.acquire().await.map_err(StoreError::of_connecting)?;
        let fresh = store(&mut connection, &first).await.map_err(StoreError::of_statement)?.fresh;
        let known = replays(&mut connection, jobs, &fresh).await.map_err(StoreError::of_statement)?;
        (fresh, known)
    };
    accepting::answers(jobs, fresh, &known)
}

/// What one run of the insert did.
struct Stored {
    /// Replay keys that were new, and their jobs.
    fresh: Fresh,
    /// New replay keys whose job met an older one with the same `request_id`.
    clashing: Vec<ReplayKey>,
}

async fn store(connection: &mut PgConnection, jobs: &[&NewJob]) -> Result<Stored, sqlx::Error> {
    let rows = sqlx::query(include_str!("accept.sql"))
        .bind(column(jobs, |job| job.lane.client.as_str()))
        .bind(column(jobs, |job| job.authcode.as_slice()))
        .bind(column(jobs, |job| job.fingerprint.as_slice()))
        .bind(column(jobs, |job| job.lane.app.as_str()))
        .bind(column(jobs, |job| job.lane.kind.as_str()))
        .bind(column(jobs, |job| job.payload.as_str()))
        .bind(column(jobs, |job| job.subject.as_str()))
        .bind(column(jobs, |job| job.request.as_ref().map(|request| request.id.as_str())))
        .bind(column(jobs, |job| job.request.as_ref().map(|request| request.digest.as_slice())))
        .bind(column(jobs, |job| job.callback_url.as_deref()))
        .bind(column(jobs, |job| job.send_at))
        .bind(column(jobs, |job| job.expire_at))
        .bind(column(jobs, |job| job.receipt))
        .fetch_all(connection)
        .await?;
    let mut stored = Stored { fresh: Fresh::with_capacity(rows.len()), clashing: Vec::new() };
    for row in rows {
        let key = ReplayKey { client: row.try_get("client_code")?, authcode: row.try_get("authcode")? };
        if row.try_get("stored")? {
            let id = job_id(row.try_get("job_id")?).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
            stored.fresh.insert(key, Acceptance::New(id));
        } else {
            stored.clashing.push(key);
        }
    }
    Ok(stored)
}

fn column<'a, T>(jobs: &[&'a NewJob], field: impl Fn(&'a NewJob) -> T) -> Vec<T> {
    jobs.iter().map(|job| field(job)).collect()
}

/// As [`store`], for jobs of which some have a `request_id` or share their work.
async fn store_in_steps(connection: &mut PgConnection, jobs: &[&NewJob]) -> Result<Fresh, sqlx::Error> {
    let sharing = jobs.iter().any(|job| job.sharing.is_some());
    if sharing {
        sharing::lock(connection, jobs).await?;
    }
    let Stored { mut fresh, clashing } = store(connection, jobs).await?;
    for key in clashing {
        let acceptance = resolve_clash(connection, jobs, &key).await?;
        fresh.insert(key, acceptance);
    }
    for job in jobs.iter().filter(|_| sharing) {
        if let Some(stored) = fresh.get(&job.replay_key()) {
            sharing::place(connection, job, *stored).await?;
        }
    }
    Ok(fresh)
}

/// Lets a replay key whose `request_id` was taken point at the job that has it, or vanish when that
/// job's content differs.
async fn resolve_clash(
    connection: &mut PgConnection,
    jobs: &[&NewJob],
    key: &ReplayKey,
) -> Result<Acceptance, sqlx::Error> {
    let request = jobs.iter().find(|job| job.replay_key() == *key).and_then(|job| job.request.as_ref());
    let Some(request) = request else { return Err(sqlx::Error::RowNotFound) };
    let (id, digest): (i64, Vec<u8>) =
        sqlx::query_as("SELECT id, request_digest FROM jobs WHERE client_code = $1 AND request_id = $2")
            .bind(&key.client)
            .bind(&request.id)
            .fetch_one(&mut *connection)
            .await?;
    if digest != request.digest {
        sqlx::query("DELETE FROM replays WHERE client_code = $1 AND authcode = $2")
            .bind(&key.client)
            .bind(&key.authcode)
            .execute(connection)
            .await?;
        return Ok(Acceptance::RequestIdTaken);
    }
    sqlx::query("UPDATE replays SET job_id = $3 WHERE client_code = $1 AND authcode = $2")
        .bind(&key.client)
        .bind(&key.authcode)
        .bind(id)
        .execute(connection)
        .await?;
    job_id(id).map(Acceptance::Repeated).map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

/// The replay keys that this call did not store itself.
async fn replays(
    connection: &mut PgConnection,
    jobs: &[NewJob],
    fresh: &Fresh,
) -> Result<HashMap<ReplayKey, Replay>, sqlx::Error> {
    if fresh.len() == jobs.len() {
        return Ok(HashMap::new());
    }
    let (clients, authcodes): (Vec<&str>, Vec<&[u8]>) =
        jobs.iter().map(|job| (job.lane.client.as_str(), job.authcode.as_slice())).unzip();
    let rows = sqlx::query(
        "SELECT client_code, authcode, fingerprint, job_id
         FROM unnest($1::text[], $2::bytea[]) AS asked (client_code, authcode)
         JOIN replays USING (client_code, authcode)",
    )
    .bind(clients)
    .bind(authcodes)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let key = ReplayKey { client: row.try_get("client_code")?, authcode: row.try_get("authcode")? };
            Ok((key, Replay { fingerprint: row.try_get("fingerprint")?, job: row.try_get("job_id")? }))
        })
        .collect()
}

pub(super) async fn recognise(pool: &PgPool, job: &NewJob) -> Result<Option<Acceptance>, StoreError> {
    let mut connection = pool.acquire().await.map_err(StoreError::of_connecting)?;
    let known = replays(&mut connection, std::slice::from_ref(job), &Fresh::new())
        .await
        .map_err(StoreError::of_statement)?;
    let request =
        sqlx::query_as("SELECT id, request_digest FROM jobs WHERE client_code = $1 AND request_id = $2")
            .bind(&job.lane.client)
            .bind(job.request.as_ref().map(|request| request.id.as_str()))
            .fetch_optional(&mut *connection)
            .await
            .map_err(StoreError::of_statement)?;
    accepting::recognised(job, known.get(&job.replay_key()), request)
}

pub(super) const FORGET: &str = "DELETE FROM replays WHERE (client_code, authcode) IN (
    SELECT client_code, authcode FROM replays WHERE created_at < (SELECT now_ms() - $1)
    ORDER BY created_at LIMIT $2)";

pub(super) async fn forget_replays(pool: &PgPool, limit: u32) -> Result<u64, StoreError> {
    forget_old(pool, FORGET, 15 * 60_000, limit).await
}
