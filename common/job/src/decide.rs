//! What follows an attempt. Pure: time and chance are arguments, so log, store, metrics and broker
//! all act on one answer and nobody works out a second time whether a job will be tried again.

use std::time::Duration;

use serde_json::Value;

use crate::millis::millis;
use crate::outcome::{Awaited, Failure, Outcome};
use crate::schedule;

/// WeChat drops a second message with the same `client_msg_id` for ten minutes. We count on nine,
/// so that the request has arrived before the ten are over.
pub const DEDUPLICATED_FOR: Duration = Duration::from_mins(9);

/// How long before the end of [`DEDUPLICATED_FOR`] the last protected attempt is placed: longer
/// than one request may take.
const LAST_PROTECTED_ATTEMPT: Duration = Duration::from_secs(15);

/// A job is tried until this long after it was due, unless its caller set an earlier end.
pub const TRIED_FOR: Duration = Duration::from_hours(24);

/// What a client wants when nobody can know any more whether its message went out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnAmbiguity {
    /// Send again: rather twice than never.
    #[default]
    Resend,
    /// Give up and say so: rather never than twice.
    Fail,
}

impl OnAmbiguity {
    /// The name as stored and typed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resend => "resend",
            Self::Fail => "fail",
        }
    }

    /// Reads a name; `None` when there is no such one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Resend, Self::Fail].into_iter().find(|known| known.as_str() == text)
    }
}

/// What the decision rests on. Times are Unix milliseconds by the store's clock.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Number of the attempt, from 1.
    pub attempt: u32,
    /// Now.
    pub now: i64,
    /// The job ends here.
    pub deadline: i64,
    /// The deadline is the caller's own `expire_at`.
    pub expires: bool,
    /// When the first attempt began whose effect is unknown.
    pub ambiguous_since: Option<i64>,
    /// The client's wish.
    pub on_ambiguity: OnAmbiguity,
    /// The upstream took the job in an earlier attempt, so that nothing is sent again; only its end is
    /// still to be learnt.
    pub taken: bool,
}

/// Whether an attempt may begin.
#[derive(Clone, Debug, PartialEq)]
pub enum Permission {
    /// Go on; a repeat is de-duplicated by WeChat.
    Go,
    /// Go on although the message may go out twice: the client chose so.
    GoInDoubt,
    /// End the job without asking WeChat.
    Stop(Failure),
}

/// What becomes of the job.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Final: `succeeded` with this result.
    Succeed(Value),
    /// `waiting` for somebody outside.
    Wait {
        /// The result so far.
        result: Value,
        /// What is waited for.
        awaited: Awaited,
        /// Looked at again after this long.
        at_most: Duration,
    },
    /// `queued` again, due after the pause. Costs the attempt.
    Retry {
        /// From now.
        pause: Duration,
        /// Why.
        failure: Failure,
        /// The attempt may have taken effect.
        ambiguous: bool,
    },
    /// Final: `failed`.
    Fail(Failure),
    /// `queued` again, and the gate closes for the whole app. Costs no attempt.
    Close(Gate, Failure),
    /// `queued` again at once, as if nothing had been. Costs no attempt.
    Release,
}

/// Why an app's jobs have to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gate {
    /// The daily quota of this kind of call is used up. Probed hourly, open again at midnight in
    /// Asia/Shanghai.
    Quota,
    /// The app is refused altogether. Probed every five minutes and when an operator changes it.
    Suspended,
}

/// Whether the attempt described by `facts` may begin now. `last` is what the job has been waiting for.
#[must_use]
pub fn may_begin(facts: &Facts, last: Option<&Failure>) -> Permission {
    if facts.taken {
        return Permission::Go;
    }
    if facts.now >= facts.deadline {
        return Permission::Stop(overdue(facts, last));
    }
    let in_doubt = facts.ambiguous_since.is_some_and(|since| facts.now >= since + millis(DEDUPLICATED_FOR));
    match (in_doubt, facts.on_ambiguity) {
        (false, _) => Permission::Go,
        (true, OnAmbiguity::Resend) => Permission::GoInDoubt,
        (true, OnAmbiguity::Fail) => Permission::Stop(Failure::new(
            "ambiguous",
            "an earlier attempt may have reached the user and a repeat would no longer be recognised as one; \
             not sent again, as this client asked",
        )),
    }
}

/// What follows `outcome`. `dice` lies in 0..1.
#[must_use]
pub fn decide(facts: &Facts, outcome: Outcome, dice: f64) -> Step {
    match outcome {
        Outcome::Done(result) => Step::Succeed(result),
        Outcome::Wait { result, awaited, at_most } => Step::Wait { result, awaited, at_most },
        Outcome::GiveUp(failure) => Step::Fail(failure),
        Outcome::Interrupted => Step::Release,
        Outcome::Quota(failure) => Step::Close(Gate::Quota, failure),
        Outcome::AppAtFault(failure) => Step::Close(Gate::Suspended, failure),
        Outcome::Again { failure, at_least, ambiguous } => retry(facts, failure, at_least, ambiguous, dice),
    }
}

fn retry(facts: &Facts, failure: Failure, at_least: Duration, ambiguous: bool, dice: f64) -> Step {
    let scheduled = schedule::JOB.pause(facts.attempt, dice).unwrap_or(TRIED_FOR);
    let pause = within_protection(facts, ambiguous, scheduled).max(at_least);
    if facts.now.saturating_add(millis(pause)) >= facts.deadline {
        return Step::Fail(overdue(facts, Some(&failure)));
    }
    Step::Retry { pause, failure, ambiguous }
}

/// Shortens a pause that would leap over the end of the de-duplication, so that one more attempt
/// is made while a repeat is still harmless.
fn within_protection(facts: &Facts, ambiguous: bool, pause: Duration) -> Duration {
    let Some(since) = facts.ambiguous_since.or(ambiguous.then_some(facts.now)) else {
        return pause;
    };
    let last = since + millis(DEDUPLICATED_FOR) - millis(LAST_PROTECTED_ATTEMPT);
    match u64::try_from(last - facts.now) {
        Ok(left) if left > 0 => pause.min(Duration::from_millis(left)),
        _ => pause,
    }
}

fn overdue(facts: &Facts, last: Option<&Failure>) -> Failure {
    let because = last.map_or_else(String::new, |failure| format!("; last: {}", failure.message));
    let errcode = last.and_then(|failure| failure.errcode);
    let failure = if facts.expires {
        Failure::new("expired", format!("not sent by its expire_at{because}"))
    } else {
        Failure::new("gave_up", format!("not done within 24 hours of being due{because}"))
    };
    Failure { errcode, ..failure }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;
    const MINUTE: i64 = 60_000;

    fn facts() -> Facts {
        Facts {
            attempt: 1,
            now: 0,
            deadline: 24 * HOUR,
            expires: false,
            ambiguous_since: None,
            on_ambiguity: OnAmbiguity::Resend,
            taken: false,
        }
    }

    fn again(ambiguous: bool) -> Outcome {
        Outcome::Again {
            failure: Failure::new("busy", "WeChat is busy"),
            at_least: Duration::ZERO,
            ambiguous,
        }
    }

    fn pause_of(step: &Step) -> Option<u64> {
        match step {
            Step::Retry { pause, .. } => Some(pause.as_secs()),
            _ => None,
        }
    }

    #[test]
    fn a_pause_follows_the_schedule_or_what_the_upstream_asks_whichever_is_longer() {
        assert_eq!(pause_of(&decide(&facts(), again(false), 0.5)), Some(1));
        let asked = Outcome::Again {
            failure: Failure::new("busy", ""),
            at_least: Duration::from_mins(1),
            ambiguous: false,
        };
        assert_eq!(pause_of(&decide(&facts(), asked, 0.5)), Some(60));
        let late = Facts { attempt: 1000, ..facts() };
        assert_eq!(pause_of(&decide(&late, again(false), 0.5)), Some(600));
    }

    #[test]
    fn a_job_ends_when_its_next_attempt_would_come_too_late() {
        let late = Facts { attempt: 50, now: 24 * HOUR - 5 * MINUTE, ..facts() };
        assert!(
            matches!(decide(&late, again(false), 0.5), Step::Fail(f) if f.code == "gave_up" && f.message.contains("busy"))
        );
        let expiring = Facts { expires: true, deadline: 500, ..facts() };
        assert!(matches!(decide(&expiring, again(false), 0.5), Step::Fail(f) if f.code == "expired"));
    }

    #[test]
    fn an_expired_job_is_not_begun_and_says_what_it_waited_for() {
        let expired = Facts { now: 10, deadline: 10, expires: true, ..facts() };
        let last = Failure::new("wechat", "IP not whitelisted").with_errcode(40164);
        let Permission::Stop(failure) = may_begin(&expired, Some(&last)) else { panic!() };
        assert_eq!((failure.code.as_str(), failure.errcode), ("expired", Some(40164)));
        assert!(failure.message.contains("IP not whitelisted"));
    }

    #[test]
    fn what_the_upstream_has_taken_is_followed_to_its_end_whatever_the_time() {
        let late =
            Facts { now: 10, deadline: 10, ambiguous_since: Some(-100 * MINUTE), taken: true, ..facts() };
        assert_eq!(may_begin(&Facts { on_ambiguity: OnAmbiguity::Fail, ..late }, None), Permission::Go);
    }

    #[test]
    fn a_repeat_is_protected_for_nine_minutes_then_the_client_decides() {
        let doubtful = |now, on_ambiguity| Facts { now, ambiguous_since: Some(0), on_ambiguity, ..facts() };
        assert_eq!(may_begin(&doubtful(9 * MINUTE - 1, OnAmbiguity::Fail), None), Permission::Go);
        assert_eq!(may_begin(&doubtful(9 * MINUTE, OnAmbiguity::Resend), None), Permission::GoInDoubt);
        assert!(
            matches!(may_begin(&doubtful(9 * MINUTE, OnAmbiguity::Fail), None), Permission::Stop(f) if f.code == "ambiguous")
        );
    }

    #[test]
    fn a_pause_never_leaps_over_the_end_of_the_protection() {
        let doubtful = Facts { attempt: 9, now: MINUTE, ambiguous_since: Some(0), ..facts() };
        assert_eq!(pause_of(&decide(&doubtful, again(false), 0.5)), Some(8 * 60 - 15));
        let after = Facts { now: 9 * MINUTE, ..doubtful };
        assert_eq!(pause_of(&decide(&after, again(false), 0.5)), Some(600));
        let fresh = Facts { attempt: 9, ..facts() };
        assert_eq!(pause_of(&decide(&fresh, again(true), 0.5)), Some(9 * 60 - 15));
    }

    #[test]
    fn what_is_not_the_jobs_fault_costs_it_nothing() {
        let failure = Failure::new("quota", "used up").with_errcode(45009);
        assert_eq!(
            decide(&facts(), Outcome::Quota(failure.clone()), 0.5),
            Step::Close(Gate::Quota, failure.clone())
        );
        assert_eq!(
            decide(&facts(), Outcome::AppAtFault(failure.clone()), 0.5),
            Step::Close(Gate::Suspended, failure)
        );
        assert_eq!(decide(&facts(), Outcome::Interrupted, 0.5), Step::Release);
    }
}
