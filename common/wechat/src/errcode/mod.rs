//! WeChat's return codes: what follows from each.
//!
//! [`classify`] is for the program, [`advice`] and [`meaning_zh`] for people. The codes themselves
//! are in [`table`], one a line. Codes are decided by their number alone: WeChat's words change and
//! carry a request id.

mod table;

use std::time::Duration;

use table::{Row, TABLE};

/// Which interface answered: some codes mean something else where tokens are fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// `cgi-bin/token` and `cgi-bin/stable_token`.
    TokenFetch,
    /// Whatever is called with an app's access token.
    AppCall,
}

/// What follows from a return code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// The same request later.
    Again,
    /// The same request, not before this has passed.
    AgainAfter(Duration),
    /// Get a new token, one refresh for all callers, and repeat.
    RefreshToken,
    /// The app's daily quota for this family of calls is used up.
    Quota,
    /// Too many messages to this one user: not before this has passed.
    TooOftenForUser(Duration),
    /// Nothing of this app can work until somebody acts.
    AppAtFault,
    /// What was asked for has been done before: count it as done.
    AlreadyDone,
    /// The same request will fail again.
    Permanent,
}

/// What follows from this non-zero code. A code that is not in the table is [`Class::Permanent`].
///
/// Where tokens are fetched there is nothing of a caller's in the request, so whatever is not for
/// later is the app's own fault: [`Class::AppAtFault`]. So are 40001 (there the secret is wrong, not
/// a token) and 40013 (an app that WeChat does not know).
#[must_use]
pub fn classify(family: Family, errcode: i64) -> Class {
    let class = row(errcode).map_or(Class::Permanent, |row| row.class);
    match (family, class) {
        (Family::AppCall, class)
        | (Family::TokenFetch, class @ (Class::Again | Class::AgainAfter(_) | Class::Quota)) => class,
        (Family::TokenFetch, _) => Class::AppAtFault,
    }
}

/// What the code means and what to do, in one or two sentences for people.
#[must_use]
pub fn advice(family: Family, errcode: i64) -> Option<&'static str> {
    match (family, errcode) {
        (Family::TokenFetch, 40001) => Some(table::WRONG_SECRET),
        _ => row(errcode).map(|row| row.advice),
    }
}

/// What the code means, in a few words of Chinese.
#[must_use]
pub fn meaning_zh(errcode: i64) -> Option<&'static str> {
    row(errcode).map(|row| row.zh)
}

fn row(errcode: i64) -> Option<&'static Row> {
    let at = TABLE.partition_point(|row| row.last < errcode);
    TABLE.get(at).filter(|row| row.first <= errcode)
}

#[cfg(test)]
mod tests;
