//! Reading a request's body within bounds of size and time.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::{Bytes, Payload};
use tokio::time::timeout;

use crate::Refusal;

/// The largest body taken (bytes).
const LIMIT: usize = 1 << 20;

/// The longest a body may take: the largest one over a slow mobile link (35 kB/s). Whoever sends slower
/// holds a connection without a purpose.
const WITHIN: Duration = Duration::from_secs(30);

/// The whole body, or none of it.
pub(crate) async fn read(request: &HttpRequest, payload: Payload) -> Result<Bytes, Refusal> {
    if announced(request).is_some_and(|length| length > LIMIT) {
        return Err(Refusal::TooLarge { limit: LIMIT });
    }
    match timeout(WITHIN, payload.to_bytes_limited(LIMIT)).await {
        Ok(Ok(Ok(body))) => Ok(body),
        Ok(Err(_over)) => Err(Refusal::TooLarge { limit: LIMIT }),
        Ok(Ok(Err(_))) | Err(_) => Err(Refusal::BodyBroken { within: WITHIN }),
    }
}

fn announced(request: &HttpRequest) -> Option<usize> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
