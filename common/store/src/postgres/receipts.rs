//! Receipts, and their joining to the sends that they belong to.

use sqlx::postgres::{PgConnection, PgPool};

use super::{begin, forget_old, pushes};
use crate::error::StoreError;
use crate::model::receipt::{Receipt, Received};
use crate::receipt_rows::{KeptRow, SendRow};

pub(super) async fn receive(pool: &PgPool, receipt: &Receipt) -> Result<Received, StoreError> {
    let mut transaction = begin(pool).await.map_err(StoreError::of_connecting)?;
    let received = receive_in(&mut transaction, receipt).await?;
    transaction.commit().await.map_err(StoreError::of_statement)?;
    Ok(received)
}

/// The push is noted with what it tells: nothing else tells a repeat without a message id from the receipt
/// of another message. A repeat that comes meanwhile waits for the note.
async fn receive_in(connection: &mut PgConnection, receipt: &Receipt) -> Result<Received, StoreError> {
    if !pushes::note(&mut *connection, &receipt.app, receipt.push).await? {
        return Ok(Received::Repeated);
    }
    match keep(connection, receipt).await.map_err(StoreError::of_statement)? {
        Some(kept) => join(connection, &kept).await,
        None => Ok(Received::Repeated),
    }
}

/// Keeps a receipt, to be looked at again in a second; `None` when its message has one.
async fn keep(connection: &mut PgConnection, receipt: &Receipt) -> Result<Option<KeptRow>, sqlx::Error> {
    let kept: Option<(i64, i64)> = sqlx::query_as(
        "INSERT INTO receipts (app_id, openid, msgid, delivery, received_at, look_at)
         SELECT $1, $2, $3, $4, now, now + 1000 FROM now_ms() AS now
         ON CONFLICT (app_id, msgid) WHERE msgid <> 0 DO NOTHING RETURNING id, received_at",
    )
    .bind(&receipt.app)
    .bind(&receipt.openid)
    .bind(receipt.msgid)
    .bind(receipt.delivery.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(kept.map(|(id, received_at)| KeptRow::new(id, receipt, received_at)))
}

/// Joins a receipt to its send, if that can be done now.
async fn join(connection: &mut PgConnection, kept: &KeptRow) -> Result<Received, StoreError> {
    let sends = if kept.names_its_message() {
        sends_of(connection, kept).await
    } else {
        the_only_send(connection, kept).await
    };
    let mut received = Received::Kept;
    for send in sends.map_err(StoreError::of_statement)? {
        if tell(connection, kept, &send).await.map_err(StoreError::of_statement)? {
            let joined = send.joined()?;
            received = if matches!(received, Received::Woke(_)) { received } else { joined };
        }
    }
    if received != Received::Kept {
        sqlx::query("UPDATE receipts SET look_at = NULL WHERE id = $1")
            .bind(kept.id)
            .execute(connection)
            .await
            .map_err(StoreError::of_statement)?;
    }
    Ok(received)
}

/// The sends to which WeChat gave this message id: several when it recognised repeats.
async fn sends_of(connection: &mut PgConnection, kept: &KeptRow) -> Result<Vec<SendRow>, sqlx::Error> {
    let sends: Vec<SendRow> = sqlx::query_as(
        "SELECT id, client_code, app_id, kind, state, result FROM jobs
         WHERE app_id = $1 AND msgid = $2 AND state IN ('queued', 'waiting', 'succeeded')",
    )
    .bind(&kept.app_id)
    .bind(kept.msgid)
    .fetch_all(connection)
    .await?;
    Ok(sends.into_iter().filter(SendRow::is_open).collect())
}

/// The send to this user, if there is just one that a receipt without a message id can be about.
/// Attempts that may have taken effect without WeChat's answer count, too.
async fn the_only_send(connection: &mut PgConnection, kept: &KeptRow) -> Result<Vec<SendRow>, sqlx::Error> {
    let mut sends: Vec<SendRow> = sqlx::query_as(
        "(SELECT id, client_code, app_id, kind, state, result FROM jobs
          WHERE app_id = $1 AND subject = $2 AND msgid IS NOT NULL AND created_at <= $3
            AND state IN ('queued', 'running', 'waiting', 'succeeded')
            AND updated_at > (SELECT now_ms() - 86400000) LIMIT 2)
         UNION ALL
         (SELECT id, client_code, app_id, kind, state, result
          -- The offset keeps the planner from going through all that is queued instead.
          FROM (SELECT * FROM jobs WHERE subject = $2 OFFSET 0) AS job
          WHERE app_id = $1 AND msgid IS NULL AND result IS NULL AND created_at <= $3
            AND (state = 'running' OR state = 'queued' AND ambiguous_at IS NOT NULL) LIMIT 1)",
    )
    .bind(&kept.app_id)
    .bind(&kept.openid)
    .bind(kept.received_at)
    .fetch_all(connection)
    .await?;
    sends.retain({
        let alone = sends.len() == 1;
        move |send| alone && send.is_open()
    });
    Ok(sends)
}

/// Writes the delivery into a send's result and wakes it if it waits. `false`: it was claimed, or has
/// another receipt, since it was found.
async fn tell(connection: &mut PgConnection, kept: &KeptRow, send: &SendRow) -> Result<bool, sqlx::Error> {
    let told = sqlx::query(
        "UPDATE jobs SET result = coalesce($3, result), msgid = NULL, updated_at = now,
             report = CASE WHEN state = 'succeeded' THEN report ELSE $4 END, report_claim = claim,
             due_at = CASE WHEN state = 'succeeded' THEN due_at ELSE now END
         FROM now_ms() AS now WHERE id = $1 AND state = $2 AND msgid IS NOT NULL",
    )
    .bind(send.id)
    .bind(&send.state)
    .bind(kept.complete(send.result.as_deref()))
    .bind(&kept.delivery)
    .execute(connection)
    .await?;
    Ok(told.rows_affected() == 1)
}

/// A kept receipt, and whether there is a send that it may belong to.
#[derive(sqlx::FromRow)]
struct Looked {
    #[sqlx(flatten)]
    kept: KeptRow,
    promising: bool,
}

/// Joins kept receipts whose sends have been answered since. Each is looked at after a second and then
/// whenever it has become twice as old: most of those that stay belong to messages of other systems.
pub(super) async fn join_kept(connection: &mut PgConnection, limit: u32) -> Result<u64, StoreError> {
    let looked: Vec<Looked> = sqlx::query_as(
        "WITH clock AS MATERIALIZED (SELECT now_ms() AS now),
         due AS (
             SELECT id, now FROM clock, LATERAL (
                 SELECT id FROM receipts WHERE look_at <= now ORDER BY look_at LIMIT $1
                 FOR UPDATE SKIP LOCKED) AS receipt)
         UPDATE receipts SET look_at = now + greatest(now - received_at, 1000)
         FROM due WHERE receipts.id = due.id
         RETURNING receipts.id, app_id, openid, msgid, delivery, received_at,
             -- Not EXISTS, for which the planner would rather read all sends at once.
             coalesce(CASE WHEN msgid = 0
                 THEN (SELECT true FROM jobs WHERE jobs.app_id = receipts.app_id AND jobs.subject = receipts.openid
                         AND jobs.msgid IS NOT NULL LIMIT 1)
                 ELSE (SELECT true FROM jobs WHERE jobs.app_id = receipts.app_id AND jobs.msgid = receipts.msgid LIMIT 1)
             END, false) AS promising",
    )
    .bind(i64::from(limit))
    .fetch_all(&mut *connection)
    .await
    .map_err(StoreError::of_statement)?;
    let mut joined = 0;
    for it in looked.into_iter().filter(|it| it.promising) {
        joined += u64::from(join(connection, &it.kept).await? != Received::Kept);
    }
    Ok(joined)
}

pub(super) async fn forget(pool: &PgPool, limit: u32) -> Result<u64, StoreError> {
    let forget = "DELETE FROM receipts WHERE id IN (
        SELECT id FROM receipts WHERE received_at < (SELECT now_ms() - $1) ORDER BY received_at LIMIT $2)";
    forget_old(pool, forget, 2 * 86_400_000, limit).await
}
