//! Rows as both dialects return them, and what they mean. Column names are those of the tables.

use std::str::FromStr;

use serde::{Deserialize, Deserializer};
use sqlx::FromRow;
use wxgate_job::decide::Gate;
use wxgate_job::{Doorbell, Failure, JobId, JobState, Kind, Lane};

use crate::error::StoreError;
use crate::model::callback::{CallbackClaim, CallbackId, CallbackState, ClaimedCallback, JobReport};
use crate::model::operate::GateView;
use crate::model::sharing::SharedEnd;
use crate::model::status::{CallbackDetail, CallbackView, JobDetail, JobView};
use crate::model::work::{Attempt, Claim, ClaimedJob};

/// What a claim returns, as [`ClaimedRow`] reads it.
macro_rules! claimed_columns {
    () => {
        "jobs.id, client_code, app_id, kind, payload, subject, result, report, leader, callback_url, receipt, \
         created_at, updated_at, deadline_at, expires, attempts, ambiguous_at, error_code, error_errcode, \
         error_message, claim"
    };
}
pub(crate) use claimed_columns;

/// As a row, or as one JSON list in the order of [`claimed_columns`].
#[derive(Deserialize, FromRow)]
pub(crate) struct ClaimedRow {
    pub(crate) id: i64,
    client_code: String,
    app_id: String,
    kind: String,
    payload: String,
    subject: String,
    result: Option<String>,
    report: Option<String>,
    leader: Option<i64>,
    callback_url: Option<String>,
    #[serde(deserialize_with = "truth")]
    receipt: bool,
    created_at: i64,
    pub(crate) updated_at: i64,
    deadline_at: i64,
    #[serde(deserialize_with = "truth")]
    expires: bool,
    pub(crate) attempts: i32,
    ambiguous_at: Option<i64>,
    error_code: Option<String>,
    error_errcode: Option<i64>,
    error_message: Option<String>,
    pub(crate) claim: i32,
}

/// A truth value as SQLite keeps it.
fn truth<'de, D: Deserializer<'de>>(number: D) -> Result<bool, D::Error> {
    Ok(u8::deserialize(number)? != 0)
}

impl TryFrom<ClaimedRow> for ClaimedJob {
    type Error = StoreError;

    fn try_from(row: ClaimedRow) -> Result<Self, StoreError> {
        let (shared, report) = match (row.leader, row.report) {
            (Some(_), Some(end)) => (Some(shared_end(row.id, &end)?), None),
            (_, report) => (None, report),
        };
        Ok(Self {
            claim: Claim { job: job_id(row.id)?, number: row.claim },
            lane: Lane { client: row.client_code, app: row.app_id, kind: Kind::stored(row.kind) },
            payload: row.payload,
            subject: row.subject,
            result: row.result,
            report,
            shared,
            attempt: count(row.attempts),
            callback_url: row.callback_url,
            receipt: row.receipt,
            created_at: row.created_at,
            deadline_at: row.deadline_at,
            expires: row.expires,
            ambiguous_since: row.ambiguous_at,
            last_failure: failure(row.error_code, row.error_errcode, row.error_message),
            claimed_at: row.updated_at,
        })
    }
}

#[derive(FromRow)]
pub(crate) struct ViewRow {
    id: i64,
    client_code: String,
    app_id: String,
    kind: String,
    state: String,
    attempts: i32,
    created_at: i64,
    updated_at: i64,
    due_at: i64,
    result: Option<String>,
    error_code: Option<String>,
    error_errcode: Option<i64>,
    error_message: Option<String>,
    callback_state: Option<String>,
    callback_attempts: Option<i32>,
    callback_last_status: Option<i32>,
}

impl TryFrom<ViewRow> for JobView {
    type Error = StoreError;

    fn try_from(row: ViewRow) -> Result<Self, StoreError> {
        let callback = row
            .callback_state
            .map(|state| {
                Ok::<_, StoreError>(CallbackView {
                    state: callback_state(row.id, &state)?,
                    attempts: count(row.callback_attempts.unwrap_or_default()),
                    last_status: status(row.callback_last_status),
                })
            })
            .transpose()?;
        Ok(Self {
            id: job_id(row.id)?,
            lane: Lane { client: row.client_code, app: row.app_id, kind: Kind::stored(row.kind) },
            state: job_state(row.id, &row.state)?,
            attempts: count(row.attempts),
            created_at: row.created_at,
            updated_at: row.updated_at,
            due_at: row.due_at,
            result: row.result,
            failure: failure(row.error_code, row.error_errcode, row.error_message),
            callback,
        })
    }
}

#[derive(FromRow)]
pub(crate) struct DetailRow {
    #[sqlx(flatten)]
    view: ViewRow,
    subject: String,
    payload: String,
    history: String,
}

impl DetailRow {
    pub(crate) fn into_detail(self, callbacks: Vec<CallbackDetail>) -> Result<JobDetail, StoreError> {
        Ok(JobDetail {
            attempts: history("jobs", self.view.id, &self.history)?,
            view: self.view.try_into()?,
            subject: self.subject,
            payload: self.payload,
            callbacks,
        })
    }
}

#[derive(FromRow)]
pub(crate) struct CallbackRow {
    job_id: i64,
    seq: i32,
    url: String,
    state: String,
    attempts: i32,
    last_status: Option<i32>,
    due_at: i64,
    history: String,
}

impl TryFrom<CallbackRow> for CallbackDetail {
    type Error = StoreError;

    fn try_from(row: CallbackRow) -> Result<Self, StoreError> {
        Ok(Self {
            job: job_id(row.job_id)?,
            seq: row.seq,
            view: CallbackView {
                state: callback_state(row.job_id, &row.state)?,
                attempts: count(row.attempts),
                last_status: status(row.last_status),
            },
            url: row.url,
            due_at: row.due_at,
            attempts: history("callbacks", row.job_id, &row.history)?,
        })
    }
}

/// As a row, or as one JSON list in this order.
#[derive(Deserialize, FromRow)]
pub(crate) struct ClaimedCallbackRow {
    job_id: i64,
    seq: i32,
    url: String,
    endpoint: String,
    attempts: i32,
    claim: i32,
    waited_ms: i64,
    kind: String,
    client_code: String,
    subject: String,
    job_state: String,
    result: Option<String>,
    error_code: Option<String>,
    error_errcode: Option<i64>,
    error_message: Option<String>,
}

impl TryFrom<ClaimedCallbackRow> for ClaimedCallback {
    type Error = StoreError;

    fn try_from(row: ClaimedCallbackRow) -> Result<Self, StoreError> {
        let job = job_id(row.job_id)?;
        Ok(Self {
            claim: CallbackClaim { id: CallbackId { job, seq: row.seq }, number: row.claim },
            url: row.url,
            endpoint: row.endpoint,
            attempt: count(row.attempts),
            waited_ms: row.waited_ms,
            report: JobReport {
                job,
                kind: Kind::stored(row.kind),
                client: row.client_code,
                subject: row.subject,
                state: job_state(row.job_id, &row.job_state)?,
                result: row.result,
                failure: failure(row.error_code, row.error_errcode, row.error_message),
            },
        })
    }
}

#[derive(FromRow)]
pub(crate) struct GateRow {
    app_id: String,
    kind: String,
    reason: String,
    error_code: String,
    error_errcode: Option<i64>,
    error_message: String,
    closed_at: i64,
    next_probe_at: i64,
}

impl TryFrom<GateRow> for GateView {
    type Error = StoreError;

    fn try_from(row: GateRow) -> Result<Self, StoreError> {
        let gate = match row.reason.as_str() {
            "quota" => Gate::Quota,
            "suspended" => Gate::Suspended,
            other => return Err(undecodable("gates", &row.app_id, format!("unknown reason '{other}'"))),
        };
        Ok(Self {
            app_id: row.app_id,
            kind: row.kind,
            gate,
            failure: Failure { code: row.error_code, errcode: row.error_errcode, message: row.error_message },
            closed_at: row.closed_at,
            next_probe_at: row.next_probe_at,
        })
    }
}

pub(crate) const fn gate_reason(gate: Gate) -> &'static str {
    match gate {
        Gate::Quota => "quota",
        Gate::Suspended => "suspended",
    }
}

/// Decodes all rows or fails with the first that cannot be.
pub(crate) fn decode<R, T>(rows: Vec<R>) -> Result<Vec<T>, StoreError>
where
    T: TryFrom<R, Error = StoreError>,
{
    rows.into_iter().map(T::try_from).collect()
}

/// Decodes what was claimed. A row that cannot be, such as one that a newer version wrote, costs no other: nobody
/// takes it in hand, so it is released before long.
pub(crate) fn decode_claimed<R, T>(rows: Vec<R>) -> Vec<T>
where
    T: TryFrom<R, Error = StoreError>,
{
    let told = |error: &StoreError| {
        tracing::error!(error = error as &dyn std::error::Error, "claim.undecodable");
    };
    rows.into_iter().filter_map(|row| T::try_from(row).inspect_err(told).ok()).collect()
}

/// The doorbell of one job: its id, client, app and kind.
pub(crate) fn doorbell(
    (id, client, app, kind): (i64, String, String, String),
) -> Result<Doorbell, StoreError> {
    Ok(Doorbell { lane: Lane { client, app, kind: Kind::stored(kind) }, ids: vec![job_id(id)?] })
}

pub(crate) fn claim((job, number): (i64, i32)) -> Result<Claim, StoreError> {
    Ok(Claim { job: job_id(job)?, number })
}

pub(crate) fn callback_claim((job, seq, number): (i64, i32, i32)) -> Result<CallbackClaim, StoreError> {
    Ok(CallbackClaim { id: CallbackId { job: job_id(job)?, seq }, number })
}

pub(crate) fn job_id(raw: i64) -> Result<JobId, StoreError> {
    JobId::new(raw).map_err(|error| undecodable("jobs", &raw.to_string(), error.to_string()))
}

/// A line of [`Attempt`] for a history column, its end of line included.
pub(crate) fn history_line(attempt: Option<&Attempt>) -> String {
    let line = attempt.and_then(|attempt| serde_json::to_string(attempt).ok());
    line.map_or_else(String::new, |line| line + "\n")
}

/// The line that the rescue of an abandoned attempt writes; the store puts the time in front.
pub(crate) const LOST: &str = r#","took_ms":0,"outcome":"lost","message":"its worker was stopped or cut off; the attempt may have taken effect"}"#;

fn history(table: &'static str, id: i64, lines: &str) -> Result<Vec<Attempt>, StoreError> {
    let attempts = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>();
    attempts.map_err(|error| undecodable(table, &id.to_string(), error.to_string()))
}

fn shared_end(id: i64, json: &str) -> Result<SharedEnd, StoreError> {
    serde_json::from_str(json).map_err(|error| undecodable("jobs", &id.to_string(), error.to_string()))
}

fn job_state(id: i64, text: &str) -> Result<JobState, StoreError> {
    JobState::from_str(text).map_err(|error| undecodable("jobs", &id.to_string(), error.to_string()))
}

fn callback_state(id: i64, text: &str) -> Result<CallbackState, StoreError> {
    CallbackState::parse(text)
        .ok_or_else(|| undecodable("callbacks", &id.to_string(), format!("unknown state '{text}'")))
}

fn failure(code: Option<String>, errcode: Option<i64>, message: Option<String>) -> Option<Failure> {
    code.map(|code| Failure { code, errcode, message: message.unwrap_or_default() })
}

fn count(raw: i32) -> u32 {
    u32::try_from(raw).unwrap_or_default()
}

fn status(raw: Option<i32>) -> Option<u16> {
    raw.and_then(|raw| u16::try_from(raw).ok())
}

pub(crate) fn undecodable(table: &'static str, id: &str, reason: String) -> StoreError {
    StoreError::Undecodable { table, id: id.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Claimed(i64);

    impl TryFrom<i64> for Claimed {
        type Error = StoreError;

        fn try_from(row: i64) -> Result<Self, StoreError> {
            job_id(row).map(|id| Self(id.get()))
        }
    }

    #[test]
    fn a_claimed_row_that_cannot_be_decoded_costs_no_other() {
        assert_eq!(decode_claimed::<i64, Claimed>(vec![1, -1, 2]), [Claimed(1), Claimed(2)]);
    }
}
