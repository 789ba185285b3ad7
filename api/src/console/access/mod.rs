//! Who may come in: whoever knows the admin token, and whom a browser acts for that was shown it.
//!
//! * `token` compares what was given with the token, and counts what was wrong.
//! * `session` is the cookie that a browser gets for it.
//! * `origin` says which requests a browser may send in the operator's name at all.

mod attempts;
mod origin;
mod session;
mod token;

use std::net::IpAddr;
use std::time::Instant;

use actix_web::HttpRequest;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use url::Url;
use wxgate_secret::Secret;

use attempts::Attempts;
pub(super) use attempts::TooMany;
pub(super) use origin::Origins;
pub(super) use session::{COOKIE, Session, Sessions};
use token::Token;

/// The lock on both doors.
pub(super) struct Access {
    token: Token,
    attempts: Attempts,
    pub(super) sessions: Sessions,
    pub(super) origins: Origins,
}

/// Why somebody may not come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// No token, or not the right one.
    #[error("the admin token is wrong")]
    Wrong,
    /// Nor this one, and too many came before it.
    #[error("the admin token is wrong, and so were too many before it; try again in {} s", .0.seconds)]
    TooMany(TooMany),
}

impl Access {
    pub(super) fn new(token: &Secret, public_url: &Url) -> Self {
        Self {
            sessions: Sessions::new(token),
            token: Token::new(token),
            attempts: Attempts::default(),
            origins: Origins::new(public_url),
        }
    }

    /// Whether this is the token. A wrong one is counted against its sender, and logged as long as there
    /// are not too many; the right one always opens, whatever was tried before it.
    pub(super) fn knows(&self, request: &HttpRequest, given: &str) -> Result<(), Refused> {
        if self.token.is(given) {
            return Ok(());
        }
        let address = sender(request);
        Err(match self.attempts.count(address, Instant::now()) {
            Ok(()) => {
                tracing::warn!(%address, "console.token_refused");
                Refused::Wrong
            }
            Err(too_many) => {
                tracing::debug!(%address, "console.token_refused");
                Refused::TooMany(too_many)
            }
        })
    }

    /// The same for what stands in `Authorization: Bearer`. A wrong one that comes under a name which a
    /// stranger may own is that stranger's, sent by somebody's browser: it is not counted against them.
    pub(super) fn knows_bearer(&self, request: &HttpRequest) -> Result<(), Refused> {
        match bearer(request.headers()) {
            Some(given) if self.token.is(given) => Ok(()),
            Some(given) if self.origins.is_own_name(request) => self.knows(request, given),
            _ => Err(Refused::Wrong),
        }
    }
}

/// Who is at the other end of the connection. What a proxy says of its own client is not believed: anybody
/// can say that.
pub(super) fn sender(request: &HttpRequest) -> IpAddr {
    request.peer_addr().map_or(IpAddr::from([0, 0, 0, 0]), |address| address.ip())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
