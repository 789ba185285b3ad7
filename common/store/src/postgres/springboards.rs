//! Springboards and the logins made through them.

use std::time::Duration;

use sqlx::postgres::{PgConnection, PgPool};
use wxgate_job::millis;
use wxgate_secret::Keyring;

use super::{PostgresStore, begin, forget_old};
use crate::error::StoreError;
use crate::model::springboard::{Login, LoginEnd, Purpose, Springboard};
use crate::springboard_rows::{KEPT_MS, LoginRow, SpringboardRow, purpose_text, seal_user};

pub(super) async fn put(store: &PostgresStore, board: &Springboard) -> Result<(), StoreError> {
    let mut connection = store.pool.acquire().await.map_err(StoreError::of_connecting)?;
    insert(&mut connection, &store.keys, board).await.map_err(StoreError::of_statement)
}

/// A key that is there already is this call's own, whose answer got lost: keys are random.
async fn insert(
    connection: &mut PgConnection,
    keys: &Keyring,
    board: &Springboard,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO springboards (key, client_code, app_id, purpose, user_data, created_at)
         VALUES ($1, $2, $3, $4, $5, now_ms()) ON CONFLICT DO NOTHING",
    )
    .bind(&board.key)
    .bind(&board.client)
    .bind(&board.app)
    .bind(purpose_text(&board.purpose))
    .bind(board.user.as_ref().map(|user| seal_user(keys, &board.key, user)))
    .execute(connection)
    .await
    .map(drop)
}

pub(super) async fn get(store: &PostgresStore, key: &str) -> Result<Option<Springboard>, StoreError> {
    let row: Option<SpringboardRow> = sqlx::query_as(
        "SELECT key, client_code, app_id, purpose, user_data FROM springboards
         WHERE key = $1 AND created_at > now_ms() - $2",
    )
    .bind(key)
    .bind(KEPT_MS)
    .fetch_optional(&store.pool)
    .await
    .map_err(StoreError::of_statement)?;
    row.map(|row| row.open(&store.keys)).transpose()
}

pub(super) async fn set_user(
    store: &PostgresStore,
    client: &str,
    key: &str,
    user: &str,
) -> Result<bool, StoreError> {
    let set = sqlx::query(
        "UPDATE springboards SET user_data = $3
         WHERE key = $1 AND client_code = $2 AND created_at > now_ms() - $4",
    )
    .bind(key)
    .bind(client)
    .bind(seal_user(&store.keys, key, user))
    .bind(KEPT_MS)
    .execute(&store.pool)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(set.rows_affected() == 1)
}

pub(super) async fn begin_login(
    store: &PostgresStore,
    state: &str,
    code: &str,
    hold: Duration,
) -> Result<Login, StoreError> {
    let taken: Option<SpringboardRow> = sqlx::query_as(
        "UPDATE springboards SET code = $2, held_until = now + $3 FROM now_ms() AS now
         WHERE key = $1 AND created_at > now - $4 AND purpose::json ->> 'purpose' = 'login'
           AND finished_at IS NULL AND coalesce(held_until <= now, true)
         RETURNING key, client_code, app_id, purpose, user_data",
    )
    .bind(state)
    .bind(code)
    .bind(millis(hold))
    .bind(KEPT_MS)
    .fetch_optional(&store.pool)
    .await
    .map_err(StoreError::of_statement)?;
    match taken {
        Some(row) => Ok(Login::Yours(Box::new(row.open(&store.keys)?))),
        None => standing(&store.pool, state, code).await,
    }
}

async fn standing(pool: &PgPool, state: &str, code: &str) -> Result<Login, StoreError> {
    let row: Option<LoginRow> = sqlx::query_as(
        "SELECT purpose::json ->> 'purpose' = 'login' AS is_login, code, finished_at, redirect, now
         FROM springboards, now_ms() AS now WHERE key = $1 AND created_at > now - $2",
    )
    .bind(state)
    .bind(KEPT_MS)
    .fetch_optional(pool)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(row.map_or(Login::Unknown, |row| row.tell(code)))
}

pub(super) async fn finish_login(
    store: &PostgresStore,
    state: &str,
    code: &str,
    end: &LoginEnd,
) -> Result<(), StoreError> {
    let mut transaction = begin(&store.pool).await.map_err(StoreError::of_connecting)?;
    finish_in(&mut transaction, &store.keys, state, code, end).await.map_err(StoreError::of_statement)?;
    transaction.commit().await.map_err(StoreError::of_statement)
}

async fn finish_in(
    connection: &mut PgConnection,
    keys: &Keyring,
    state: &str,
    code: &str,
    end: &LoginEnd,
) -> Result<(), sqlx::Error> {
    let own = end.bound.is_none().then(|| seal_user(keys, state, &end.user));
    let finished: Option<(String, String)> = sqlx::query_as(
        "UPDATE springboards SET finished_at = now_ms(), held_until = NULL, redirect = $3,
             user_data = coalesce($4, user_data)
         WHERE key = $1 AND code = $2 AND finished_at IS NULL
         RETURNING client_code, app_id",
    )
    .bind(state)
    .bind(code)
    .bind(&end.redirect)
    .bind(own)
    .fetch_optional(&mut *connection)
    .await?;
    if let (Some((client, app)), Some(key)) = (finished, end.bound.clone()) {
        let user = Some(end.user.clone());
        let bound = Springboard { key, client, app, purpose: Purpose::Bound, user };
        insert(connection, keys, &bound).await?;
    }
    Ok(())
}

pub(super) async fn release_login(pool: &PgPool, state: &str, code: &str) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE springboards SET held_until = NULL WHERE key = $1 AND code = $2 AND finished_at IS NULL",
    )
    .bind(state)
    .bind(code)
    .execute(pool)
    .await
    .map(drop)
    .map_err(StoreError::of_statement)
}

pub(super) const FORGET: &str = "DELETE FROM springboards WHERE key IN (
    SELECT key FROM springboards WHERE created_at <= (SELECT now_ms() - $1) ORDER BY created_at LIMIT $2)";

pub(super) async fn forget(pool: &PgPool, limit: u32) -> Result<u64, StoreError> {
    forget_old(pool, FORGET, KEPT_MS, limit).await
}
