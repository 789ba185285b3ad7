//! Carries out what the sandbox sends by itself: pushes and notifies. It calls only addresses that
//! the sandbox's operator set, or that a task named.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::timeout;

/// How much of an answer is read, in bytes.
const KEPT_BYTES: usize = 16 << 10;

/// A client with the runtime that it works on; copies share both.
#[derive(Clone, Debug)]
pub(crate) struct Courier {
    /// Made when the first request goes out, since it reads the machine's certificates.
    client: Arc<OnceLock<Result<Client, String>>>,
    pub(crate) runtime: Handle,
    activity: watch::Sender<()>,
}

/// What a request was answered.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) status: u16,
    /// The body's first 16 KiB.
    pub(crate) body: String,
}

impl Courier {
    pub(crate) fn new(runtime: Handle) -> Self {
        Self { client: Arc::default(), runtime, activity: watch::Sender::new(()) }
    }

    /// Changes whenever anything happens in the sandbox.
    pub(crate) fn activity(&self) -> watch::Sender<()> {
        self.activity.clone()
    }

    /// Sends a request and reads the answer; else the sentence that says why there is none. Redirects
    /// are answers.
    pub(crate) async fn ask(
        &self,
        request: impl FnOnce(&Client) -> RequestBuilder,
        within: Duration,
    ) -> Result<Heard, String> {
        let sent = request(self.client()?).send();
        let heard = timeout(within, async move { read(sent.await?).await });
        // On one runtime, whoever asks: the connections that are kept open belong to it.
        let heard = self.runtime.spawn(heard).await.map_err(|error| error.to_string())?;
        heard
            .map_err(|_late| format!("no answer within {} ms", within.as_millis()))?
            .map_err(|error| error.without_url().to_string())
    }

    fn client(&self) -> Result<&Client, String> {
        self.client.get_or_init(|| make().map_err(|error| error.to_string())).as_ref().map_err(String::clone)
    }
}

fn make() -> reqwest::Result<Client> {
    // The client insists on a TLS provider even for plain HTTP; where one is installed already, that
    // one serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().redirect(Policy::none()).no_proxy().build()
}

async fn read(mut response: Response) -> reqwest::Result<Heard> {
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk[..chunk.len().min(KEPT_BYTES - body.len())]);
        if body.len() == KEPT_BYTES {
            break;
        }
    }
    Ok(Heard { status, body: String::from_utf8_lossy(&body).into_owned() })
}
