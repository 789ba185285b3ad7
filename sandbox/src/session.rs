//! One call in the middle of being answered: what was sent, when, and the state it meets.

use std::sync::Arc;

use crate::apps::Account;
use crate::clock::Moment;
use crate::errcode::{INVALID_APPID, Refusal};
use crate::incoming::Incoming;
use crate::reply::Reply;
use crate::state::State;
use crate::token;

/// What an endpoint works with.
pub(crate) struct Session<'a> {
    pub(crate) state: &'a State,
    pub(crate) call: &'a Incoming,
    pub(crate) now: Moment,
}

impl<'a> Session<'a> {
    pub(crate) fn new(state: &'a State, call: &'a Incoming) -> Self {
        Self { state, call, now: state.clock.now() }
    }

    /// The account that the call's access token speaks for.
    pub(crate) fn authenticate(&self) -> Result<Arc<Account>, Refusal> {
        let owner = token::owner_of(&self.state.vault, self.call.query("access_token"), self.now)?;
        self.state.accounts.find(&owner).ok_or_else(|| INVALID_APPID.into())
    }

    /// Counts the call against the account's quotas, unless they are used up.
    pub(crate) fn meter(&self, account: &Account, path: &'static str) -> Result<(), Refusal> {
        account.meters.lock().call(&account.app(), path, self.now)
    }

    /// A refusal as WeChat words it.
    pub(crate) fn refuse(&self, refusal: &Refusal) -> Reply {
        let rid = self.state.chance.rid(self.now / 1000);
        Reply::json(refusal.errcode, &refusal.to_json(&rid))
    }
}
