//! How spans get to the collector: by the HTTP client that everything else uses.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use tokio::runtime::Handle;

/// How long the collector may take: for the connection, and for its answer.
const CONNECT: Duration = Duration::from_secs(3);
const ANSWER: Duration = Duration::from_secs(10);

/// Sends batches on the runtime, since they come from a thread that has none.
#[derive(Debug)]
pub(crate) struct Sender {
    client: reqwest::Client,
    home: Handle,
    /// The last batch was lost: said once, not for each.
    failing: AtomicBool,
}

impl Sender {
    pub(crate) fn new(home: Handle) -> Result<Self, reqwest::Error> {
        Ok(Self { client: wxgate_egress::upstream_client(CONNECT)?, home, failing: AtomicBool::new(false) })
    }

    fn note(&self, result: &Result<Response<Bytes>, HttpError>) {
        let failed = !result.as_ref().is_ok_and(|response| response.status().is_success());
        if failed && !self.failing.swap(failed, Ordering::Relaxed) {
            let status = result.as_ref().ok().map(|response| response.status().as_u16());
            tracing::warn!(status, "traces.not_taken");
        } else if !failed {
            self.failing.store(false, Ordering::Relaxed);
        }
    }
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sent = self.home.spawn(async move { send(&client, request).await });
        let result = sent.await.unwrap_or_else(|ended| Err(ended.into()));
        self.note(&result);
        result
    }
}

async fn send(client: &reqwest::Client, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let mut request = reqwest::Request::try_from(request)?;
    *request.timeout_mut() = Some(ANSWER);
    let answer = client.execute(request).await?;
    let status = answer.status();
    let mut response = Response::new(answer.bytes().await?);
    *response.status_mut() = status;
    Ok(response)
}
