//! Reading a request's body within bounds of size and time.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt as _;
use tokio::time::timeout;

use crate::Refusal;
use crate::room::Taken;

/// How much is read, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// The largest body taken (bytes).
    pub(crate) limit: usize,
    /// The longest it may take.
    pub(crate) within: Duration,
}

/// Of a caller's request: the time is for the largest one over a slow mobile link (35 kB/s). Whoever
/// sends slower holds a connection without a purpose.
pub(crate) const OF_REQUESTS: Bounds = Bounds { limit: 1 << 20, within: Duration::from_secs(30) };

/// The whole body, or none of it.
pub(crate) async fn read(
    request: &HttpRequest,
    mut payload: Payload,
    bounds: Bounds,
    room: &mut Taken,
) -> Result<Bytes, Refusal> {
    let Bounds { limit, within } = bounds;
    if announced(request).is_some_and(|length| length > limit) {
        return Err(Refusal::TooLarge { limit });
    }
    let read = async {
        let mut body = BytesMut::new();
        while let Some(piece) = payload.next().await {
            let piece = piece.map_err(|_broken| Refusal::BodyBroken { within })?;
            if body.len() + piece.len() > limit {
                return Err(Refusal::TooLarge { limit });
            }
            room.grow(piece.len())?;
            body.extend_from_slice(&piece);
        }
        Ok(body.freeze())
    };
    timeout(within, read).await.unwrap_or(Err(Refusal::BodyBroken { within }))
}

/// How long the body is said to be (bytes).
pub(crate) fn announced(request: &HttpRequest) -> Option<usize> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
