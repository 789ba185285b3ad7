//! The client for URLs that somebody else chose.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Client, ClientBuilder};
use tokio::time::{Instant, timeout_at};

use crate::base::builder;
use crate::guard::{Guard, Route};
use crate::{Download, EgressError, Reply};

/// How long connecting may take, name look-up and TLS included. A third of a callback's 15 s: a
/// call that fails here is known not to have been written.
const CONNECT: Duration = Duration::from_secs(5);

/// Idle connections kept to one host.
const IDLE: usize = 128;

/// How long a connection may idle. Node.js closes its side after 5 s; staying below that, we
/// rarely write into a closing connection.
const IDLE_FOR: Duration = Duration::from_secs(4);

/// Calls what its [`Guard`] admits and nothing else: no redirects, no proxy, no repeats, bounded
/// answers. Connections are kept alive and shared by all calls to a host. Cheap to clone.
#[derive(Clone)]
pub struct GuardedClient {
    guard: Arc<Guard>,
    /// For URLs that were not listed. Its resolver yields admitted addresses only.
    filtering: Client,
    /// For listed endpoints, and only ever given those. Its own connection pool, so that what was
    /// dialled by exception is never used for another URL.
    trusting: Client,
}

impl GuardedClient {
    /// # Errors
    /// When TLS cannot be set up, as on a machine without any CA certificate.
    pub fn new(guard: Arc<Guard>) -> reqwest::Result<Self> {
        let filtering = pooled().dns_resolver(Arc::new(guard.filtering_resolver())).build()?;
        let trusting = pooled().dns_resolver(Arc::new(guard.trusting_resolver())).build()?;
        Ok(Self { guard, filtering, trusting })
    }

    /// Posts `body` and reads the answer's start, both by `deadline`. A status that came in time is
    /// answered even when its body did not.
    ///
    /// # Errors
    /// [`EgressError`], by how far the call got.
    pub async fn post(
        &self,
        url: &str,
        headers: HeaderMap,
        body: Bytes,
        deadline: Instant,
    ) -> Result<Reply, EgressError> {
        let started = Instant::now();
        let (url, route) = self.guard.check(url)?;
        let request = self.client(route).post(url).headers(headers).body(body);
        let response = timeout_at(deadline, request.send()).await.map_err(|_late| EgressError::Timeout)??;
        Ok(Reply::read(response, started, deadline).await)
    }

    /// Gets what is at `url`, to be read piece by piece. `deadline` is for the whole of it: the
    /// answer's head and every piece of its body.
    ///
    /// # Errors
    /// [`EgressError`], by how far the call got.
    pub async fn get(&self, url: &str, deadline: Instant) -> Result<Download, EgressError> {
        let (url, route) = self.guard.check(url)?;
        let request = self.client(route).get(url);
        let response = timeout_at(deadline, request.send()).await.map_err(|_late| EgressError::Timeout)??;
        Ok(Download::new(response, deadline))
    }

    fn client(&self, route: Route) -> &Client {
        match route {
            Route::Listed => &self.trusting,
            Route::Literal | Route::Named => &self.filtering,
        }
    }
}

fn pooled() -> ClientBuilder {
    builder(CONNECT).pool_max_idle_per_host(IDLE).pool_idle_timeout(IDLE_FOR)
}
