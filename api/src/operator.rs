//! The operator's listener: is the process up, can it work, what has it done. The worker process uses it
//! as well. To be reached by operators only: it asks for no credentials.

mod counted;
mod process;
mod readiness;
mod sample;
mod text;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::{Data, ServiceConfig, get};
use prometheus::{Registry, TextEncoder};
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;
use wxgate_queue::{Bell, ListenerStatus};
use wxgate_store::{DirectoryWatch, Store};
use wxgate_wechat::WeChat;

use self::process::Process;
pub(crate) use self::readiness::Readiness;
use self::sample::Sample;
use self::text::Text;
use crate::Listener;

/// What the operator is told of.
#[derive(Clone)]
pub struct Operator {
    /// Asked for readiness, and what is to be done.
    pub store: Arc<dyn Store>,
    /// Asked whether it is fresh, and for closed gates.
    pub directory: DirectoryWatch,
    /// Has counted its calls.
    pub wechat: Arc<WeChat>,
    /// Asked whether it is connected, where the process rings.
    pub bell: Option<Arc<dyn Bell>>,
    /// Asked whether it is connected, where the process listens.
    pub listener: Option<ListenerStatus>,
    /// Shown at `/metrics`.
    pub metrics: Registry,
}

/// What requests share.
struct State {
    operator: Operator,
    home: Handle,
    process: Process,
    sample: Sample,
    /// Ends with the listener.
    _sampling: AbortOnDropHandle<()>,
}

/// Serves `/healthz`, `/readyz` and `/metrics`. To be called on the Tokio runtime that the store lives on.
///
/// # Errors
/// When the address cannot be listened on, or there is no runtime.
pub fn start(listen: SocketAddr, operator: Operator) -> io::Result<Listener> {
    start_with(listen, operator, |_| {})
}

/// The same, serving `more` as well.
pub(crate) fn start_with<F>(listen: SocketAddr, operator: Operator, more: F) -> io::Result<Listener>
where
    F: Fn(&mut ServiceConfig) + Clone + Send + 'static,
{
    let home = Handle::try_current().map_err(io::Error::other)?;
    let sample = Sample::default();
    let sampling = AbortOnDropHandle::new(home.spawn(sample.clone().run(operator.clone())));
    let process = Process::now();
    let state = Data::new(State { operator, home, process, sample, _sampling: sampling });
    Listener::start(listen, 1, move |config: &mut ServiceConfig| {
        config
            .app_data(state.clone())
            .configure(more.clone())
            .route("/healthz", get().to(healthz))
            .route("/readyz", get().to(readyz))
            .route("/metrics", get().to(metrics));
    })
}

async fn healthz() -> &'static str {
    "ok\n"
}

async fn readyz(state: Data<State>) -> HttpResponse {
    let operator = state.operator.clone();
    match state.home.spawn(async move { Readiness::of(&operator).await }).await {
        Ok(readiness) if readiness.is_ready() => HttpResponse::Ok().json(readiness),
        Ok(readiness) => HttpResponse::ServiceUnavailable().json(readiness),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "readiness.unknown");
            HttpResponse::InternalServerError().finish()
        }
    }
}

async fn metrics(state: Data<State>) -> HttpResponse {
    let mut asked = Text::default();
    state.process.tell(&mut asked);
    counted::tell(&mut asked, &state.operator);
    match TextEncoder::new().encode_to_string(&state.operator.metrics.gather()) {
        Ok(counted) => {
            let text = [counted.as_str(), &asked.finish(), &state.sample.last()].concat();
            HttpResponse::Ok().content_type(ContentType::plaintext()).body(text)
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "metrics.unwritable");
            HttpResponse::InternalServerError().finish()
        }
    }
}
