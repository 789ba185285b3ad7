//! An answer whose body is for the caller to read, piece by piece.

use std::fmt;

use bytes::Bytes;
use reqwest::{Response, StatusCode};
use tokio::time::{Instant, timeout_at};

use crate::EgressError;

/// An answer that is being read. Holds one piece of the body at a time and never more: how much is
/// read in all is for the caller to bound. Dropped before the end, it closes its connection.
pub struct Download {
    response: Response,
    deadline: Instant,
}

impl Download {
    pub(crate) fn new(response: Response, deadline: Instant) -> Self {
        Self { response, deadline }
    }

    /// The status; redirects are not followed, so 3xx is one like any other.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// A header's first value, unless it is more than visible ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// How long the other end says that the body is (bytes). Nothing to rely on.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// The next piece of the body; `None` at its end.
    ///
    /// # Errors
    /// [`EgressError::Timeout`] when the deadline of the call passes first, [`EgressError::Other`]
    /// when the body breaks off before its announced end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, EgressError> {
        let next = timeout_at(self.deadline, self.response.chunk()).await;
        Ok(next.map_err(|_late| EgressError::Timeout)??)
    }
}

/// The URL is left out: its query may carry a signature.
impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").field("status", &self.status()).finish_non_exhaustive()
    }
}
