//! `/admin`: what the console shows and does, as JSON, for programs that bring the admin token as
//! `Authorization: Bearer`. Refusals are `{"error": …}` with a status that says of what sort.
//!
//! A browser adds no such header by itself, so none of the rules for browsers is needed here.

use std::future::Future;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Bytes, Data, Path, Payload, ServiceConfig, get, post, to};
use actix_web::{HttpRequest, HttpResponse};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use wxgate_job::JobId;
use wxgate_operate::app::{AppChange, Edit};
use wxgate_secret::Secret;

use super::Console;
use super::desk::{Change, group_of};
use super::form::BOUNDS;
use super::mass::USUAL;
use super::query::Query;
use super::trouble::Trouble;
use crate::body;
use crate::room::Room;

/// Everything below `/admin`.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/overview", get().to(overview))
        .route("/jobs", get().to(jobs))
        .route("/jobs/{id}", get().to(job))
        .route("/jobs/{id}/{change}", post().to(change))
        .route("/failures", get().to(failures))
        .route("/failures/retry", post().to(retry_group))
        .route("/callbacks", get().to(callbacks))
        .route("/callbacks/retry", post().to(replay_all))
        .route("/tasks", get().to(tasks))
        .route("/tasks/{id}/stop", post().to(stop))
        .route("/apps", get().to(apps))
        .route("/apps/{id}", get().to(app))
        .route("/apps/{id}", post().to(set_app))
        .default_service(to(nowhere));
}

async fn overview(request: HttpRequest, console: Data<Console>) -> HttpResponse {
    answer(&request, &console, console.overview()).await
}

async fn jobs(request: HttpRequest, console: Data<Console>) -> HttpResponse {
    let listed = async { console.jobs(Query::parse(request.query_string()).filter()?).await };
    answer(&request, &console, listed).await
}

async fn job(request: HttpRequest, console: Data<Console>, id: Path<String>) -> HttpResponse {
    answer(&request, &console, async { console.job(job_id(&id)?).await }).await
}

async fn change(
    request: HttpRequest,
    console: Data<Console>,
    path: Path<(String, String)>,
    payload: Payload,
) -> HttpResponse {
    let changed = async {
        let id = job_id(&path.0)?;
        let change = match path.1.as_str() {
            "retry" => Change::Retry(None),
            "cancel" => Change::Cancel,
            "callback" => Change::Replay(read::<Which>(&request, payload).await?.seq),
            _ => return Err(Trouble::NoSuchPage),
        };
        console.change(id, change).await?;
        Ok(json!({ "done": change.done(), "job": console.job(id).await? }))
    };
    answer(&request, &console, changed).await
}

async fn failures(request: HttpRequest, console: Data<Console>) -> HttpResponse {
    let listed = async { Ok(json!({ "failures": console.failures().await? })) };
    answer(&request, &console, listed).await
}

async fn retry_group(request: HttpRequest, console: Data<Console>, payload: Payload) -> HttpResponse {
    let begun = async {
        let Wanted { rate, code, errcode, app, kind } = read(&request, payload).await?;
        let group = group_of(|name| match name {
            "code" => code.clone(),
            "errcode" => errcode.map(|errcode| errcode.to_string()),
            "app" => app.clone(),
            _ => kind.clone(),
        })?;
        console.retry_group(group, rate.unwrap_or(USUAL)).await
    };
    answer(&request, &console, begun).await
}

async fn callbacks(request: HttpRequest, console: Data<Console>) -> HttpResponse {
    let listed = async { console.exhausted(Query::parse(request.query_string()).read("before")?).await };
    answer(&request, &console, listed).await
}

async fn replay_all(request: HttpRequest, console: Data<Console>, payload: Payload) -> HttpResponse {
    let begun = async {
        let Wanted { rate, .. } = read(&request, payload).await?;
        console.replay_all(rate.unwrap_or(USUAL)).await
    };
    answer(&request, &console, begun).await
}

async fn tasks(request: HttpRequest, console: Data<Console>) -> HttpResponse {
    answer(&request, &console, async { Ok(json!({ "tasks": console.masses.views() })) }).await
}

async fn stop(request: HttpRequest, console: Data<Console>, id: Path<String>) -> HttpResponse {
    let stopped = async { console.masses.stop(id.parse().map_err(|_| Trouble::NoSuchTask)?) };
    answer(&request, &console, stopped).await
}

async fn apps(request: HttpRequest, console: Data<Console>) -> HttpResponse {
    answer(&request, &console, async { Ok(json!({ "apps": console.apps().await? })) }).await
}

async fn app(request: HttpRequest, console: Data<Console>, id: Path<String>) -> HttpResponse {
    answer(&request, &console, console.app(&id)).await
}

async fn set_app(
    request: HttpRequest,
    console: Data<Console>,
    id: Path<String>,
    payload: Payload,
) -> HttpResponse {
    let set = async {
        let AppWanted { secret, enabled } = read(&request, payload).await?;
        let secret = secret.map_or(Edit::Keep, Edit::Set);
        console.set_app(&id, AppChange { secret, enabled, ..AppChange::default() }).await?;
        console.app(&id).await
    };
    answer(&request, &console, set).await
}

async fn nowhere(request: HttpRequest, console: Data<Console>) -> HttpResponse {
    answer(&request, &console, async { Err::<(), _>(Trouble::NoSuchPage) }).await
}

/// Which of a job's callbacks; all that are over, unless one is named.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    seq: Option<i32>,
}

/// What is to be done, and how fast.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    rate: Option<u32>,
    code: Option<String>,
    errcode: Option<i64>,
    app: Option<String>,
    kind: Option<String>,
}

/// What is to change of an app; nothing: it is tried at once.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AppWanted {
    secret: Option<Secret>,
    enabled: Option<bool>,
}

fn job_id(text: &str) -> Result<JobId, Trouble> {
    text.parse().map_err(|_| Trouble::NoSuchJob)
}

/// The body's JSON; without a body nothing is asked for in particular.
async fn read<T: DeserializeOwned + Default>(request: &HttpRequest, payload: Payload) -> Result<T, Trouble> {
    let mut room = Room::default().enter();
    let body = body::read(request, payload, BOUNDS, &mut room).await;
    let body: Bytes = body.map_err(|_| Trouble::Value("body"))?;
    if body.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_slice(&body).map_err(|_| Trouble::Value("body"))
}

/// Does what is asked once the token is known; nothing of it before.
async fn answer<T: Serialize>(
    request: &HttpRequest,
    console: &Console,
    work: impl Future<Output = Result<T, Trouble>>,
) -> HttpResponse {
    let result = match console.access.knows_bearer(request) {
        Ok(()) => work.await,
        Err(refused) => Err(refused.into()),
    };
    match result {
        Ok(answer) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(answer),
        Err(trouble) => refuse(&trouble),
    }
}

fn refuse(trouble: &Trouble) -> HttpResponse {
    trouble.log();
    let mut response = HttpResponse::build(trouble.status())
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(json!({ "error": trouble.to_string() }));
    trouble.mark(&mut response);
    response
}
