//! Storing verified requests.

use std::collections::{HashMap, HashSet};

use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use wxgate_job::JobState;

use super::values::{pieces, statement};
use super::{begin, commit, json, sharing};
use crate::accepting::{self, Fresh, Replay, first_of_each_key};
use crate::clock::now_ms;
use crate::error::StoreError;
use crate::model::intake::{Acceptance, NewJob, ReplayKey};
use crate::rows::job_id;

pub(super) async fn accept(writer: &SqlitePool, jobs: &[NewJob]) -> Result<Vec<Acceptance>, StoreError> {
    let mut transaction = begin(writer).await?;
    let first = first_of_each_key(jobs);
    let fresh = store(&mut transaction, &first).await.map_err(StoreError::of_statement)?;
    let known = if fresh.len() == jobs.len() {
        HashMap::new()
    } else {
        replays(&mut transaction, jobs).await.map_err(StoreError::of_statement)?
    };
    commit(transaction).await?;
    accepting::answers(jobs, fresh, &known)
}

/// Jobs are tried for a day after they were due, unless their caller set an earlier end.
const DAY_MS: i64 = 86_400_000;

async fn store(connection: &mut SqliteConnection, jobs: &[&NewJob]) -> Result<Fresh, sqlx::Error> {
    let now = now_ms();
    let first_id = take_ids(connection, jobs.len()).await?;
    let numbered: Vec<(i64, &NewJob)> = (first_id..).zip(jobs.iter().copied()).collect();
    let new = store_keys(connection, &numbered, now).await?;
    let numbered: Vec<(i64, &NewJob)> = numbered.into_iter().filter(|(id, _)| new.contains(id)).collect();
    let stored = store_jobs(connection, &numbered, now).await?;
    let mut fresh = Fresh::with_capacity(numbered.len());
    for (id, job) in numbered {
        let acceptance = if stored.contains(&id) {
            sharing::place(connection, job, id).await?;
            job_id(id).map(Acceptance::New).map_err(|error| sqlx::Error::Decode(Box::new(error)))?
        } else {
            resolve_clash(connection, job).await?
        };
        fresh.insert(job.replay_key(), acceptance);
    }
    Ok(fresh)
}

/// The first of `count` ids that nobody else gets.
async fn take_ids(connection: &mut SqliteConnection, count: usize) -> Result<i64, sqlx::Error> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let last: i64 =
        sqlx::query_scalar("UPDATE meta SET value = value + $1 WHERE name = 'job_ids' RETURNING value")
            .bind(count)
            .fetch_one(connection)
            .await?;
    Ok(last - count + 1)
}

/// Which of the jobs' replay keys were new, by the ids that the jobs are to have.
async fn store_keys(
    connection: &mut SqliteConnection,
    jobs: &[(i64, &NewJob)],
    now: i64,
) -> Result<HashSet<i64>, sqlx::Error> {
    let mut new = HashSet::with_capacity(jobs.len());
    for piece in pieces(jobs) {
        let mut insert = sqlx::query_scalar::<_, i64>(statement(
            "INSERT INTO replays (client_code, authcode, fingerprint, job_id, created_at) VALUES",
            piece.len(),
            5,
            " ON CONFLICT DO NOTHING RETURNING job_id",
        ));
        for (id, job) in piece {
            insert = insert
                .bind(&job.lane.client)
                .bind(&job.authcode)
                .bind(job.fingerprint.as_slice())
                .bind(id)
                .bind(now);
        }
        new.extend(insert.fetch_all(&mut *connection).await?);
    }
    Ok(new)
}

/// Which of the jobs were stored; the others met an older one with the same `request_id`.
async fn store_jobs(
    connection: &mut SqliteConnection,
    jobs: &[(i64, &NewJob)],
    now: i64,
) -> Result<HashSet<i64>, sqlx::Error> {
    let mut stored = HashSet::with_capacity(jobs.len());
    for piece in pieces(jobs) {
        let mut insert = sqlx::query_scalar::<_, i64>(statement(
            "INSERT INTO jobs (id, client_code, app_id, kind, state, payload, subject, request_id, request_digest,
                               callback_url, receipt, created_at, updated_at, due_at, deadline_at, expires) VALUES",
            piece.len(),
            16,
            " ON CONFLICT (client_code, request_id) WHERE request_id IS NOT NULL DO NOTHING RETURNING id",
        ));
        for (id, job) in piece {
            let due_at = job.send_at.unwrap_or(now).max(now);
            insert = insert
                .bind(id)
                .bind(&job.lane.client)
                .bind(&job.lane.app)
                .bind(job.lane.kind.as_str())
                .bind(JobState::Queued.as_str())
                .bind(&job.payload)
                .bind(&job.subject)
                .bind(job.request.as_ref().map(|request| request.id.as_str()))
                .bind(job.request.as_ref().map(|request| request.digest.as_slice()))
                .bind(job.callback_url.as_deref())
                .bind(job.receipt)
                .bind(now)
                .bind(now)
                .bind(due_at)
                .bind(job.expire_at.unwrap_or(due_at + DAY_MS))
                .bind(job.expire_at.is_some());
        }
        stored.extend(insert.fetch_all(&mut *connection).await?);
    }
    Ok(stored)
}

/// A job whose `request_id` was taken: its replay key points at the job that has it, or vanishes when
/// that job's content differs.
async fn resolve_clash(connection: &mut SqliteConnection, job: &NewJob) -> Result<Acceptance, sqlx::Error> {
    let Some(request) = &job.request else { return Err(sqlx::Error::RowNotFound) };
    let (id, digest): (i64, Vec<u8>) =
        sqlx::query_as("SELECT id, request_digest FROM jobs WHERE client_code = $1 AND request_id = $2")
            .bind(&job.lane.client)
            .bind(&request.id)
            .fetch_one(&mut *connection)
            .await?;
    if digest != request.digest {
        sqlx::query("DELETE FROM replays WHERE client_code = $1 AND authcode = $2")
            .bind(&job.lane.client)
            .bind(&job.authcode)
            .execute(connection)
            .await?;
        return Ok(Acceptance::RequestIdTaken);
    }
    sqlx::query("UPDATE replays SET job_id = $3 WHERE client_code = $1 AND authcode = $2")
        .bind(&job.lane.client)
        .bind(&job.authcode)
        .bind(id)
        .execute(connection)
        .await?;
    job_id(id).map(Acceptance::Repeated).map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

/// What the jobs' replay keys stand for now.
async fn replays(
    connection: &mut SqliteConnection,
    jobs: &[NewJob],
) -> Result<HashMap<ReplayKey, Replay>, sqlx::Error> {
    let keys: Vec<(&str, String)> =
        jobs.iter().map(|job| (job.lane.client.as_str(), hex::encode(&job.authcode))).collect();
    let rows = sqlx::query(
        "SELECT client_code, authcode, fingerprint, job_id FROM json_each($1) AS asked
         JOIN replays ON client_code = asked.value ->> 0 AND authcode = unhex(asked.value ->> 1)",
    )
    .bind(json(&keys))
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let key = ReplayKey { client: row.try_get("client_code")?, authcode: row.try_get("authcode")? };
            Ok((key, Replay { fingerprint: row.try_get("fingerprint")?, job: row.try_get("job_id")? }))
        })
        .collect()
}

pub(super) async fn recognise(readers: &SqlitePool, job: &NewJob) -> Result<Option<Acceptance>, StoreError> {
    let mut connection = readers.acquire().await.map_err(StoreError::of_connecting)?;
    let known =
        replays(&mut connection, std::slice::from_ref(job)).await.map_err(StoreError::of_statement)?;
    let request =
        sqlx::query_as("SELECT id, request_digest FROM jobs WHERE client_code = $1 AND request_id = $2")
            .bind(&job.lane.client)
            .bind(job.request.as_ref().map(|request| request.id.as_str()))
            .fetch_optional(&mut *connection)
            .await
            .map_err(StoreError::of_statement)?;
    accepting::recognised(job, known.get(&job.replay_key()), request)
}

pub(super) async fn forget_replays(writer: &SqlitePool, limit: u32) -> Result<u64, StoreError> {
    let forgotten = sqlx::query(
        "DELETE FROM replays WHERE (client_code, authcode) IN (
             SELECT client_code, authcode FROM replays WHERE created_at < $1 ORDER BY created_at LIMIT $2)",
    )
    .bind(now_ms() - 900_000)
    .bind(limit)
    .execute(writer)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(forgotten.rows_affected())
}
