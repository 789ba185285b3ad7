//! Tokens and the lock for their refresh.

use async_trait::async_trait;
use sqlx::postgres::{PgConnection, PgPool};
use wxgate_token::{
    NewToken, RefreshTerms, StoredToken, Ticket, TokenKey, TokenStore, TokenStoreError, Turn,
};

use super::platforms::keep_refresh_token;
use super::{PostgresStore, begin};
use crate::error::StoreError;
use crate::insight::TokenRow;
use crate::model::insight::TokenView;
use crate::token_record::{Finish, TokenRecord, unavailable};

#[async_trait]
impl TokenStore for PostgresStore {
    async fn load(&self, key: &TokenKey) -> Result<Option<StoredToken>, TokenStoreError> {
        let mut connection = self.pool.acquire().await.map_err(unavailable)?;
        let now = now(&mut connection).await.map_err(unavailable)?;
        let record: Option<TokenRecord> =
            sqlx::query_as("SELECT * FROM tokens WHERE app_id = $1 AND kind = $2")
                .bind(&key.app)
                .bind(key.kind.as_str())
                .fetch_optional(&mut *connection)
                .await
                .map_err(unavailable)?;
        record.map_or(Ok(None), |record| record.token(&self.keys, key, now))
    }

    async fn begin_refresh(
        &self,
        key: &TokenKey,
        seen: i64,
        terms: &RefreshTerms,
    ) -> Result<Turn, TokenStoreError> {
        let mut transaction = begin(&self.pool).await.map_err(unavailable)?;
        let (mut record, now) = lock(&mut transaction, key).await.map_err(unavailable)?;
        let turn = record.begin(&self.keys, key, seen, terms, now)?;
        if matches!(turn, Turn::Yours(_)) {
            save(&mut transaction, key, &record).await.map_err(unavailable)?;
        }
        transaction.commit().await.map_err(unavailable)?;
        Ok(turn)
    }

    async fn finish_refresh(
        &self,
        ticket: &Ticket,
        token: &NewToken,
    ) -> Result<Option<StoredToken>, TokenStoreError> {
        let mut transaction = begin(&self.pool).await.map_err(unavailable)?;
        let (mut record, now) = lock(&mut transaction, ticket.key()).await.map_err(unavailable)?;
        let finish = record.finish(&self.keys, ticket, token, now);
        if finish == Finish::NewerStands {
            return Ok(None);
        }
        save(&mut transaction, ticket.key(), &record).await.map_err(unavailable)?;
        if finish == Finish::Stored
            && let Some(refresh_token) = &token.refresh_token
        {
            let app = &ticket.key().app;
            keep_refresh_token(&mut transaction, &self.keys, app, refresh_token)
                .await
                .map_err(unavailable)?;
        }
        transaction.commit().await.map_err(unavailable)?;
        record.token(&self.keys, ticket.key(), now)
    }

    async fn abandon_refresh(&self, ticket: &Ticket) -> Result<(), TokenStoreError> {
        let mut transaction = begin(&self.pool).await.map_err(unavailable)?;
        let (mut record, _) = lock(&mut transaction, ticket.key()).await.map_err(unavailable)?;
        record.abandon(ticket);
        save(&mut transaction, ticket.key(), &record).await.map_err(unavailable)?;
        transaction.commit().await.map_err(unavailable)
    }
}

/// The record, created if need be and locked until the transaction ends, and the time since then.
async fn lock(connection: &mut PgConnection, key: &TokenKey) -> Result<(TokenRecord, i64), sqlx::Error> {
    sqlx::query(
        "INSERT INTO tokens (app_id, kind, generation, stored_at, renew_at, valid_until, last_turn, day, refreshes)
         VALUES ($1, $2, 0, 0, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING",
    )
    .bind(&key.app)
    .bind(key.kind.as_str())
    .execute(&mut *connection)
    .await?;
    let record = sqlx::query_as("SELECT * FROM tokens WHERE app_id = $1 AND kind = $2 FOR UPDATE")
        .bind(&key.app)
        .bind(key.kind.as_str())
        .fetch_one(&mut *connection)
        .await?;
    Ok((record, now(connection).await?))
}

async fn now(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT now_ms()").fetch_one(connection).await
}

async fn save(
    connection: &mut PgConnection,
    key: &TokenKey,
    record: &TokenRecord,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE tokens SET value = $3, generation = $4, stored_at = $5, renew_at = $6, valid_until = $7,
             last_turn = $8, held_until = $9, day = $10, refreshes = $11
         WHERE app_id = $1 AND kind = $2",
    )
    .bind(&key.app)
    .bind(key.kind.as_str())
    .bind(&record.value)
    .bind(record.generation)
    .bind(record.stored_at)
    .bind(record.renew_at)
    .bind(record.valid_until)
    .bind(record.last_turn)
    .bind(record.held_until)
    .bind(record.day)
    .bind(record.refreshes)
    .execute(connection)
    .await?;
    Ok(())
}

/// The token of an authorisation that is over: forgotten, with the refresh that may be under way.
pub(super) async fn supersede(connection: &mut PgConnection, key: &TokenKey) -> Result<(), sqlx::Error> {
    let (mut record, _) = lock(connection, key).await?;
    record.supersede();
    save(connection, key, &record).await
}

pub(super) async fn views(pool: &PgPool) -> Result<Vec<TokenView>, StoreError> {
    let rows: Vec<TokenRow> = sqlx::query_as(
        "SELECT app_id, kind, value IS NOT NULL AS held, stored_at, renew_at, valid_until, day, refreshes, now_ms() AS now
         FROM tokens ORDER BY app_id, kind",
    )
    .fetch_all(pool)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(rows.into_iter().map(TokenView::from).collect())
}
