//! The simulated endpoints. A new one is a constant in its family's module and a line here, or a line
//! in the list of a family that has many.

use crate::errcode::{REQUIRE_GET, REQUIRE_POST, Refusal};
use crate::incoming::Incoming;
use crate::reply::Reply;
use crate::session::Session;
use crate::state::State;
use crate::{cards, custom, media, oauth, platform, qrcode, template, tickets, token};

/// Endpoints of families that have few.
const SINGLE: &[Endpoint] = &[
    custom::SEND,
    custom::TYPING,
    qrcode::CREATE,
    qrcode::SHOW,
    template::SEND,
    tickets::GET_TICKET,
    token::STABLE_TOKEN,
    token::TOKEN,
];

/// All that this sandbox simulates.
const FAMILIES: &[&[Endpoint]] =
    &[SINGLE, cards::ENDPOINTS, media::ENDPOINTS, oauth::ENDPOINTS, platform::ENDPOINTS];

/// How an endpoint answers.
pub(crate) type Answer = fn(&Session<'_>) -> Result<Reply, Refusal>;

/// One simulated endpoint.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// The path; one that ends in a slash stands for all below it.
    pub(crate) path: &'static str,
    pub(crate) verb: Verb,
    /// Whether bodies and answers hold secrets or tokens, which the log then shortens; what is no JSON
    /// it does not show at all, files too.
    pub(crate) has_secrets: bool,
    /// Which app the call claims to be for, before anything is checked.
    pub(crate) app_of: fn(&Incoming, &State) -> Option<String>,
    pub(crate) answer: Answer,
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
    FAMILIES.iter().copied().flatten().find(|endpoint| reaches(endpoint.path, path))
}

/// Whether a path is this one or, when this one ends in a slash, lies below it.
pub(crate) fn reaches(known: &str, path: &str) -> bool {
    known == path || (known.ends_with('/') && path.starts_with(known))
}

impl Endpoint {
    /// One that wants a POST with an app's access token, and has no secrets in it.
    pub(crate) const fn post(path: &'static str, answer: Answer) -> Self {
        Self { path, verb: Verb::Post, has_secrets: false, app_of: app_by_token, answer }
    }

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
