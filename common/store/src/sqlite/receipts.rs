//! Receipts, and their joining to the sends that they belong to.

use sqlx::sqlite::{SqliteConnection, SqlitePool};

use super::{begin, commit, json, pushes};
use crate::clock::now_ms;
use crate::error::StoreError;
use crate::model::receipt::{Receipt, Received};
use crate::receipt_rows::{KeptRow, SendRow};

pub(super) async fn receive(writer: &SqlitePool, receipt: &Receipt) -> Result<Received, StoreError> {
    let mut transaction = begin(writer).await?;
    let received = receive_in(&mut transaction, receipt).await?;
    commit(transaction).await?;
    Ok(received)
}

/// The push is noted with what it tells: nothing else tells a repeat without a message id from the receipt
/// of another message.
async fn receive_in(connection: &mut SqliteConnection, receipt: &Receipt) -> Result<Received, StoreError> {
    if !pushes::note(&mut *connection, &receipt.app, receipt.push).await? {
        return Ok(Received::Repeated);
    }
    match keep(connection, receipt).await.map_err(StoreError::of_statement)? {
        Some(kept) => join(connection, &kept).await,
        None => Ok(Received::Repeated),
    }
}

/// Keeps a receipt, to be looked at again in a second; `None` when its message has one.
async fn keep(connection: &mut SqliteConnection, receipt: &Receipt) -> Result<Option<KeptRow>, sqlx::Error> {
    let now = now_ms();
    let kept: Option<i64> = sqlx::query_scalar(
        "INSERT INTO receipts (app_id, openid, msgid, delivery, received_at, look_at)
         VALUES ($1, $2, $3, $4, $5, $5 + 1000)
         ON CONFLICT (app_id, msgid) WHERE msgid <> 0 DO NOTHING RETURNING id",
    )
    .bind(&receipt.app)
    .bind(&receipt.openid)
    .bind(receipt.msgid)
    .bind(receipt.delivery.as_str())
    .bind(now)
    .fetch_optional(connection)
    .await?;
    Ok(kept.map(|id| KeptRow::new(id, receipt, now)))
}

/// Joins a receipt to its send, if that can be done now.
async fn join(connection: &mut SqliteConnection, kept: &KeptRow) -> Result<Received, StoreError> {
    let sends = if kept.names_its_message() {
        sends_of(connection, kept).await
    } else {
        the_only_send(connection, kept).await
    };
    let mut received = Received::Kept;
    for send in sends.map_err(StoreError::of_statement)? {
        tell(connection, kept, &send).await.map_err(StoreError::of_statement)?;
        let joined = send.joined()?;
        received = if matches!(received, Received::Woke(_)) { received } else { joined };
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
async fn sends_of(connection: &mut SqliteConnection, kept: &KeptRow) -> Result<Vec<SendRow>, sqlx::Error> {
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
async fn the_only_send(
    connection: &mut SqliteConnection,
    kept: &KeptRow,
) -> Result<Vec<SendRow>, sqlx::Error> {
    let mut sends: Vec<SendRow> = sqlx::query_as(
        "SELECT * FROM (
             SELECT id, client_code, app_id, kind, state, result FROM jobs
             WHERE app_id = $1 AND subject = $2 AND msgid IS NOT NULL AND created_at <= $3
               AND state IN ('queued', 'running', 'waiting', 'succeeded') AND updated_at > $4 LIMIT 2)
         UNION ALL
         SELECT * FROM (
             SELECT id, client_code, app_id, kind, state, result FROM jobs
             WHERE subject = $2 AND app_id = $1 AND msgid IS NULL AND result IS NULL AND created_at <= $3
               AND (state = 'running' OR state = 'queued' AND ambiguous_at IS NOT NULL) LIMIT 1)",
    )
    .bind(&kept.app_id)
    .bind(&kept.openid)
    .bind(kept.received_at)
    .bind(now_ms() - 86_400_000)
    .fetch_all(connection)
    .await?;
    sends.retain({
        let alone = sends.len() == 1;
        move |send| alone && send.is_open()
    });
    Ok(sends)
}

/// Writes the delivery into a send's result and wakes it if it waits.
async fn tell(connection: &mut SqliteConnection, kept: &KeptRow, send: &SendRow) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE jobs SET result = coalesce($2, result), msgid = NULL, updated_at = $4,
             report = iif(state = 'succeeded', report, $3), report_claim = claim,
             due_at = iif(state = 'succeeded', due_at, $4)
         WHERE id = $1",
    )
    .bind(send.id)
    .bind(kept.complete(send.result.as_deref()))
    .bind(&kept.delivery)
    .bind(now_ms())
    .execute(connection)
    .await
    .map(drop)
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
pub(super) async fn join_kept(connection: &mut SqliteConnection, limit: u32) -> Result<u64, StoreError> {
    let now = now_ms();
    let looked: Vec<Looked> = sqlx::query_as(
        "SELECT id, app_id, openid, msgid, delivery, received_at,
             CASE WHEN msgid = 0
                 THEN EXISTS (SELECT 1 FROM jobs WHERE jobs.app_id = receipts.app_id AND jobs.subject = receipts.openid
                                AND jobs.msgid IS NOT NULL)
                 ELSE EXISTS (SELECT 1 FROM jobs WHERE jobs.app_id = receipts.app_id AND jobs.msgid = receipts.msgid)
             END AS promising
         FROM receipts WHERE look_at <= $1 ORDER BY look_at LIMIT $2",
    )
    .bind(now)
    .bind(limit)
    .fetch_all(&mut *connection)
    .await
    .map_err(StoreError::of_statement)?;
    let ids: Vec<i64> = looked.iter().map(|it| it.kept.id).collect();
    sqlx::query(
        "UPDATE receipts SET look_at = $1 + max($1 - received_at, 1000)
         WHERE id IN (SELECT value FROM json_each($2))",
    )
    .bind(now)
    .bind(json(&ids))
    .execute(&mut *connection)
    .await
    .map_err(StoreError::of_statement)?;
    let mut joined = 0;
    for it in looked.into_iter().filter(|it| it.promising) {
        joined += u64::from(join(connection, &it.kept).await? != Received::Kept);
    }
    Ok(joined)
}

pub(super) async fn forget(writer: &SqlitePool, limit: u32) -> Result<u64, StoreError> {
    let forgotten = sqlx::query(
        "DELETE FROM receipts WHERE id IN (
             SELECT id FROM receipts WHERE received_at < $1 ORDER BY received_at LIMIT $2)",
    )
    .bind(now_ms() - 172_800_000)
    .bind(limit)
    .execute(writer)
    .await
    .map_err(StoreError::of_statement)?;
    Ok(forgotten.rows_affected())
}
