//! Requests that are answered at once.

use std::time::Duration;

use sqlx::sqlite::{SqliteConnection, SqlitePool};
use wxgate_job::millis;

use super::{begin as begin_to_write, commit};
use crate::clock::now_ms;
use crate::error::StoreError;
use crate::model::intake::ReplayKey;
use crate::model::once::{Once, Turn};
use crate::once_row::OnceRow;

pub(super) async fn begin(
    writer: &SqlitePool,
    key: &ReplayKey,
    fingerprint: [u8; 16],
    hold: Duration,
) -> Result<Once, StoreError> {
    let mut transaction = begin_to_write(writer).await?;
    let taken = take(&mut transaction, key, fingerprint, hold).await.map_err(StoreError::of_statement)?;
    let once = match taken {
        Some((number, true)) => Once::AfterLapse(Turn { key: key.clone(), number }),
        Some((number, false)) => Once::Yours(Turn { key: key.clone(), number }),
        None => {
            let standing = standing(&mut transaction, key).await.map_err(StoreError::of_statement)?;
            standing.tell(fingerprint)
        }
    };
    commit(transaction).await?;
    Ok(once)
}

/// The turn's number, and whether an earlier turn lapsed.
async fn take(
    connection: &mut SqliteConnection,
    key: &ReplayKey,
    fingerprint: [u8; 16],
    hold: Duration,
) -> Result<Option<(i32, bool)>, sqlx::Error> {
    let now = now_ms();
    sqlx::query_as(
        "INSERT INTO replays AS held (client_code, authcode, fingerprint, created_at, turn, held_until)
         VALUES ($1, $2, $3, $4, 1, $5)
         ON CONFLICT (client_code, authcode) DO UPDATE
         SET turn = held.turn + 1, held_until = excluded.held_until,
             lapsed = held.lapsed OR held.held_until IS NOT NULL
         WHERE held.fingerprint = excluded.fingerprint AND held.job_id IS NULL AND held.answer IS NULL
           AND coalesce(held.held_until <= excluded.created_at, true)
         RETURNING turn, lapsed",
    )
    .bind(&key.client)
    .bind(&key.authcode)
    .bind(fingerprint.as_slice())
    .bind(now)
    .bind(now + millis(hold))
    .fetch_optional(connection)
    .await
}

async fn standing(connection: &mut SqliteConnection, key: &ReplayKey) -> Result<OnceRow, sqlx::Error> {
    sqlx::query_as("SELECT fingerprint, job_id, answer FROM replays WHERE client_code = $1 AND authcode = $2")
        .bind(&key.client)
        .bind(&key.authcode)
        .fetch_one(connection)
        .await
}

pub(super) async fn answer(writer: &SqlitePool, turn: &Turn, answer: &str) -> Result<bool, StoreError> {
    let kept = sqlx::query(
        "UPDATE replays SET answer = $4, held_until = NULL
         WHERE client_code = $1 AND authcode = $2 AND turn = $3
           -- The answer to this very statement may have got lost.
           AND (answer = $4 OR answer IS NULL AND held_until IS NOT NULL)",
    )
    .bind(&turn.key.client)
    .bind(&turn.key.authcode)
    .bind(turn.number)
    .bind(answer)
    .execute(writer)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(kept.rows_affected() == 1)
}

pub(super) async fn release(writer: &SqlitePool, turn: &Turn) -> Result<(), StoreError> {
    sqlx::query("UPDATE replays SET held_until = NULL WHERE client_code = $1 AND authcode = $2 AND turn = $3")
        .bind(&turn.key.client)
        .bind(&turn.key.authcode)
        .bind(turn.number)
        .execute(writer)
        .await
        .map(drop)
        .map_err(StoreError::of_statement)
}

pub(super) async fn lapse(writer: &SqlitePool, turn: &Turn) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE replays SET held_until = 0
         WHERE client_code = $1 AND authcode = $2 AND turn = $3 AND held_until IS NOT NULL",
    )
    .bind(&turn.key.client)
    .bind(&turn.key.authcode)
    .bind(turn.number)
    .execute(writer)
    .await
    .map(drop)
    .map_err(StoreError::of_statement)
}
