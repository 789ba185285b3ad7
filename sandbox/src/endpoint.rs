//! The simulated endpoints, in one list. A new one is a constant in its family's module and a line
//! here.

use crate::errcode::{REQUIRE_GET, REQUIRE_POST, Refusal};
use crate::incoming::Incoming;
use crate::reply::Reply;
use crate::session::Session;
use crate::state::State;
use crate::{template, token};

/// All that this sandbox simulates.
pub(crate) const ENDPOINTS: &[Endpoint] = &[token::TOKEN, token::STABLE_TOKEN, template::SEND];

/// One simulated endpoint.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) path: &'static str,
    pub(crate) verb: Verb,
    /// Whether bodies and answers hold secrets or tokens, which the log then shortens.
    pub(crate) has_secrets: bool,
    /// Which app the call claims to be for, before anything is checked.
    pub(crate) app_of: fn(&Incoming, &State) -> Option<String>,
    pub(crate) answer: fn(&Session<'_>) -> Result<Reply, Refusal>,
}

/// The method that an endpoint wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
}

impl Verb {
    fn check(self, method: &str) -> Result<(), Refusal> {
        match self {
            Self::Get if method != "GET" => Err(REQUIRE_GET.into()),
            Self::Post if method != "POST" => Err(REQUIRE_POST.into()),
            Self::Get | Self::Post => Ok(()),
        }
    }
}

/// The endpoint at a path.
pub(crate) fn find(path: &str) -> Option<&'static Endpoint> {
    ENDPOINTS.iter().find(|endpoint| endpoint.path == path)
}

impl Endpoint {
    /// Carries the call out, or says in WeChat's words why not.
    pub(crate) fn carry_out(&self, session: &Session<'_>) -> Reply {
        let outcome = self.verb.check(&session.call.method).and_then(|()| (self.answer)(session));
        outcome.unwrap_or_else(|refusal| session.refuse(&refusal))
    }
}

/// For calls with an `access_token`: whose it is or was.
pub(crate) fn app_by_token(call: &Incoming, state: &State) -> Option<String> {
    state.vault.issued_to(call.query("access_token")?).map(|app| app.to_string())
}
