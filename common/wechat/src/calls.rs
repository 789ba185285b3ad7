//! Counts what became of calls, by who was asked and what followed. Plain numbers, since start;
//! exporting them is another's business.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::call::CallError;
use crate::errcode::{Class, Family, classify};

/// Who is asked, in the order of [`place`].
const FAMILIES: [(Family, &str); 5] = [
    (Family::TokenFetch, "token_fetch"),
    (Family::AuthorizerFetch, "authorizer_fetch"),
    (Family::AppCall, "app_call"),
    (Family::PlatformCall, "platform_call"),
    (Family::Login, "login"),
];

/// What can become of a call: done, the classes of refusals, the kinds of failures.
const RESULTS: [&str; 14] = [
    "ok",
    "again",
    "refresh_token",
    "quota",
    "too_often_for_user",
    "app_at_fault",
    "already_done",
    "permanent",
    "timeout",
    "unreachable",
    "connection_lost",
    "http_status",
    "unreadable_answer",
    "other",
];

/// The family as counts and spans name it.
pub(crate) fn name(family: Family) -> &'static str {
    FAMILIES[place(family)].1
}

fn place(family: Family) -> usize {
    FAMILIES.iter().position(|(known, _)| *known == family).unwrap_or_default()
}

/// How many calls of one family came to one result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallCount {
    /// Who was asked.
    pub family: &'static str,
    /// What became of it: `ok`, what follows from WeChat's code, or why there was no answer.
    pub result: &'static str,
    /// Calls since start.
    pub calls: u64,
}

/// The counts of one client. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Calls(Arc<[[AtomicU64; RESULTS.len()]; FAMILIES.len()]>);

impl Calls {
    /// Counts one call.
    pub(crate) fn count(&self, family: Family, errcode: Result<i64, &CallError>) {
        let result = match errcode {
            Ok(0) => "ok",
            Ok(errcode) => word(classify(family, errcode)),
            Err(error) => error.code(),
        };
        let column = RESULTS.iter().position(|known| *known == result).unwrap_or(RESULTS.len() - 1);
        self.0[place(family)][column].fetch_add(1, Ordering::Relaxed);
    }

    /// What was counted so far.
    pub(crate) fn counted(&self) -> Vec<CallCount> {
        let rows = FAMILIES.iter().zip(self.0.iter());
        rows.flat_map(|((_, family), row)| {
            RESULTS.iter().zip(row).map(|(result, calls)| CallCount {
                family,
                result,
                calls: calls.load(Ordering::Relaxed),
            })
        })
        .filter(|count| count.calls > 0)
        .collect()
    }
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.counted()).finish()
    }
}

const fn word(class: Class) -> &'static str {
    match class {
        Class::Again | Class::AgainAfter(_) => "again",
        Class::RefreshToken => "refresh_token",
        Class::Quota => "quota",
        Class::TooOftenForUser(_) => "too_often_for_user",
        Class::AppAtFault => "app_at_fault",
        Class::AlreadyDone => "already_done",
        Class::Permanent => "permanent",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_family_and_what_follows() {
        let calls = Calls::default();
        calls.count(Family::AppCall, Ok(0));
        calls.count(Family::AppCall, Ok(0));
        calls.count(Family::AppCall, Ok(45009));
        calls.count(Family::TokenFetch, Ok(40001));
        calls.count(Family::Login, Err(&CallError::Status(502)));
        let counted: Vec<_> =
            calls.counted().into_iter().map(|count| (count.family, count.result, count.calls)).collect();
        assert_eq!(
            counted,
            [
                ("token_fetch", "app_at_fault", 1),
                ("app_call", "ok", 2),
                ("app_call", "quota", 1),
                ("login", "http_status", 1),
            ]
        );
    }

    #[test]
    fn every_failure_has_its_own_count() {
        let failures =
            [CallError::OutOfTime, CallError::TimedOut, CallError::Status(500), CallError::Unreadable];
        for error in failures {
            assert!(RESULTS.contains(&error.code()), "{error}");
        }
    }
}
