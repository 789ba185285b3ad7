//! WeChat's return codes: what follows from each.
//!
//! [`classify`] is for the program, [`advice`] and [`advice_zh`] for people. The codes themselves
//! are in [`table`], one a line. Codes are decided by their number alone: WeChat's words change and
//! carry a request id.

mod table;

use std::time::Duration;

use table::{Row, TABLE};

/// Which interface answered: some codes mean something else where tokens are fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// `cgi-bin/token`, `cgi-bin/stable_token` and `component/api_component_token`.
    TokenFetch,
    /// `component/api_authorizer_token`: an account's token, fetched with its platform's.
    AuthorizerFetch,
    /// Whatever is called with an app's access token.
    AppCall,
    /// Whatever else is called with a platform's token.
    PlatformCall,
    /// A user's login: `sns/oauth2/access_token`, and what is called with the token from there.
    Login,
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
/// a token) and 40013 (an app that WeChat does not know). In a login no token can be renewed: the
/// user has to log in again.
#[must_use]
pub fn classify(family: Family, errcode: i64) -> Class {
    let class = row(errcode).map_or(Class::Permanent, |row| row.class);
    let is_for_later = matches!(class, Class::Again | Class::AgainAfter(_) | Class::Quota);
    match (family, class) {
        (Family::TokenFetch | Family::AuthorizerFetch, _) if is_for_later => class,
        (Family::AuthorizerFetch, Class::RefreshToken) => class,
        (Family::TokenFetch | Family::AuthorizerFetch, _) => Class::AppAtFault,
        (Family::Login, Class::RefreshToken) => Class::Permanent,
        (Family::AppCall | Family::PlatformCall | Family::Login, class) => class,
    }
}

/// Whether the code says that the account has not authorised the third-party platform, or does so
/// no longer.
#[must_use]
pub fn is_unauthorised(errcode: i64) -> bool {
    table::UNAUTHORISED.contains(&errcode)
}

/// Whether the code says that a card code has been consumed before.
#[must_use]
pub fn is_consumed(errcode: i64) -> bool {
    errcode == table::CONSUMED
}

/// What the code means and what to do, in one or two sentences for people.
#[must_use]
pub fn advice(family: Family, errcode: i64) -> Option<&'static str> {
    match (family, errcode) {
        (Family::TokenFetch, 40001) => Some(table::WRONG_SECRET),
        (Family::Login, _) if is_about_a_token(errcode) => Some(table::LOGIN_OVER),
        _ => row(errcode).map(|row| row.advice),
    }
}

/// The same in Chinese.
#[must_use]
pub fn advice_zh(family: Family, errcode: i64) -> Option<&'static str> {
    match (family, errcode) {
        (Family::TokenFetch, 40001) => Some(table::WRONG_SECRET_ZH),
        (Family::Login, _) if is_about_a_token(errcode) => Some(table::LOGIN_OVER_ZH),
        _ => row(errcode).map(|row| row.zh),
    }
}

fn is_about_a_token(errcode: i64) -> bool {
    row(errcode).is_some_and(|row| row.class == Class::RefreshToken)
}

fn row(errcode: i64) -> Option<&'static Row> {
    let at = TABLE.partition_point(|row| row.last < errcode);
    TABLE.get(at).filter(|row| row.first <= errcode)
}

#[cfg(test)]
mod tests;
