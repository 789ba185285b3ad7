//! What operators set: apps, clients, switches. Platforms are in `platforms`.

use std::sync::Arc;

use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgExecutor, PgPool, PgRow};
use wxgate_secret::Keyring;

use super::{PostgresStore, begin};
use crate::directory::Directory;
use crate::directory_rows::{AppRow, ClientRow, ComponentRow, app_query};
use crate::error::StoreError;
use crate::model::operate::{App, Client};
use crate::rows::{self, GateRow};
use crate::sealing::seal_some;

pub(super) async fn revision(pool: &PgPool) -> Result<i64, StoreError> {
    sqlx::query_scalar("SELECT value FROM meta WHERE name = 'revision'")
        .fetch_one(pool)
        .await
        .map_err(StoreError::of_statement)
}

pub(super) async fn bump_revision(executor: impl PgExecutor<'_>) -> Result<(), StoreError> {
    sqlx::query("UPDATE meta SET value = value + 1 WHERE name = 'revision'")
        .execute(executor)
        .await
        .map(drop)
        .map_err(StoreError::of_statement)
}

/// One snapshot: all parts are of the same revision.
pub(super) async fn directory(store: &PostgresStore) -> Result<Directory, StoreError> {
    let mut transaction = begin(&store.pool).await.map_err(StoreError::of_connecting)?;
    let read = read_directory(&mut transaction, &store.keys).await;
    transaction.rollback().await.map_err(StoreError::of_statement)?;
    read
}

async fn read_directory(connection: &mut PgConnection, keys: &Keyring) -> Result<Directory, StoreError> {
    sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        .execute(&mut *connection)
        .await
        .map_err(StoreError::of_statement)?;
    let failed = StoreError::of_statement;
    let revision = sqlx::query_scalar("SELECT value FROM meta WHERE name = 'revision'");
    let revision = revision.fetch_one(&mut *connection).await.map_err(failed)?;
    let apps: Vec<AppRow> = sqlx::query_as(app_query!()).fetch_all(&mut *connection).await.map_err(failed)?;
    let components: Vec<ComponentRow> =
        sqlx::query_as("SELECT * FROM components").fetch_all(&mut *connection).await.map_err(failed)?;
    let clients: Vec<ClientRow> =
        sqlx::query_as("SELECT * FROM clients").fetch_all(&mut *connection).await.map_err(failed)?;
    let gates: Vec<GateRow> =
        sqlx::query_as("SELECT * FROM gates").fetch_all(&mut *connection).await.map_err(failed)?;
    let off =
        sqlx::query("SELECT name FROM interfaces_off").fetch_all(&mut *connection).await.map_err(failed)?;
    let apps = apps.into_iter().map(|row| row.open(keys));
    let components = components.into_iter().map(|row| row.open(keys));
    let clients = clients.into_iter().map(|row| row.open(keys));
    Ok(Directory {
        revision,
        apps: apps.map(|app| app.map(|app| (app.app_id.clone(), Arc::new(app)))).collect::<Result<_, _>>()?,
        components: components
            .map(|component| component.map(|component| (component.appid.clone(), Arc::new(component))))
            .collect::<Result<_, _>>()?,
        clients: clients
            .map(|client| client.map(|client| (client.code.clone(), Arc::new(client))))
            .collect::<Result<_, _>>()?,
        switched_off: off.iter().map(|row: &PgRow| row.get("name")).collect(),
        gates: rows::decode(gates)?,
    })
}

pub(super) async fn put_app(store: &PostgresStore, app: &App) -> Result<(), StoreError> {
    let sealed = |column: &str, secret| seal_some(&store.keys, "apps", &app.app_id, column, secret);
    sqlx::query(
        "WITH changed AS (UPDATE meta SET value = value + 1 WHERE name = 'revision')
         INSERT INTO apps (app_id, enabled, secret, token_mode, event_token, aes_key, component_appid,
                           safe_push_only, rate, concurrency)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (app_id) DO UPDATE
         SET enabled = excluded.enabled, secret = excluded.secret, token_mode = excluded.token_mode,
             event_token = excluded.event_token, aes_key = excluded.aes_key,
             component_appid = excluded.component_appid, safe_push_only = excluded.safe_push_only,
             rate = excluded.rate, concurrency = excluded.concurrency",
    )
    .bind(&app.app_id)
    .bind(app.enabled)
    .bind(sealed("secret", app.secret.as_ref()))
    .bind(app.token.as_str())
    .bind(sealed("event_token", app.event_token.as_ref()))
    .bind(sealed("aes_key", app.aes_key.as_ref()))
    .bind(&app.component_appid)
    .bind(app.safe_push_only)
    .bind(app.rate.map(u32::cast_signed))
    .bind(app.concurrency.map(u32::cast_signed))
    .execute(&store.pool)
    .await
    .map(drop)
    .map_err(StoreError::of_statement)
}

pub(super) async fn remove_app(pool: &PgPool, app_id: &str) -> Result<bool, StoreError> {
    let removed = sqlx::query(
        "WITH authorisation AS (DELETE FROM authorisations WHERE app_id = $1) DELETE FROM apps WHERE app_id = $1",
    )
    .bind(app_id)
    .execute(pool)
    .await;
    let removed = removed.map_err(StoreError::of_statement)?.rows_affected() == 1;
    bump_revision(pool).await?;
    Ok(removed)
}

pub(super) async fn put_client(store: &PostgresStore, client: &Client) -> Result<(), StoreError> {
    let sealed = |column: &str, secret| seal_some(&store.keys, "clients", &client.code, column, secret);
    sqlx::query(
        "WITH changed AS (UPDATE meta SET value = value + 1 WHERE name = 'revision')
         INSERT INTO clients (code, secret, app_id, open, allow, callback_secret, callback_format, signing, on_ambiguity,
                              former_secret, former_secret_until, former_callback_secret, former_callback_secret_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT (code) DO UPDATE
         SET secret = excluded.secret, app_id = excluded.app_id, open = excluded.open, allow = excluded.allow,
             callback_secret = excluded.callback_secret, callback_format = excluded.callback_format,
             signing = excluded.signing, on_ambiguity = excluded.on_ambiguity,
             former_secret = excluded.former_secret, former_secret_until = excluded.former_secret_until,
             former_callback_secret = excluded.former_callback_secret,
             former_callback_secret_until = excluded.former_callback_secret_until",
    )
    .bind(&client.code)
    .bind(sealed("secret", client.secret.as_ref()))
    .bind(&client.app_id)
    .bind(client.open)
    .bind(client.allow.join(","))
    .bind(sealed("callback_secret", client.callback_secret.as_ref()))
    .bind(client.callback_format.as_str())
    .bind(client.signing.as_str())
    .bind(client.on_ambiguity.as_str())
    .bind(sealed("former_secret", client.former_secret.as_ref().map(|former| &former.secret)))
    .bind(client.former_secret.as_ref().map(|former| former.until))
    .bind(sealed("former_callback_secret", client.former_callback_secret.as_ref().map(|former| &former.secret)))
    .bind(client.former_callback_secret.as_ref().map(|former| former.until))
    .execute(&store.pool)
    .await
    .map(drop)
    .map_err(StoreError::of_statement)
}

pub(super) async fn remove_client(pool: &PgPool, code: &str) -> Result<bool, StoreError> {
    let removed = sqlx::query("DELETE FROM clients WHERE code = $1").bind(code).execute(pool).await;
    let removed = removed.map_err(StoreError::of_statement)?.rows_affected() == 1;
    bump_revision(pool).await?;
    Ok(removed)
}

pub(super) async fn switch_interface(pool: &PgPool, name: &str, enabled: bool) -> Result<(), StoreError> {
    let switch = if enabled {
        sqlx::query("DELETE FROM interfaces_off WHERE name = $1")
    } else {
        sqlx::query("INSERT INTO interfaces_off (name) VALUES ($1) ON CONFLICT DO NOTHING")
    };
    switch.bind(name).execute(pool).await.map_err(StoreError::of_statement)?;
    bump_revision(pool).await
}
