//! The rules of refresh tokens as checks, for every [`TokenStore`] together with the place where
//! accounts and their refresh tokens are kept. As in [`super::conformance`], none waits and each
//! takes an account of its own.

#![expect(clippy::missing_panics_doc, clippy::expect_used, reason = "a check tells its finding by panicking")]

use async_trait::async_trait;
use wxgate_secret::Secret;

use super::conformance::{EASY, LAPSED, load, token, turn};
use crate::key::TokenKey;
use crate::store::{NewToken, StoredToken, Ticket, TokenStore};

/// Where accounts and their refresh tokens are kept: in the same place as the tokens.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// The account authorised the platform, for the first time or anew: stores its refresh token as
    /// [`TokenStore`] demands. Makes the account if need be.
    async fn authorise(&self, app: &str, refresh_token: Secret);

    /// The refresh token that stands.
    async fn refresh_token(&self, app: &str) -> Option<Secret>;
}

/// Every rule, one after the other.
pub async fn all(store: &dyn TokenStore, accounts: &dyn Accounts) {
    a_refresh_token_is_stored_with_its_token(store, accounts).await;
    a_refresh_that_brings_none_keeps_the_old(store, accounts).await;
    an_older_refresh_replaces_nothing(store, accounts).await;
    a_repeated_finish_replaces_nothing(store, accounts).await;
    a_refresh_begun_before_an_authorisation_stores_nothing(store, accounts).await;
    an_authorisation_frees_the_lock_and_forgets_the_token(store, accounts).await;
}

/// Once [`TokenStore::finish_refresh`] has answered, the new one stands.
pub async fn a_refresh_token_is_stored_with_its_token(store: &dyn TokenStore, accounts: &dyn Accounts) {
    let (app, ticket) = begun(store, accounts, "stored").await;
    finish(store, &ticket, "T1", Some("R1")).await.expect("nothing newer stands");
    assert_eq!(standing(accounts, &app).await, "R1");
}

/// Not every refresh brings one.
pub async fn a_refresh_that_brings_none_keeps_the_old(store: &dyn TokenStore, accounts: &dyn Accounts) {
    let (app, ticket) = begun(store, accounts, "kept").await;
    finish(store, &ticket, "T1", None).await.expect("nothing newer stands");
    assert_eq!(standing(accounts, &app).await, "R0");
}

/// Like the token that it came with.
pub async fn an_older_refresh_replaces_nothing(store: &dyn TokenStore, accounts: &dyn Accounts) {
    let app = authorised(accounts, "older").await;
    let slow = turn(store, &TokenKey::access(&app), 0, LAPSED).await;
    let quick = turn(store, &TokenKey::access(&app), 0, EASY).await;
    finish(store, &quick, "T2", Some("R2")).await.expect("nothing newer stands");

    assert!(finish(store, &slow, "T1", Some("R1")).await.is_none());
    assert_eq!(standing(accounts, &app).await, "R2");
}

/// The answer to a finish may get lost, and the account authorise anew before the repeat.
pub async fn a_repeated_finish_replaces_nothing(store: &dyn TokenStore, accounts: &dyn Accounts) {
    let (app, ticket) = begun(store, accounts, "repeated").await;
    finish(store, &ticket, "T1", Some("R1")).await.expect("nothing newer stands");
    accounts.authorise(&app, Secret::new("ANEW")).await;

    assert!(finish(store, &ticket, "T1", Some("R1")).await.is_none());
    assert_eq!(standing(accounts, &app).await, "ANEW");
}

/// Its refresh token belongs to an authorisation that is over.
pub async fn a_refresh_begun_before_an_authorisation_stores_nothing(
    store: &dyn TokenStore,
    accounts: &dyn Accounts,
) {
    let (app, ticket) = begun(store, accounts, "overtaken").await;
    accounts.authorise(&app, Secret::new("ANEW")).await;

    assert!(finish(store, &ticket, "T1", Some("R1")).await.is_none());
    assert_eq!(standing(accounts, &app).await, "ANEW");
    assert!(load(store, &TokenKey::access(&app)).await.is_none());
}

/// A token from the authorisation before is of no use, nor does its refresh keep others away.
pub async fn an_authorisation_frees_the_lock_and_forgets_the_token(
    store: &dyn TokenStore,
    accounts: &dyn Accounts,
) {
    let (app, ticket) = begun(store, accounts, "anew").await;
    finish(store, &ticket, "T1", Some("R1")).await.expect("nothing newer stands");
    let key = TokenKey::access(&app);
    let held = turn(store, &key, ticket.turn(), EASY).await;
    accounts.authorise(&app, Secret::new("ANEW")).await;

    assert!(load(store, &key).await.is_none());
    let next = turn(store, &key, ticket.turn(), EASY).await;
    assert!(next.turn() > held.turn());
    finish(store, &next, "T2", Some("R2")).await.expect("nothing newer stands");
    assert_eq!(standing(accounts, &app).await, "R2");
}

/// An account with the refresh token `R0`.
async fn authorised(accounts: &dyn Accounts, name: &str) -> String {
    let app = format!("conformance-refresh-{name}");
    accounts.authorise(&app, Secret::new("R0")).await;
    app
}

async fn begun(store: &dyn TokenStore, accounts: &dyn Accounts, name: &str) -> (String, Ticket) {
    let app = authorised(accounts, name).await;
    let ticket = turn(store, &TokenKey::access(&app), 0, EASY).await;
    (app, ticket)
}

async fn standing(accounts: &dyn Accounts, app: &str) -> String {
    let refresh_token = accounts.refresh_token(app).await.expect("one stands");
    refresh_token.expose().to_owned()
}

async fn finish(
    store: &dyn TokenStore,
    ticket: &Ticket,
    value: &str,
    refresh_token: Option<&str>,
) -> Option<StoredToken> {
    let token = NewToken { refresh_token: refresh_token.map(Secret::new), ..token(value) };
    store.finish_refresh(ticket, &token).await.expect("the store answers")
}
