//! One attempt at one callback.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use tokio::time::Instant;
use tracing::Span;
use wxgate_egress::{EgressError, Reply};
use wxgate_store::clock::now_ms;
use wxgate_store::model::callback::{CallbackSettlement, CallbackState, ClaimedCallback};
use wxgate_store::model::work::{Attempt, WorkerId};

use super::Inner;
use super::compose::compose;
use super::verdict::{again, judge};

/// How long a receiver may take.
const LIMIT: Duration = Duration::from_secs(15);

/// What a post came to.
pub(super) struct Posted {
    settlement: CallbackSettlement,
    /// From when the job ended.
    delay: Duration,
    /// Whether the receiver answered at all.
    pub(super) answered: bool,
}

/// Posts.
pub(super) async fn post(inner: &Inner, callback: &ClaimedCallback) -> Posted {
    let (began_at, began) = (now_ms(), Instant::now());
    let directory = inner.directory.now();
    let client = directory.clients.get(&callback.report.client);
    let composed = client
        .map(|client| compose(callback.claim.id, &callback.url, &callback.report, client, unix_seconds()));
    let (verdict, status, message, answered) = match composed {
        // Removed, or so new that this process has not heard of it.
        None => (again(callback.attempt, rand::random()), None, "its client is not known".to_owned(), true),
        Some(Err(error)) => (again(callback.attempt, rand::random()), None, error.to_string(), true),
        Some(Ok(composed)) => {
            let deadline = Instant::now() + LIMIT;
            let body = Bytes::from(composed.body);
            let reply = inner.client.post(&composed.url, composed.headers, body, deadline).await;
            let verdict = judge(&reply, callback.attempt, rand::random());
            (verdict, status(&reply), message(&reply), reply.is_ok())
        }
    };
    let attempt = Attempt {
        at: began_at,
        took_ms: u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX),
        outcome: outcome(verdict.state).to_owned(),
        code: status.map(i64::from),
        message,
    };
    let span = Span::current();
    span.record("status", status.map(i64::from)).record("outcome", outcome(verdict.state));
    tracing::debug!(
        job = callback.claim.id.job.get(),
        attempt = callback.attempt,
        status,
        outcome = attempt.outcome,
        elapsed_ms = attempt.took_ms,
        "callback.attempt"
    );
    let waited = Duration::from_millis(u64::try_from(callback.waited_ms).unwrap_or_default());
    let settlement = CallbackSettlement {
        claim: callback.claim,
        state: verdict.state,
        due_in: verdict.pause,
        counts: true,
        status,
        attempt: Some(attempt),
    };
    Posted { settlement, delay: waited + began.elapsed(), answered }
}

/// Writes down what the post came to.
pub(super) async fn settle(inner: &Inner, worker: WorkerId, callback: &ClaimedCallback, posted: Posted) {
    let state = posted.settlement.state;
    let settled = inner.settler.callback(worker, posted.settlement).await;
    inner.metrics.called_back(&callback.report.kind, state, settled, posted.delay);
}

fn status(reply: &Result<Reply, EgressError>) -> Option<u16> {
    reply.as_ref().ok().map(|reply| reply.status.as_u16())
}

/// Why it was not delivered. What the receiver wrote is not kept: it may hold anything.
fn message(reply: &Result<Reply, EgressError>) -> String {
    match reply {
        Ok(reply) if reply.status.is_success() => String::new(),
        Ok(reply) if reply.status.is_redirection() => "redirects are not followed".to_owned(),
        Ok(reply) => format!("the receiver answered {}", reply.status),
        Err(error) => error.to_string(),
    }
}

const fn outcome(state: CallbackState) -> &'static str {
    match state {
        CallbackState::Delivered => "delivered",
        CallbackState::Exhausted => "exhausted",
        CallbackState::Queued | CallbackState::Running => "again",
    }
}

/// What the receiver compares with its own clock.
fn unix_seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
