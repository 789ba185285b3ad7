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
use wxgate_trace::TRACEPARENT;

use crate::gateway::Gateway;
use crate::language::Language;
use crate::metrics::{Metrics, UNKNOWN};
use crate::verify::{Sent, verify};
use crate::{
    Answer, Call, Interface, Refusal, body, envelope, interfaces, multipart, openapi, pages, pushes,
};

/// Where all interfaces are, each under its name.
pub(crate) const PATH: &str = "/weixinapi";

/// Where browsers come back to, and WeChat's pushes arrive.
const SERVICE: &str = "/wx_service";

/// Everything that the public listener serves. The interface's name is not a part of any pattern, since
/// a pattern would be matched by a regular expression, which costs more than the whole verification.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(scope(PATH).default_service(to(call)))
        .service(scope(SERVICE).configure(pushes::routes).configure(pages::service_routes))
        .configure(pages::routes)
        .configure(openapi::routes)
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
    let language = gateway.language.of_message(&request);
    let Some(interface) = interface(request.path()) else {
        return finish(&Err(Refusal::UnknownPath), UNKNOWN, language, began.elapsed(), &metrics);
    };
    let span = tracing::debug_span!(
        "request",
        otel.kind = "server",
        interface = interface.name,
        client = Empty,
        job = Empty,
        retcode = Empty,
        elapsed_us = Empty
    );
    let result = answer(interface, &request, payload, &gateway).instrument(span.clone()).await;
    span.in_scope(|| finish(&result, interface.name, language, began.elapsed(), &metrics))
}

fn interface(path: &str) -> Option<&'static Interface> {
    interfaces::find(path.strip_prefix(PATH)?.strip_prefix('/')?)
}

async fn unknown(request: HttpRequest, gateway: Data<Gateway>, metrics: Data<Metrics>) -> HttpResponse {
    let language = gateway.language.of_message(&request);
    finish(&Err(Refusal::UnknownPath), UNKNOWN, language, Duration::ZERO, &metrics)
}

async fn answer(
    interface: &'static Interface,
    request: &HttpRequest,
    payload: Payload,
    gateway: &Gateway,
) -> Result<Answer, Refusal> {
    let query = request.query_string().as_bytes();
    let verified = |sent| {
        let call = verify(interface, query, sent, gateway, now_ms() / 1000)?;
        follow(request, &call);
        Ok::<_, Refusal>(call)
    };
    // Taken until the request is answered, since so long its body is there.
    let mut room = gateway.room.enter();
    let body = match (request.method(), interface.file_limit()) {
        (&Method::POST, Some(limit)) if multipart::is_one(request) => {
            let mut parts = multipart::open(request, payload, limit, &mut room).await?;
            let texts = Sent::Texts(parts.texts()?);
            let mut call = verified(texts).map_err(|refusal| parts.explained(refusal))?;
            call.file = parts.file().await?;
            return (interface.run)(&call).await;
        }
        (&Method::POST, _) => body::read(request, payload, body::OF_REQUESTS, &mut room).await?,
        (&Method::GET, _) => Bytes::new(),
        _ => return Err(Refusal::Method),
    };
    let call = verified(Sent::Body(&body))?;
    (interface.run)(&call).await
}

/// Puts the span of a request into its caller's trace: only once it is known to be that caller's, since
/// anybody can name a trace.
fn follow(request: &HttpRequest, call: &Call<'_>) {
    let span = Span::current();
    span.record("client", call.client.code.as_str());
    if let Some(traceparent) = request.headers().get(TRACEPARENT).and_then(|value| value.to_str().ok()) {
        wxgate_trace::continues_remote(&span, traceparent);
    }
}

fn finish(
    result: &Result<Answer, Refusal>,
    interface: &str,
    language: Language,
    took: Duration,
    metrics: &Metrics,
) -> HttpResponse {
    let (retcode, mut response) = envelope::respond(result, language);
    metrics.answered(interface, retcode, took);
    let span = Span::current();
    span.record("retcode", i64::from(retcode));
    span.record("elapsed_us", i64::try_from(took.as_micros()).unwrap_or(i64::MAX));
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
        // One line for each would be the next thing to be overloaded; `/metrics` counts them.
        _ if matches!(refusal, Refusal::Overloaded) => tracing::debug!(retcode, "request.overloaded"),
        500 | 503 => tracing::error!(error, retcode, "request.failed"),
        // Somebody else's failure, which the caller is told.
        502 | 504 => tracing::warn!(error, retcode, "request.came_to_nothing"),
        _ => tracing::debug!(error, retcode, "request.refused"),
    }
}
