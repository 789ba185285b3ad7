//! What all clients have in common, and the one for upstreams.

use std::time::Duration;

use reqwest::{Client, ClientBuilder, redirect, retry};

/// Who we say we are.
const USER_AGENT: &str = concat!("wxgate/", env!("CARGO_PKG_VERSION"));

/// Idle connections kept to one upstream: as many calls as a process has in flight by default.
const UPSTREAM_IDLE: usize = 512;

/// How long an upstream connection may idle. Below the 60 s after which common load balancers
/// close one, so that we rarely write into a closing connection.
const UPSTREAM_IDLE_FOR: Duration = Duration::from_secs(50);

/// Makes rustls use ring in this process. Calling it again, or after somebody else's choice, changes
/// nothing. The constructors of this crate call it.
pub fn install_crypto_provider() {
    // The error only says that a provider is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A client for the upstreams that the settings name: no redirects, no proxy from the
/// environment, no repeats of its own, HTTP/1.1 with keep-alive for 512 calls in flight to one
/// host. `connect_timeout` covers name look-up, TCP and TLS; the whole call's limit is the
/// caller's to set on each request.
///
/// # Errors
/// When TLS cannot be set up, as on a machine without any CA certificate.
pub fn upstream_client(connect_timeout: Duration) -> reqwest::Result<Client> {
    builder(connect_timeout)
        .pool_max_idle_per_host(UPSTREAM_IDLE)
        .pool_idle_timeout(UPSTREAM_IDLE_FOR)
        .build()
}

/// A client that goes exactly where it is told, once.
pub(crate) fn builder(connect_timeout: Duration) -> ClientBuilder {
    install_crypto_provider();
    Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(connect_timeout)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        .http1_only()
        .tcp_nodelay(true)
}
