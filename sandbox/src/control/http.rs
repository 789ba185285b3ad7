//! The controls over HTTP, below `/_sandbox/`: JSON in, JSON out, whatever the `Content-Type`.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Resource};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{CallFilter, Control, MessageFilter, cards, custom, media, platform, pushes, qrcodes, upyun};
use crate::apps::{App, AppChange};
use crate::bounded::Page;
use crate::faults::Rule;
use crate::refused::Refused;
use crate::state::Shared;

/// What `/_sandbox/` shows; `{base}` stands for the address that it was asked at.
const HELP: &str = include_str!("help.txt");

pub(super) type Outcome = Result<HttpResponse, Refusal>;

/// A refused control, as an HTTP answer: `{"error": sentence}`.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct Refusal(#[from] Refused);

impl actix_web::ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self.0 {
            Refused::Script(_) => StatusCode::BAD_REQUEST,
            Refused::Missing(_) => StatusCode::NOT_FOUND,
            Refused::Exists(_) => StatusCode::CONFLICT,
        }
    }

    fn error_response(&self) -> HttpResponse {
        refuse(self.status_code(), &self.to_string())
    }
}

fn refuse(status: StatusCode, sentence: &str) -> HttpResponse {
    HttpResponse::build(status).json(json!({ "error": sentence }))
}

/// Every route below `/_sandbox/`.
pub(crate) fn routes(config: &mut ServiceConfig) {
    let scope = web::scope("/_sandbox")
        .app_data(
            web::QueryConfig::default()
                .error_handler(|error, _| Refusal(Refused::script(format!("query: {error}"))).into()),
        )
        .service(at("").get(help))
        .service(at("/").get(help))
        .service(at("/apps").get(list_apps).post(add_app))
        .service(at("/apps/{app}").get(show_app).patch(change_app))
        .service(at("/apps/{app}/rotate").post(rotate))
        .service(at("/faults").get(list_faults).post(add_fault).delete(lift_faults))
        .service(at("/faults/{id}").delete(lift_fault))
        .service(at("/clock").get(show_clock).post(advance))
        .service(at("/calls").get(calls))
        .service(at("/messages").get(messages))
        .service(at("/stats").get(stats))
        .service(at("/reset").post(reset))
        .configure(cards::routes)
        .configure(custom::routes)
        .configure(media::routes)
        .configure(platform::routes)
        .configure(pushes::routes)
        .configure(qrcodes::routes)
        .configure(upyun::routes)
        .default_service(web::to(nothing_there));
    config.service(scope);
}

/// A resource that refuses every method that it is not given.
pub(super) fn at(path: &str) -> Resource {
    web::resource(path.to_owned()).default_service(web::to(wrong_method))
}

async fn wrong_method(request: HttpRequest) -> HttpResponse {
    let sentence = format!("{} does not take {}", request.path(), request.method());
    refuse(StatusCode::METHOD_NOT_ALLOWED, &sentence)
}

async fn nothing_there(request: HttpRequest) -> HttpResponse {
    let sentence = format!("there is no {}; /_sandbox/ lists what there is", request.path());
    refuse(StatusCode::NOT_FOUND, &sentence)
}

async fn help(request: HttpRequest) -> HttpResponse {
    let info = request.connection_info();
    let base = format!("{}://{}", info.scheme(), info.host());
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(HELP.replace("{base}", &base))
}

async fn list_apps(sandbox: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "apps": control(sandbox).apps() }))
}

async fn show_app(sandbox: Data<Shared>, app: Path<String>) -> Outcome {
    Ok(HttpResponse::Ok().json(control(sandbox).app(&app)?))
}

async fn add_app(sandbox: Data<Shared>, body: Bytes) -> Outcome {
    let app: App = read(&body)?;
    let control = control(sandbox);
    control.add_app(app.clone())?;
    Ok(HttpResponse::Created().json(control.app(&app.app_id)?))
}

async fn change_app(sandbox: Data<Shared>, app: Path<String>, body: Bytes) -> Outcome {
    let change: AppChange = read(&body)?;
    Ok(HttpResponse::Ok().json(control(sandbox).change_app(&app, change)?))
}

async fn rotate(sandbox: Data<Shared>, app: Path<String>) -> Outcome {
    control(sandbox).rotate_tokens(&app)?;
    Ok(HttpResponse::Ok().json(json!({ "rotated": *app })))
}

async fn list_faults(sandbox: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "faults": control(sandbox).faults() }))
}

/// One rule or a list of them: all of a list, or none.
#[derive(Deserialize)]
#[serde(untagged)]
enum Rules {
    Many(Vec<serde_json::Value>),
    One(serde_json::Value),
}

async fn add_fault(sandbox: Data<Shared>, body: Bytes) -> Outcome {
    let control = control(sandbox);
    let rules = match read(&body)? {
        Rules::One(rule) => vec![rule],
        Rules::Many(rules) => rules,
    };
    let rules = rules.into_iter().map(rule).collect::<Result<Vec<_>, _>>()?;
    let ids = control.add_faults(rules)?;
    Ok(HttpResponse::Created().json(json!({ "ids": ids })))
}

fn rule(json: serde_json::Value) -> Result<Rule, Refused> {
    serde_json::from_value(json).map_err(|error| Refused::script(error.to_string()))
}

async fn lift_faults(sandbox: Data<Shared>) -> HttpResponse {
    control(sandbox).lift_faults();
    HttpResponse::Ok().json(json!({ "lifted": true }))
}

async fn lift_fault(sandbox: Data<Shared>, id: Path<String>) -> Outcome {
    let number = id.parse().map_err(|_| Refused::script("a rule's id is a number"))?;
    control(sandbox).lift_fault(number)?;
    Ok(HttpResponse::Ok().json(json!({ "lifted": true })))
}

async fn show_clock(sandbox: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(control(sandbox).clock())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_ms: u64,
}

async fn advance(sandbox: Data<Shared>, body: Bytes) -> Outcome {
    let Advance { advance_ms } = read(&body)?;
    let face = control(sandbox).advance(Duration::from_millis(advance_ms))?;
    Ok(HttpResponse::Ok().json(face))
}

async fn calls(sandbox: Data<Shared>, filter: Query<CallFilter>) -> HttpResponse {
    shown("calls", &control(sandbox).calls(&filter))
}

async fn messages(sandbox: Data<Shared>, filter: Query<MessageFilter>) -> HttpResponse {
    shown("messages", &control(sandbox).messages(&filter))
}

async fn stats(sandbox: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(control(sandbox).stats())
}

async fn reset(sandbox: Data<Shared>) -> HttpResponse {
    control(sandbox).reset();
    HttpResponse::Ok().json(json!({ "reset": true }))
}

pub(super) fn control(sandbox: Data<Shared>) -> Control {
    Control::new(sandbox.into_inner())
}

/// A selection of a log, under its own name.
pub(super) fn shown<T: Serialize>(name: &str, page: &Page<T>) -> HttpResponse {
    let body = json!({ "total": page.total, "forgotten": page.forgotten, name: page.entries });
    HttpResponse::Ok().json(body)
}

/// A body as JSON of the right shape, or the sentence that says what is wrong with it.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|error| Refused::script(format!("the body: {error}")))
}
