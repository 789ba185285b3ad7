//! From a request to the fields that WeChat wrote, or to nothing.

use std::borrow::Cow;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::web::Payload;
use url::form_urlencoded;
use wxgate_push::{Fields, LARGEST, Signed};
use wxgate_store::clock::now_ms;

use super::keys::Keys;
use super::refused::Refused;
use crate::body::{self, Bounds};
use crate::room::Room;

/// How far a time stamp may be off, either way (s). WeChat posts a push again within a minute, and its
/// clock and ours agree within seconds; the rest is for a machine whose clock was left alone. Whoever
/// recorded a push can post it again for no longer than that, and it is remembered for a day.
const WINDOW_S: u64 = 600;

/// WeChat writes at once what it has to say, and all must be over within its 5 s.
const BOUNDS: Bounds = Bounds { limit: LARGEST, within: Duration::from_secs(3) };

/// What comes in the query.
struct Query<'r> {
    signature: Cow<'r, str>,
    msg_signature: Cow<'r, str>,
    timestamp: Cow<'r, str>,
    nonce: Cow<'r, str>,
}

impl<'r> Query<'r> {
    fn of(request: &'r HttpRequest) -> Self {
        Self {
            signature: param(request, "signature"),
            msg_signature: param(request, "msg_signature"),
            timestamp: param(request, "timestamp"),
            nonce: param(request, "nonce"),
        }
    }

    fn signed<'q>(&'q self, signature: &'q str) -> Signed<'q> {
        Signed { signature, timestamp: &self.timestamp, nonce: &self.nonce }
    }

    /// Looks at the signature that does not cover the body. It may be left out only where another one
    /// follows.
    fn check(&self, keys: &Keys) -> Result<(), Refused> {
        let signed = self.signed(&self.signature);
        let left_out = self.signature.is_empty() && !self.msg_signature.is_empty();
        if !left_out && !signed.is_by(&keys.token) {
            return Err(Refused::Signature);
        }
        match signed.seconds_off(now_ms() / 1000) {
            Some(off) if off <= WINDOW_S => Ok(()),
            _ => Err(Refused::Stale),
        }
    }
}

/// What WeChat wants to have repeated.
pub(super) fn echo(request: &HttpRequest, keys: &Keys) -> Result<String, Refused> {
    let query = Query::of(request);
    if query.signature.is_empty() {
        return Err(Refused::Signature);
    }
    query.check(keys)?;
    Ok(param(request, "echostr").into_owned())
}

/// The fields of a push. Whether it is encrypted is told by its body alone: a query that denied it would
/// choose the weaker check.
pub(super) async fn read(
    request: &HttpRequest,
    payload: Payload,
    keys: &Keys,
    room: &Room,
) -> Result<Fields, Refused> {
    let query = Query::of(request);
    query.check(keys)?;
    let body = body::read(request, payload, BOUNDS, &mut room.enter()).await?;
    let outer = Fields::read(&body)?;
    match outer.get("Encrypt") {
        Some(encrypted) => opened(encrypted, &query, keys),
        None if keys.sealed_only => Err(Refused::Plain),
        None if query.signature.is_empty() => Err(Refused::Signature),
        None => Ok(outer),
    }
}

fn opened(encrypted: &str, query: &Query<'_>, keys: &Keys) -> Result<Fields, Refused> {
    if !query.signed(&query.msg_signature).covers(encrypted, &keys.token) {
        return Err(Refused::Signature);
    }
    let xml = keys.aes_key()?.open(encrypted, &keys.owner)?;
    Ok(Fields::read(&xml)?)
}

/// Decoded; empty when it is not there.
fn param<'r>(request: &'r HttpRequest, name: &str) -> Cow<'r, str> {
    let query = request.query_string().as_bytes();
    form_urlencoded::parse(query).find(|(known, _)| known == name).unwrap_or_default().1
}
