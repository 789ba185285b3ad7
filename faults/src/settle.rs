//! After the last fault: waits until everything has its end, and asks for the status of every job.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use wxgate_tests::Caller;

use crate::books::Books;
use crate::inflict::PROBE_GATES;
use crate::ledger::{Note, Outcome};
use crate::site::{Site, callers};

/// What is under way may end by itself for so long; then time is let pass for what waits for its next
/// attempt, which may be minutes or hours away.
const BY_ITSELF: Duration = Duration::from_secs(20);
/// Between two such leaps.
const LEAP_EVERY: Duration = Duration::from_secs(3);
/// What has no end by then has none.
const GIVE_UP: Duration = Duration::from_mins(3);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(200);

/// Jobs and callbacks without an end.
const OPEN: &str = "SELECT (SELECT count(*) FROM jobs WHERE state NOT IN ('succeeded', 'failed', 'cancelled')) + \
    (SELECT count(*) FROM callbacks WHERE state IN ('queued', 'running'))";
/// Lets time pass: whatever waits is due, tokens are old enough to be renewed.
const LEAP: &str = "UPDATE jobs SET due_at = 0 WHERE state = 'queued'; \
    UPDATE callbacks SET due_at = 0 WHERE state = 'queued'; \
    UPDATE tokens SET stored_at = stored_at - 120000";

/// How the end came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// From the last fault's end until nothing was open.
    pub took: Duration,
    /// Jobs and callbacks for which time was let pass.
    pub hurried: i64,
    /// Those that have no end.
    pub open: i64,
}

/// What the gateway says of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// `state`.
    pub state: String,
    /// `error.code`; empty: none.
    pub error: String,
    /// `attempts`.
    pub attempts: i64,
    /// `callback.state`.
    pub callback: String,
}

/// Waits until nothing is open any more, three minutes at most.
///
/// # Errors
/// When the database does not answer.
pub async fn settle(books: &Books) -> Result<Settled> {
    let began = Instant::now();
    let mut settled = Settled { open: open(books, BY_ITSELF).await?, ..Settled::default() };
    settled.hurried = settled.open;
    while settled.open > 0 && began.elapsed() < GIVE_UP {
        books.change(&format!("{LEAP}; {PROBE_GATES}")).await?;
        settled.open = open(books, LEAP_EVERY).await?;
    }
    settled.took = began.elapsed();
    Ok(settled)
}

/// How much is open: after so long, or when nothing is.
async fn open(books: &Books, patience: Duration) -> Result<i64> {
    let began = Instant::now();
    loop {
        let open = books.number(OPEN).await.context("cannot look what is open")?;
        if open == 0 || began.elapsed() > patience {
            return Ok(open);
        }
        sleep(LOOK).await;
    }
}

/// Asks for every accepted job, as its caller; all callers at once.
///
/// # Errors
/// When an intake does not answer although all is healed.
pub async fn statuses(site: &Site, notes: &[Note]) -> Result<HashMap<i64, Status>> {
    let base = site.entrances().pop().context("no intake")?;
    let callers = callers();
    let mut asking = JoinSet::new();
    for (first, caller) in callers.iter().enumerate() {
        let notes = notes.iter().skip(first).step_by(callers.len());
        asking.spawn(statuses_of(caller.at(&base), notes.filter_map(accepted).collect()));
    }
    let mut statuses = HashMap::new();
    for answered in asking.join_all().await {
        statuses.extend(answered?);
    }
    Ok(statuses)
}

fn accepted(note: &Note) -> Option<i64> {
    match note.outcome {
        Outcome::Accepted(id) => Some(id),
        _ => None,
    }
}

async fn statuses_of(caller: Caller, ids: Vec<i64>) -> Result<Vec<(i64, Status)>> {
    let mut statuses = Vec::with_capacity(ids.len());
    for id in ids {
        statuses.push((id, status(&caller, id).await.with_context(|| format!("job {id}"))?));
    }
    Ok(statuses)
}

async fn status(caller: &Caller, id: i64) -> Result<Status> {
    let answer = caller.send(&caller.sign("get_job_status", &[("job_id", &id.to_string())])).await?;
    let text =
        |pointer: &str| answer.data.pointer(pointer).and_then(|value| value.as_str()).unwrap_or_default();
    Ok(Status {
        state: if answer.retcode == 200 { text("/state").to_owned() } else { answer.retcode.to_string() },
        error: text("/error/code").to_owned(),
        attempts: answer.data["attempts"].as_i64().unwrap_or_default(),
        callback: text("/callback/state").to_owned(),
    })
}
