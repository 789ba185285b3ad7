//! Storing verified requests.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use wxgate_job::JobState;

use super::batch::{Batch, pieces};
use super::commits::{Commits, Write};
use super::ids::Ids;
use super::{json, sharing};
use crate::accepting::{self, Fresh, Replay, first_of_each_key};
use crate::clock::now_ms;
use crate::error::StoreError;
use crate::model::intake::{Acceptance, FirstClaim, NewJob, ReplayKey};
use crate::model::work::WorkerId;
use crate::rows::job_id;

pub(super) async fn accept(
    commits: &Commits,
    ids: &Ids,
    jobs: &[NewJob],
) -> Result<Vec<Acceptance>, StoreError> {
    let first_id = ids.take(jobs.len()).await?;
    let (fresh, known) = commits.write(Accept { jobs: jobs.to_vec(), first_id }).await?;
    accepting::answers(jobs, fresh, &known)
}

struct Accept {
    jobs: Vec<NewJob>,
    /// The first of as many ids as there are jobs, which nobody else gets.
    first_id: i64,
}

#[async_trait]
impl Write for Accept {
    type Answer = (Fresh, HashMap<ReplayKey, Replay>);

    async fn write(&self, connection: &mut SqliteConnection) -> Result<Self::Answer, sqlx::Error> {
        let first = first_of_each_key(&self.jobs);
        let numbered: Vec<(i64, &NewJob)> = (self.first_id..).zip(first).collect();
        let fresh = store(connection, numbered).await?;
        let known = if fresh.len() == self.jobs.len() {
            HashMap::new()
        } else {
            replays(connection, &self.jobs).await?
        };
        Ok((fresh, known))
    }
}

/// Jobs are tried for a day after they were due, unless their caller set an earlier end.
const DAY_MS: i64 = 86_400_000;

async fn store(
    connection: &mut SqliteConnection,
    mut numbered: Vec<(i64, &NewJob)>,
) -> Result<Fresh, sqlx::Error> {
    let now = now_ms();
    let mut clashes = HashSet::new();
    if !store_all(connection, &numbered, now).await? {
        take_back(connection, &numbered).await?;
        store_keys(connection, &numbered, now).await?;
        let new = new_keys(connection, &numbered).await?;
        numbered.retain(|(id, _)| new.contains(id));
        store_jobs(connection, &numbered, now).await?;
        let stored = stored_jobs(connection, &numbered).await?;
        clashes = numbered.iter().map(|(id, _)| *id).filter(|id| !stored.contains(id)).collect();
    }
    let mut fresh = Fresh::with_capacity(numbered.len());
    for (id, job) in numbered {
        let acceptance = if clashes.contains(&id) {
            resolve_clash(connection, job).await?
        } else {
            sharing::place(connection, job, id).await?;
            let id = job_id(id).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
            match claimed_for(job) {
                Some(_) => {
                    Acceptance::Claimed(id, FirstClaim { at: now, deadline_at: deadline_at(job, now) })
                }
                None => Acceptance::New(id),
            }
        };
        fresh.insert(job.replay_key(), acceptance);
    }
    Ok(fresh)
}

/// Stores replay keys and jobs together, as if nothing of them were known. Whether that was so, as it nearly
/// always is; else what was stored has to be taken back.
async fn store_all(
    connection: &mut SqliteConnection,
    jobs: &[(i64, &NewJob)],
    now: i64,
) -> Result<bool, sqlx::Error> {
    let mut stored = 0;
    for piece in pieces(jobs) {
        let both = jobs_into(keys_into(Batch::default(), piece, now).sql("; "), piece, now);
        stored += both.query()?.execute(&mut *connection).await?.rows_affected();
    }
    Ok(stored == 2 * jobs.len() as u64)
}

async fn take_back(connection: &mut SqliteConnection, jobs: &[(i64, &NewJob)]) -> Result<(), sqlx::Error> {
    let ids: Vec<i64> = jobs.iter().map(|(id, _)| *id).collect();
    sqlx::query("DELETE FROM jobs WHERE id IN (SELECT value FROM json_each($1))")
        .bind(json(&ids))
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "DELETE FROM replays WHERE (client_code, authcode, job_id) IN (
             SELECT value ->> 1, unhex(value ->> 2), value ->> 0 FROM json_each($1))",
    )
    .bind(keys_of(jobs))
    .execute(connection)
    .await
    .map(drop)
}

/// Stores those replay keys that are new, with the ids that the jobs are to have.
async fn store_keys(
    connection: &mut SqliteConnection,
    jobs: &[(i64, &NewJob)],
    now: i64,
) -> Result<(), sqlx::Error> {
    for piece in pieces(jobs) {
        keys_into(Batch::default(), piece, now).query()?.execute(&mut *connection).await?;
    }
    Ok(())
}

fn keys_into(batch: Batch, jobs: &[(i64, &NewJob)], now: i64) -> Batch {
    batch
        .sql("INSERT INTO replays (client_code, authcode, fingerprint, job_id, created_at) SELECT * FROM (")
        .rows(jobs, |row, (id, job)| {
            row.bind(&job.lane.client).bind(&job.authcode).bind(job.fingerprint.as_slice()).bind(id).bind(now)
        })
        .sql(") WHERE column1 IS NOT NULL ON CONFLICT DO NOTHING")
}

/// Ids and replay keys as one JSON text.
fn keys_of(jobs: &[(i64, &NewJob)]) -> String {
    let keys: Vec<(i64, &str, String)> =
        jobs.iter().map(|(id, job)| (*id, job.lane.client.as_str(), hex::encode(&job.authcode))).collect();
    json(&keys)
}

/// Which of the jobs' replay keys were new, by the ids that the jobs are to have.
async fn new_keys(
    connection: &mut SqliteConnection,
    jobs: &[(i64, &NewJob)],
) -> Result<HashSet<i64>, sqlx::Error> {
    let new: Vec<i64> = sqlx::query_scalar(
        "SELECT job_id FROM json_each($1) AS asked
         JOIN replays ON client_code = asked.value ->> 1 AND authcode = unhex(asked.value ->> 2)
         WHERE job_id = asked.value ->> 0",
    )
    .bind(keys_of(jobs))
    .fetch_all(connection)
    .await?;
    Ok(new.into_iter().collect())
}

/// Stores the jobs but for those that meet an older one with the same `request_id`.
async fn store_jobs(
    connection: &mut SqliteConnection,
    jobs: &[(i64, &NewJob)],
    now: i64,
) -> Result<(), sqlx::Error> {
    for piece in pieces(jobs) {
        jobs_into(Batch::default(), piece, now).query()?.execute(&mut *connection).await?;
    }
    Ok(())
}

fn jobs_into(batch: Batch, jobs: &[(i64, &NewJob)], now: i64) -> Batch {
    batch
        .sql(
            "INSERT INTO jobs (id, client_code, app_id, kind, state, payload, subject, request_id, request_digest,
                               callback_url, receipt, created_at, updated_at, due_at, deadline_at, expires,
                               worker, claim, attempts)
             SELECT * FROM (",
        )
        .rows(jobs, |row, (id, job)| {
            let worker = claimed_for(job);
            let state = if worker.is_some() { JobState::Running } else { JobState::Queued };
            let claimed = i32::from(worker.is_some());
            row.bind(id)
                .bind(&job.lane.client)
                .bind(&job.lane.app)
                .bind(job.lane.kind.as_str())
                .bind(state.as_str())
                .bind(&job.payload)
                .bind(&job.subject)
                .bind(job.request.as_ref().map(|request| request.id.as_str()))
                .bind(job.request.as_ref().map(|request| request.digest.as_slice()))
                .bind(job.callback_url.as_deref())
                .bind(job.receipt)
                .bind(now)
                .bind(now)
                .bind(due_at(job, now))
                .bind(deadline_at(job, now))
                .bind(job.expire_at.is_some())
                .bind(worker.map(|worker| worker.0))
                .bind(claimed)
                .bind(claimed)
        })
        .sql(
            ") WHERE column1 IS NOT NULL
             ON CONFLICT (client_code, request_id) WHERE request_id IS NOT NULL DO NOTHING",
        )
}

/// What is shared is left to a claim: it may have to wait for another's end.
fn claimed_for(job: &NewJob) -> Option<WorkerId> {
    job.worker.filter(|_| job.sharing.is_none())
}

fn due_at(job: &NewJob, now: i64) -> i64 {
    job.send_at.unwrap_or(now).max(now)
}

fn deadline_at(job: &NewJob, now: i64) -> i64 {
    job.expire_at.unwrap_or(due_at(job, now) + DAY_MS)
}

/// Which of the jobs are stored.
async fn stored_jobs(
    connection: &mut SqliteConnection,
    jobs: &[(i64, &NewJob)],
) -> Result<HashSet<i64>, sqlx::Error> {
    let ids: Vec<i64> = jobs.iter().map(|(id, _)| *id).collect();
    let stored: Vec<i64> =
        sqlx::query_scalar("SELECT id FROM jobs WHERE id IN (SELECT value FROM json_each($1))")
            .bind(json(&ids))
            .fetch_all(connection)
            .await?;
    Ok(stored.into_iter().collect())
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
