//! Counts of everything, cheap to read however much there was.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::state::State;
use crate::token::TokensIssued;

/// Counts since the start or the last reset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Calls that ended, by path and by how: the errcode (`0` for success), or `empty`, `http 502`,
    /// `dropped`, `left hanging`. Calls to anything else stand under `(not simulated)`.
    pub calls: BTreeMap<String, BTreeMap<String, u64>>,
    /// Tokens made, by app.
    pub tokens: BTreeMap<String, TokensIssued>,
    /// Messages that reached a user.
    pub messages: u64,
    /// Sends that did not, since their `client_msg_id` had been used.
    pub repeats: u64,
}

impl Stats {
    pub(super) fn of(state: &State) -> Self {
        let (messages, repeats) = state.ledger.counts();
        Self { calls: state.calls.counts(), tokens: state.vault.issued(), messages, repeats }
    }
}
