//! The operator's listener: is the process up, can it work, what has it done. The worker process uses it
//! as well. To be reached by operators only: it asks for no credentials.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use actix_web::web::{Data, ServiceConfig, get};
use prometheus::{Registry, TextEncoder};
use serde::Serialize;
use tokio::runtime::Handle;
use tokio::time::timeout;
use wxgate_queue::Bell;
use wxgate_store::Store;

use crate::Listener;

/// A store that takes longer to answer a ping is not ready: those who probe give up after a few
/// seconds.
const PING_WITHIN: Duration = Duration::from_secs(2);

/// What the operator is told of.
#[derive(Clone)]
pub struct Operator {
    /// Pinged for readiness.
    pub store: Arc<dyn Store>,
    /// Asked whether it is connected.
    pub bell: Arc<dyn Bell>,
    /// Shown at `/metrics`.
    pub metrics: Registry,
}

/// Serves `/healthz`, `/readyz` and `/metrics`. To be called on the Tokio runtime that the store lives on.
///
/// # Errors
/// When the address cannot be listened on, or there is no runtime.
pub fn start(listen: SocketAddr, operator: Operator) -> io::Result<Listener> {
    let state = Data::new((operator, Handle::try_current().map_err(io::Error::other)?));
    Listener::start(listen, 1, move |config: &mut ServiceConfig| {
        config
            .app_data(state.clone())
            .route("/healthz", get().to(healthz))
            .route("/readyz", get().to(readyz))
            .route("/metrics", get().to(metrics));
    })
}

type State = Data<(Operator, Handle)>;

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    store: &'static str,
    queue: &'static str,
}

async fn healthz() -> &'static str {
    "ok\n"
}

async fn readyz(state: State) -> HttpResponse {
    let (operator, home) = state.get_ref();
    let store = Arc::clone(&operator.store);
    let ping = home.spawn(async move { timeout(PING_WITHIN, store.ping()).await });
    let store = matches!(ping.await, Ok(Ok(Ok(()))));
    let queue = operator.bell.is_connected();
    let status = if store && queue { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = |ready| if ready { "ready" } else { "unreachable" };
    let readiness = Readiness { ready: store && queue, store: word(store), queue: word(queue) };
    HttpResponse::build(status).json(readiness)
}

async fn metrics(state: State) -> HttpResponse {
    match TextEncoder::new().encode_to_string(&state.0.metrics.gather()) {
        Ok(text) => HttpResponse::Ok().content_type(ContentType::plaintext()).body(text),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "metrics.unwritable");
            HttpResponse::InternalServerError().finish()
        }
    }
}
