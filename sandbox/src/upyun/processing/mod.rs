//! Processing: tasks are handed in, worked on one after the other, and told of by a notify. Their
//! progress and their results can be asked for.

mod notify;
mod order;
mod run;
mod tasks;

pub(crate) use notify::Notifies;
pub use notify::Notify;
pub(super) use order::{Order, orders};
pub(crate) use tasks::Tasks;
pub use tasks::UpyunTask;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::account::UPYUN_BUCKET;
use super::authorize::{Area, check};
use super::key::Key;
use super::problem::{
    APP_NAME, FEW_ARGUMENTS, NO_BUCKET, Problem, TASKS_UNREADABLE, TOO_MANY_IDS, WRONG_URI,
};
use super::visit::Visit;
use crate::reply::Reply;

/// Ids in one question: the documents say 20, the error's text 10.
const MOST_IDS: usize = 20;

/// Takes tasks in and answers their ids, in order.
pub(super) fn submit(visit: &Visit<'_>) -> Result<Reply, Problem> {
    check(visit.request, Area::Processing, visit.now)?;
    if visit.request.method != "POST" {
        return Err(WRONG_URI);
    }
    let form = visit.request.form();
    let field = |name| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    check_bucket(field("service").or_else(|| field("bucket_name")))?;
    if !matches!(field("app_name"), None | Some("" | "naga")) {
        return Err(APP_NAME);
    }
    let tasks = STANDARD.decode(field("tasks").ok_or(FEW_ARGUMENTS)?).map_err(|_| TASKS_UNREADABLE)?;
    let tasks: Vec<Value> = serde_json::from_slice(&tasks).map_err(|_| TASKS_UNREADABLE)?;
    // Nobody looks whether the source is there before it is needed.
    let source = Key::plain(field("source").ok_or(FEW_ARGUMENTS)?)?;
    let notify_url = field("notify_url").unwrap_or_default();
    let orders = orders(&tasks, &source, notify_url, field("accept") == Some("json"))?;
    let ids: Vec<_> = orders.into_iter().map(|order| begin(visit, order)).collect();
    let reply = Reply::file("application/json", json!(ids).to_string().into());
    Ok(Reply { took_effect: true, ..reply })
}

/// Puts one task on the way and answers its id.
pub(super) fn begin(visit: &Visit<'_>, order: Order) -> String {
    let id = visit.state.chance.hex(32);
    let number = visit.state.upyun.tasks.add(&id, &order, visit.now);
    actix_web::rt::spawn(run::run(visit.shared.clone(), visit.state.clone(), number, id.clone(), order));
    id
}

/// How far tasks are: percent, -1 for failed, null for not begun or not known.
pub(super) fn status(visit: &Visit<'_>) -> Result<Reply, Problem> {
    tell(visit, |task| task.progress.map_or(Value::Null, Value::from))
}

/// What became of tasks: what their notifies say; null for those under way or not known.
pub(super) fn result(visit: &Visit<'_>) -> Result<Reply, Problem> {
    tell(visit, |task| task.result.clone().unwrap_or(Value::Null))
}

fn tell(visit: &Visit<'_>, what: impl Fn(&UpyunTask) -> Value) -> Result<Reply, Problem> {
    let request = visit.request;
    check(request, Area::Processing, visit.now)?;
    let bucket = request.query("service").or_else(|| request.query("bucket_name"));
    check_bucket(bucket.as_deref())?;
    let ids = request.query("task_ids").ok_or(FEW_ARGUMENTS)?;
    let ids: Vec<&str> = ids.split(',').filter(|id| !id.is_empty()).collect();
    if ids.is_empty() || ids.len() > MOST_IDS {
        return Err(TOO_MANY_IDS);
    }
    let known = visit.state.upyun.tasks.select(ids.len(), |task| ids.contains(&task.task_id.as_str()));
    let told = ids.into_iter().map(|id| {
        let task = known.entries.iter().find(|task| task.task_id == id);
        (id.to_owned(), task.map_or(Value::Null, &what))
    });
    let body = json!({"tasks": told.collect::<Map<_, _>>()});
    Ok(Reply::file("application/json", body.to_string().into()))
}

fn check_bucket(bucket: Option<&str>) -> Result<(), Problem> {
    match bucket {
        None | Some("") => Err(FEW_ARGUMENTS),
        Some(UPYUN_BUCKET) => Ok(()),
        Some(_) => Err(NO_BUCKET),
    }
}
