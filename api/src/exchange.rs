//! One request's way: from the socket through the verification to its handler, and the answer back. The
//! one place that counts and logs requests; neither bodies nor signatures nor openids are logged.

use std::time::{Duration, Instant};

use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::web::{Bytes, Data, Payload, ServiceConfig, scope, to};
use actix_web::{HttpRequest, HttpResponse};
use tracing::field::Empty;
use tracing::{Instrument, Span};
use wxgate_store::clock::now_ms;

use crate::gateway::Gateway;
use crate::metrics::{Metrics, UNKNOWN};
use crate::verify::verify;
use crate::{Answer, Interface, Refusal, body, envelope, interfaces, pages, pushes};

/// Where all interfaces are, each under its name.
const PATH: &str = "/weixinapi";

/// Where browsers come back to, and WeChat's pushes arrive.
const SERVICE: &str = "/wx_service";

/// Everything that the public listener serves. The interface's name is not a part of any pattern, since
/// a pattern would be matched by a regular expression, which costs more than the whole verification.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(scope(PATH).default_service(to(call)))
        .service(scope(SERVICE).configure(pushes::routes).configure(pages::service_routes))
        .configure(pages::routes)
        .configure(pushes::upyun_routes)
        .default_service(to(unknown));
}

async fn call(
    request: HttpRequest,
    payload: Payload,
    gateway: Data<Gateway>,
    metrics: Data<Metrics>,
) -> HttpResponse {
    let began = Instant::now();
    let Some(interface) = interface(request.path()) else {
        return finish(&Err(Refusal::UnknownPath), UNKNOWN, began.elapsed(), &metrics);
    };
    let span = tracing::debug_span!(
        "request",
        interface = interface.name,
        client = Empty,
        retcode = Empty,
        elapsed_us = Empty
    );
    let result = answer(interface, &request, payload, &gateway).instrument(span.clone()).await;
    span.in_scope(|| finish(&result, interface.name, began.elapsed(), &metrics))
}

fn interface(path: &str) -> Option<&'static Interface> {
    interfaces::find(path.strip_prefix(PATH)?.strip_prefix('/')?)
}

async fn unknown(metrics: Data<Metrics>) -> HttpResponse {
    finish(&Err(Refusal::UnknownPath), UNKNOWN, Duration::ZERO, &metrics)
}

async fn answer(
    interface: &'static Interface,
    request: &HttpRequest,
    payload: Payload,
    gateway: &Gateway,
) -> Result<Answer, Refusal> {
    let body = match *request.method() {
        Method::POST => body::read(request, payload, body::OF_REQUESTS).await?,
        Method::GET => Bytes::new(),
        _ => return Err(Refusal::Method),
    };
    let call = verify(interface, request.query_string().as_bytes(), &body, gateway, now_ms() / 1000)?;
    Span::current().record("client", call.client.code.as_str());
    (interface.run)(&call).await
}

fn finish(
    result: &Result<Answer, Refusal>,
    interface: &str,
    took: Duration,
    metrics: &Metrics,
) -> HttpResponse {
    let (retcode, mut response) = envelope::respond(result);
    metrics.answered(interface, retcode, took);
    let span = Span::current();
    span.record("retcode", retcode);
    span.record("elapsed_us", u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    if let Err(refusal) = result {
        log(refusal, retcode);
    }
    if matches!(result, Err(Refusal::Method)) {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, POST"));
    }
    response
}

fn log(refusal: &Refusal, retcode: u16) {
    let error = refusal as &dyn std::error::Error;
    match retcode {
        500 | 503 => tracing::error!(error, retcode, "request.failed"),
        // Somebody else's failure, which the caller is told.
        502 | 504 => tracing::warn!(error, retcode, "request.came_to_nothing"),
        _ => tracing::debug!(error, retcode, "request.refused"),
    }
}
