//! Springboards and the logins made through them.

use std::time::Duration;

use sqlx::sqlite::{SqliteConnection, SqlitePool};
use wxgate_job::millis;
use wxgate_secret::Keyring;

use super::{SqliteStore, begin, commit, write_one};
use crate::clock::now_ms;
use crate::error::StoreError;
use crate::model::springboard::{Login, LoginEnd, Purpose, Springboard};
use crate::springboard_rows::{KEPT_MS, LoginRow, SpringboardRow, purpose_text, seal_user};

pub(super) async fn put(store: &SqliteStore, board: &Springboard) -> Result<(), StoreError> {
    let mut connection = store.writer.acquire().await.map_err(StoreError::of_connecting)?;
    insert(&mut connection, &store.keys, board).await.map_err(StoreError::of_statement)
}

/// A key that is there already is this call's own, whose answer got lost: keys are random.
async fn insert(
    connection: &mut SqliteConnection,
    keys: &Keyring,
    board: &Springboard,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO springboards (key, client_code, app_id, purpose, user_data, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(&board.key)
    .bind(&board.client)
    .bind(&board.app)
    .bind(purpose_text(&board.purpose))
    .bind(board.user.as_ref().map(|user| seal_user(keys, &board.key, user)))
    .bind(now_ms())
    .execute(connection)
    .await
    .map(drop)
}

pub(super) async fn get(store: &SqliteStore, key: &str) -> Result<Option<Springboard>, StoreError> {
    let row: Option<SpringboardRow> = sqlx::query_as(
        "SELECT key, client_code, app_id, purpose, user_data FROM springboards
         WHERE key = $1 AND created_at > $2",
    )
    .bind(key)
    .bind(now_ms() - KEPT_MS)
    .fetch_optional(&store.readers)
    .await
    .map_err(StoreError::of_statement)?;
    row.map(|row| row.open(&store.keys)).transpose()
}

pub(super) async fn set_user(
    store: &SqliteStore,
    client: &str,
    key: &str,
    user: &str,
) -> Result<bool, StoreError> {
    let set = sqlx::query(
        "UPDATE springboards SET user_data = $3
         WHERE key = $1 AND client_code = $2 AND created_at > $4",
    )
    .bind(key)
    .bind(client)
    .bind(seal_user(&store.keys, key, user))
    .bind(now_ms() - KEPT_MS)
    .execute(&store.writer)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(set.rows_affected() == 1)
}

pub(super) async fn begin_login(
    store: &SqliteStore,
    state: &str,
    code: &str,
    hold: Duration,
) -> Result<Login, StoreError> {
    let now = now_ms();
    let take = sqlx::query_as::<_, SpringboardRow>(
        "UPDATE springboards SET code = $2, held_until = $3 + $4
         WHERE key = $1 AND created_at > $3 - $5 AND purpose ->> 'purpose' = 'login'
           AND finished_at IS NULL AND coalesce(held_until <= $3, true)
         RETURNING key, client_code, app_id, purpose, user_data",
    )
    .bind(state)
    .bind(code)
    .bind(now)
    .bind(millis(hold))
    .bind(KEPT_MS);
    match write_one(&store.writer, take).await? {
        Some(row) => Ok(Login::Yours(Box::new(row.open(&store.keys)?))),
        None => standing(&store.readers, state, code).await,
    }
}

async fn standing(readers: &SqlitePool, state: &str, code: &str) -> Result<Login, StoreError> {
    let row: Option<LoginRow> = sqlx::query_as(
        "SELECT purpose ->> 'purpose' = 'login' AS is_login, code, finished_at, redirect, $2 AS now
         FROM springboards WHERE key = $1 AND created_at > $2 - $3",
    )
    .bind(state)
    .bind(now_ms())
    .bind(KEPT_MS)
    .fetch_optional(readers)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(row.map_or(Login::Unknown, |row| row.tell(code)))
}

pub(super) async fn finish_login(
    store: &SqliteStore,
    state: &str,
    code: &str,
    end: &LoginEnd,
) -> Result<(), StoreError> {
    let mut transaction = begin(&store.writer).await?;
    finish_in(&mut transaction, &store.keys, state, code, end).await.map_err(StoreError::of_statement)?;
    commit(transaction).await
}

async fn finish_in(
    connection: &mut SqliteConnection,
    keys: &Keyring,
    state: &str,
    code: &str,
    end: &LoginEnd,
) -> Result<(), sqlx::Error> {
    let own = end.bound.is_none().then(|| seal_user(keys, state, &end.user));
    let finished: Option<(String, String)> = sqlx::query_as(
        "UPDATE springboards SET finished_at = $5, held_until = NULL, redirect = $3,
             user_data = coalesce($4, user_data)
         WHERE key = $1 AND code = $2 AND finished_at IS NULL
         RETURNING client_code, app_id",
    )
    .bind(state)
    .bind(code)
    .bind(&end.redirect)
    .bind(own)
    .bind(now_ms())
    .fetch_optional(&mut *connection)
    .await?;
    if let (Some((client, app)), Some(key)) = (finished, end.bound.clone()) {
        let user = Some(end.user.clone());
        let bound = Springboard { key, client, app, purpose: Purpose::Bound, user };
        insert(connection, keys, &bound).await?;
    }
    Ok(())
}

pub(super) async fn release_login(writer: &SqlitePool, state: &str, code: &str) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE springboards SET held_until = NULL WHERE key = $1 AND code = $2 AND finished_at IS NULL",
    )
    .bind(state)
    .bind(code)
    .execute(writer)
    .await
    .map(drop)
    .map_err(StoreError::of_statement)
}

pub(super) async fn forget(writer: &SqlitePool, limit: u32) -> Result<u64, StoreError> {
    let forgotten = sqlx::query(
        "DELETE FROM springboards WHERE key IN (
             SELECT key FROM springboards WHERE created_at <= $1 ORDER BY created_at LIMIT $2)",
    )
    .bind(now_ms() - KEPT_MS)
    .bind(limit)
    .execute(writer)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(forgotten.rows_affected())
}
