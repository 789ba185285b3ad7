//! One call in the middle of being answered: what was sent, when, and the state it meets.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::apps::Account;
use crate::clock::Moment;
use crate::errcode::{DATA_FORMAT, INVALID_APPID, Refusal};
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

    /// The body, which has to be a JSON object.
    pub(crate) fn body(&self) -> Result<&'a Map<String, Value>, Refusal> {
        self.call.json().and_then(Value::as_object).ok_or_else(|| DATA_FORMAT.into())
    }

    /// The moment of the call, in Unix seconds.
    pub(crate) fn now_s(&self) -> i64 {
        self.now / 1000
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
