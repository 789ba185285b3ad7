//! What WeChat posts to us by itself: receipts of template messages, tickets and authorisations of
//! third-party platforms (whatever else it posts is taken and dropped); and what Upyun posts.
//!
//! A push is verified (`verified`), read, and taken care of by `account` or `platform`. `success` is
//! answered when what it tells is stored, and not before, since WeChat then forgets it; whatever failed
//! is 500, so that WeChat posts it again (three times in all). Because a push may therefore come twice, it
//! is noted with what it tells, or once it was taken care of, and passed over when it was noted. Begin with
//! [`routes`].

mod account;
mod keys;
mod platform;
mod refused;
mod upyun;
mod verified;

use std::future::Future;
use std::time::{Duration, Instant};

use actix_web::http::header::X_CONTENT_TYPE_OPTIONS;
use actix_web::web::{Data, Payload, ServiceConfig, get, post, resource};
use actix_web::{HttpRequest, HttpResponse};
use tokio::time::timeout;

use keys::Keys;
use refused::Refused;

use crate::gateway::Gateway;
use crate::metrics::Metrics;

/// WeChat hangs up after 5 s and takes that for a failure, so it is told in time.
const ANSWER_WITHIN: Duration = Duration::from_millis(4500);

/// The addresses that are entered in WeChat's consoles, under `/wx_service`.
pub(crate) fn routes(config: &mut ServiceConfig) {
    let event = resource("/event/{app_id}").route(get().to(echo)).route(post().to(event));
    config.service(event).service(resource("/component/{component_appid}").route(post().to(component)));
}

/// The address that Upyun is told with each conversion.
pub(crate) fn upyun_routes(config: &mut ServiceConfig) {
    config.service(resource(upyun::PATH).route(post().to(notify)));
}

async fn notify(
    request: HttpRequest,
    payload: Payload,
    gateway: Data<Gateway>,
    metrics: Data<Metrics>,
) -> HttpResponse {
    let taken = async { upyun::take(&request, payload, &gateway).await.map(|()| SUCCESS.to_owned()) };
    answer("push_upyun", &metrics, taken).await
}

/// WeChat asks so once, when the address is entered: whoever knows the token repeats what it sends.
async fn echo(request: HttpRequest, gateway: Data<Gateway>, metrics: Data<Metrics>) -> HttpResponse {
    let echoed = async {
        let keys = Keys::of_app(&gateway.directory.now(), name(&request, "app_id"))?;
        verified::echo(&request, &keys)
    };
    answer("push_echo", &metrics, echoed).await
}

async fn event(
    request: HttpRequest,
    payload: Payload,
    gateway: Data<Gateway>,
    metrics: Data<Metrics>,
) -> HttpResponse {
    let taken = async {
        let app = name(&request, "app_id");
        let keys = Keys::of_app(&gateway.directory.now(), app)?;
        let fields = verified::read(&request, payload, &keys, &gateway.room).await?;
        account::take(&gateway, app, fields).await.map(|()| SUCCESS.to_owned())
    };
    answer("push_event", &metrics, taken).await
}

async fn component(
    request: HttpRequest,
    payload: Payload,
    gateway: Data<Gateway>,
    metrics: Data<Metrics>,
) -> HttpResponse {
    let taken = async {
        let component = name(&request, "component_appid");
        let keys = Keys::of_component(&gateway.directory.now(), component)?;
        let fields = verified::read(&request, payload, &keys, &gateway.room).await?;
        platform::take(&gateway, component, &fields).await.map(|()| SUCCESS.to_owned())
    };
    answer("push_component", &metrics, taken).await
}

/// The word that WeChat wants to hear; anything else is shown to the user as an error.
const SUCCESS: &str = "success";

fn name<'r>(request: &'r HttpRequest, part: &str) -> &'r str {
    request.match_info().get(part).unwrap_or_default()
}

/// Answers in time, counts and logs. What was begun goes on behind an answer that came first.
async fn answer(
    name: &'static str,
    metrics: &Metrics,
    taken: impl Future<Output = Result<String, Refused>>,
) -> HttpResponse {
    let began = Instant::now();
    let result = timeout(ANSWER_WITHIN, taken).await.unwrap_or(Err(Refused::Late));
    let status = result.as_ref().err().map_or(actix_web::http::StatusCode::OK, Refused::status);
    metrics.answered(name, status.as_u16(), began.elapsed());
    if let Err(refused) = &result {
        log(name, refused);
    }
    HttpResponse::build(status)
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .content_type("text/plain; charset=utf-8")
        .body(result.unwrap_or_default())
}

/// Neither openids nor what was posted. A stranger's push is no news; one of WeChat's that comes to
/// nothing is.
fn log(name: &str, refused: &Refused) {
    let error = refused as &dyn std::error::Error;
    if refused.is_strangers() {
        tracing::debug!(error, push = name, "push.refused");
    } else {
        tracing::error!(error, push = name, "push.failed");
    }
}
