//! What follows a post. Pure.

use std::time::Duration;

use wxgate_egress::{EgressError, Reply};
use wxgate_job::schedule;
use wxgate_store::model::callback::CallbackState;

/// What becomes of the callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Where it goes.
    pub state: CallbackState,
    /// For `queued`: the pause.
    pub pause: Duration,
}

const fn over(state: CallbackState) -> Verdict {
    Verdict { state, pause: Duration::ZERO }
}

/// Judges the answer to attempt number `attempt` (from 1). 2xx: delivered. 410: the receiver wants no
/// more. 429 and 503 with Retry-After: obeyed, but not sooner than the schedule says. Anything else,
/// redirects included: again by the schedule, until that ends. `dice` lies in 0..1.
#[must_use]
pub fn judge(reply: &Result<Reply, EgressError>, attempt: u32, dice: f64) -> Verdict {
    let asked = match reply {
        Ok(reply) if reply.status.is_success() => return over(CallbackState::Delivered),
        Ok(reply) if reply.status.as_u16() == 410 => return over(CallbackState::Exhausted),
        Ok(reply) if matches!(reply.status.as_u16(), 429 | 503) => reply.retry_after.unwrap_or_default(),
        Ok(_) | Err(_) => Duration::ZERO,
    };
    let verdict = again(attempt, dice);
    Verdict {
        pause: if verdict.state == CallbackState::Queued { verdict.pause.max(asked) } else { verdict.pause },
        ..verdict
    }
}

/// Another attempt after attempt number `attempt`, as long as the schedule has one.
#[must_use]
pub fn again(attempt: u32, dice: f64) -> Verdict {
    match schedule::CALLBACK.pause(attempt, dice) {
        Some(pause) => Verdict { state: CallbackState::Queued, pause },
        None => over(CallbackState::Exhausted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::StatusCode;

    fn reply(status: u16, retry_after: Option<u64>) -> Reply {
        Reply {
            status: StatusCode::from_u16(status).unwrap_or_default(),
            retry_after: retry_after.map(Duration::from_secs),
            body_start: Vec::new(),
            cut: false,
            elapsed: Duration::ZERO,
        }
    }

    fn judged(status: u16, retry_after: Option<u64>, attempt: u32) -> (CallbackState, u64) {
        let verdict = judge(&Ok(reply(status, retry_after)), attempt, 0.5);
        (verdict.state, verdict.pause.as_secs())
    }

    #[test]
    fn each_answer_has_its_verdict() {
        assert_eq!(judged(200, None, 1), (CallbackState::Delivered, 0));
        assert_eq!(judged(204, None, 10), (CallbackState::Delivered, 0));
        assert_eq!(judged(410, None, 1), (CallbackState::Exhausted, 0));
        for again in [301, 302, 400, 404, 500, 503] {
            assert_eq!(judged(again, None, 2), (CallbackState::Queued, 30), "{again}");
        }
        assert_eq!(judged(429, Some(3600), 1), (CallbackState::Queued, 3600));
        assert_eq!(judged(503, Some(1), 1), (CallbackState::Queued, 5));
        assert_eq!(judged(500, Some(3600), 1), (CallbackState::Queued, 5));
        assert_eq!(judged(500, None, 10), (CallbackState::Exhausted, 0));
        assert_eq!(judge(&Err(EgressError::Timeout), 1, 0.5).state, CallbackState::Queued);
    }
}
