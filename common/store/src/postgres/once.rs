//! Requests that are answered at once.

use std::time::Duration;

use sqlx::postgres::PgPool;
use wxgate_job::millis;

use crate::error::StoreError;
use crate::model::intake::ReplayKey;
use crate::model::once::{Once, Turn};
use crate::once_row::OnceRow;

pub(super) async fn begin(
    pool: &PgPool,
    key: &ReplayKey,
    fingerprint: [u8; 16],
    hold: Duration,
) -> Result<Once, StoreError> {
    let taken: Option<(i32, bool)> = sqlx::query_as(
        "INSERT INTO replays AS held (client_code, authcode, fingerprint, created_at, turn, held_until)
         SELECT $1, $2, $3, now, 1, now + $4 FROM now_ms() AS now
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
    .bind(millis(hold))
    .fetch_optional(pool)
    .await
    .map_err(StoreError::of_statement)?;
    let Some((number, lapsed)) = taken else { return standing(pool, key, fingerprint).await };
    let turn = Turn { key: key.clone(), number };
    Ok(if lapsed { Once::AfterLapse(turn) } else { Once::Yours(turn) })
}

async fn standing(pool: &PgPool, key: &ReplayKey, fingerprint: [u8; 16]) -> Result<Once, StoreError> {
    let row: Option<OnceRow> = sqlx::query_as(
        "SELECT fingerprint, job_id, answer FROM replays WHERE client_code = $1 AND authcode = $2",
    )
    .bind(&key.client)
    .bind(&key.authcode)
    .fetch_optional(pool)
    .await
    .map_err(StoreError::of_statement)?;
    // Forgotten since the statement before: free the next time.
    Ok(row.map_or(Once::Busy, |row| row.tell(fingerprint)))
}

pub(super) async fn answer(pool: &PgPool, turn: &Turn, answer: &str) -> Result<bool, StoreError> {
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
    .execute(pool)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(kept.rows_affected() == 1)
}

pub(super) async fn release(pool: &PgPool, turn: &Turn) -> Result<(), StoreError> {
    sqlx::query("UPDATE replays SET held_until = NULL WHERE client_code = $1 AND authcode = $2 AND turn = $3")
        .bind(&turn.key.client)
        .bind(&turn.key.authcode)
        .bind(turn.number)
        .execute(pool)
        .await
        .map(drop)
        .map_err(StoreError::of_statement)
}

pub(super) async fn lapse(pool: &PgPool, turn: &Turn) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE replays SET held_until = 0
         WHERE client_code = $1 AND authcode = $2 AND turn = $3 AND held_until IS NOT NULL",
    )
    .bind(&turn.key.client)
    .bind(&turn.key.authcode)
    .bind(turn.number)
    .execute(pool)
    .await
    .map(drop)
    .map_err(StoreError::of_statement)
}
