//! What came back from a call, bounded.

use std::time::{Duration, SystemTime};

use bytes::BytesMut;
use reqwest::{Response, StatusCode};
use tokio::time::{Instant, timeout_at};

use crate::retry_after::retry_after;

/// How much of a body is read (bytes): enough for any error text, too little to exhaust us.
pub const MAX_BODY_START: usize = 64 * 1024;

/// An answer. The status is known for certain, whatever became of the body.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status; redirects are not followed, so 3xx is one like any other.
    pub status: StatusCode,
    /// The pause that the receiver asks for, at most [`crate::MAX_RETRY_AFTER`].
    pub retry_after: Option<Duration>,
    /// The body's first [`MAX_BODY_START`] bytes, or what came of them before the deadline.
    pub body_start: Vec<u8>,
    /// Whether the body went on, broke off or was not over in time.
    pub cut: bool,
    /// From the call to the end of reading, name look-up and connecting included.
    pub elapsed: Duration,
}

impl Reply {
    pub(crate) async fn read(mut response: Response, started: Instant, deadline: Instant) -> Self {
        let (status, retry_after) = (response.status(), retry_after(response.headers(), SystemTime::now()));
        let mut body = BytesMut::new();
        let complete = timeout_at(deadline, read_start(&mut response, &mut body)).await.unwrap_or(false);
        Self { status, retry_after, body_start: body.into(), cut: !complete, elapsed: started.elapsed() }
    }
}

/// Reads up to the limit; says whether that was all.
async fn read_start(response: &mut Response, body: &mut BytesMut) -> bool {
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                let room = MAX_BODY_START - body.len();
                body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                if chunk.len() > room {
                    return false;
                }
            }
            Ok(None) => return true,
            Err(_broken) => return false,
        }
    }
}
