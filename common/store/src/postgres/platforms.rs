//! Third-party platforms and the apps that have authorised them.

use sqlx::postgres::{PgConnection, PgPool};
use wxgate_secret::{Keyring, Secret};
use wxgate_token::TokenKey;

use super::{PostgresStore, begin, settings, tokens};
use crate::error::StoreError;
use crate::model::operate::TokenMode;
use crate::model::platform::Component;
use crate::sealing::{open_some, seal};

pub(super) async fn put(store: &PostgresStore, component: &Component) -> Result<(), StoreError> {
    let sealed = |column: &str, secret| seal(&store.keys, "components", &component.appid, column, secret);
    sqlx::query(
        "WITH changed AS (UPDATE meta SET value = value + 1 WHERE name = 'revision')
         INSERT INTO components (appid, secret, token, aes_key) VALUES ($1, $2, $3, $4)
         ON CONFLICT (appid) DO UPDATE
         SET secret = excluded.secret, token = excluded.token, aes_key = excluded.aes_key",
    )
    .bind(&component.appid)
    .bind(sealed("secret", &component.secret))
    .bind(sealed("token", &component.token))
    .bind(sealed("aes_key", &component.aes_key))
    .execute(&store.pool)
    .await
    .map(drop)
    .map_err(StoreError::of_statement)
}

pub(super) async fn remove(pool: &PgPool, appid: &str) -> Result<bool, StoreError> {
    let removed = sqlx::query("DELETE FROM components WHERE appid = $1").bind(appid).execute(pool).await;
    let removed = removed.map_err(StoreError::of_statement)?.rows_affected() == 1;
    settings::bump_revision(pool).await?;
    Ok(removed)
}

pub(super) async fn put_ticket(
    store: &PostgresStore,
    component: &str,
    ticket: &Secret,
    created_at: i64,
) -> Result<bool, StoreError> {
    sqlx::query_scalar(
        "WITH kept AS (
             UPDATE components SET verify_ticket = $2, verify_ticket_created_at = $3
             WHERE appid = $1 AND coalesce(verify_ticket_created_at <= $3, true) RETURNING 1),
         changed AS (
             UPDATE meta SET value = value + 1 WHERE name = 'revision' AND EXISTS (SELECT FROM kept))
         SELECT EXISTS (SELECT FROM components WHERE appid = $1)",
    )
    .bind(component)
    .bind(seal(&store.keys, "components", component, "verify_ticket", ticket))
    .bind(created_at)
    .fetch_one(&store.pool)
    .await
    .map_err(StoreError::of_statement)
}

pub(super) async fn ticket(store: &PostgresStore, component: &str) -> Result<Option<Secret>, StoreError> {
    let sealed: Option<Option<Vec<u8>>> =
        sqlx::query_scalar("SELECT verify_ticket FROM components WHERE appid = $1")
            .bind(component)
            .fetch_optional(&store.pool)
            .await
            .map_err(StoreError::of_statement)?;
    open_some(&store.keys, "components", component, "verify_ticket", sealed.flatten())
}

pub(super) async fn authorise(
    store: &PostgresStore,
    app: &str,
    component: &str,
    refresh_token: &Secret,
    authorised_at: Option<i64>,
) -> Result<(), StoreError> {
    let sealed = seal(&store.keys, "authorisations", app, "refresh_token", refresh_token);
    let mut transaction = begin(&store.pool).await.map_err(StoreError::of_connecting)?;
    tokens::supersede(&mut transaction, &TokenKey::access(app)).await.map_err(StoreError::of_statement)?;
    authorise_in(&mut transaction, app, component, sealed, authorised_at)
        .await
        .map_err(StoreError::of_statement)?;
    settings::bump_revision(&mut *transaction).await?;
    transaction.commit().await.map_err(StoreError::of_statement)
}

/// Also lets the app's suspended jobs go: what they were refused for may be mended.
async fn authorise_in(
    connection: &mut PgConnection,
    app: &str,
    component: &str,
    sealed: Vec<u8>,
    authorised_at: Option<i64>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO apps (app_id, enabled, token_mode, component_appid, safe_push_only)
         VALUES ($1, true, $3, $2, false)
         ON CONFLICT (app_id) DO UPDATE SET component_appid = excluded.component_appid",
    )
    .bind(app)
    .bind(component)
    .bind(TokenMode::default().as_str())
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO authorisations AS known (app_id, component_appid, refresh_token, authorised_at)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (app_id) DO UPDATE
         SET component_appid = excluded.component_appid, refresh_token = excluded.refresh_token,
             authorised_at = CASE
                 WHEN known.component_appid = excluded.component_appid
                     AND known.authorised_at > excluded.authorised_at THEN known.authorised_at
                 ELSE excluded.authorised_at END",
    )
    .bind(app)
    .bind(component)
    .bind(sealed)
    .bind(authorised_at)
    .execute(&mut *connection)
    .await?;
    sqlx::query("DELETE FROM gates WHERE app_id = $1 AND reason = 'suspended'")
        .bind(app)
        .execute(connection)
        .await
        .map(drop)
}

pub(super) async fn withdraw(
    store: &PostgresStore,
    app: &str,
    component: &str,
    withdrawn_at: i64,
) -> Result<bool, StoreError> {
    let mut transaction = begin(&store.pool).await.map_err(StoreError::of_connecting)?;
    tokens::supersede(&mut transaction, &TokenKey::access(app)).await.map_err(StoreError::of_statement)?;
    let withdrawn = sqlx::query(
        "DELETE FROM authorisations
         WHERE app_id = $1 AND component_appid = $2 AND coalesce(authorised_at <= $3, true)",
    )
    .bind(app)
    .bind(component)
    .bind(withdrawn_at)
    .execute(&mut *transaction)
    .await
    .map_err(StoreError::of_statement)?;
    if withdrawn.rows_affected() == 0 {
        transaction.rollback().await.map_err(StoreError::of_statement)?;
        return Ok(false);
    }
    settings::bump_revision(&mut *transaction).await?;
    transaction.commit().await.map_err(StoreError::of_statement)?;
    Ok(true)
}

pub(super) async fn knows_authorisation(
    store: &PostgresStore,
    app: &str,
    component: &str,
    since: i64,
) -> Result<bool, StoreError> {
    sqlx::query_scalar(
        "SELECT EXISTS (
             SELECT FROM authorisations WHERE app_id = $1 AND component_appid = $2 AND authorised_at >= $3)",
    )
    .bind(app)
    .bind(component)
    .bind(since)
    .fetch_one(&store.pool)
    .await
    .map_err(StoreError::of_statement)
}

pub(super) async fn refresh_token(store: &PostgresStore, app: &str) -> Result<Option<Secret>, StoreError> {
    let sealed: Option<Vec<u8>> = sqlx::query_scalar(
        "SELECT refresh_token FROM authorisations JOIN apps USING (app_id, component_appid) WHERE app_id = $1",
    )
    .bind(app)
    .fetch_optional(&store.pool)
    .await
    .map_err(StoreError::of_statement)?;
    open_some(&store.keys, "authorisations", app, "refresh_token", sealed)
}

/// The refresh token that came with an access token. An authorisation that is gone stays gone.
pub(super) async fn keep_refresh_token(
    connection: &mut PgConnection,
    keys: &Keyring,
    app: &str,
    refresh_token: &Secret,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE authorisations SET refresh_token = $2 WHERE app_id = $1")
        .bind(app)
        .bind(seal(keys, "authorisations", app, "refresh_token", refresh_token))
        .execute(connection)
        .await
        .map(drop)
}
