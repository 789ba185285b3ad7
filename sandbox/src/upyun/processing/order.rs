//! What a task is to do.

use serde_json::Value;
use url::Url;

use crate::upyun::key::Key;
use crate::upyun::problem::{FEW_ARGUMENTS, Problem, TASKS_NUMBER, TASKS_UNREADABLE, URL_NOT_ALLOWED};

/// Tasks handed in at once (documented: 1 to 10).
const MOST_TASKS: usize = 10;

/// One task as it was handed in.
#[derive(Clone, Debug)]
pub(in crate::upyun) struct Order {
    pub(super) source: Key,
    pub(super) kind: String,
    pub(super) avopts: String,
    pub(super) save_as: Option<Key>,
    pub(super) return_info: bool,
    /// None: nobody is told.
    pub(super) notify_url: Option<Url>,
    /// Whether the notify is JSON; else it is a form.
    pub(super) notifies_json: bool,
}

/// Reads tasks, all or none. `notify_url` holds for those that have none of their own.
pub(in crate::upyun) fn orders(
    tasks: &[Value],
    source: &Key,
    notify_url: &str,
    notifies_json: bool,
) -> Result<Vec<Order>, Problem> {
    if tasks.is_empty() || tasks.len() > MOST_TASKS {
        return Err(TASKS_NUMBER);
    }
    tasks.iter().map(|task| order(task, source, notify_url, notifies_json)).collect()
}

fn order(task: &Value, source: &Key, notify_url: &str, notifies_json: bool) -> Result<Order, Problem> {
    let fields = task.as_object().ok_or(TASKS_UNREADABLE)?;
    let text = |name| fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    Ok(Order {
        source: source.clone(),
        kind: text("type").ok_or(FEW_ARGUMENTS)?.to_owned(),
        avopts: text("avopts").unwrap_or_default().to_owned(),
        save_as: text("save_as").map(Key::plain).transpose()?,
        return_info: fields.get("return_info").and_then(Value::as_bool).unwrap_or(false),
        notify_url: address(text("notify_url").unwrap_or(notify_url))?,
        notifies_json,
    })
}

fn address(url: &str) -> Result<Option<Url>, Problem> {
    if url.is_empty() {
        return Ok(None);
    }
    let url = Url::parse(url).map_err(|_| URL_NOT_ALLOWED)?;
    if matches!(url.scheme(), "http" | "https") { Ok(Some(url)) } else { Err(URL_NOT_ALLOWED) }
}
