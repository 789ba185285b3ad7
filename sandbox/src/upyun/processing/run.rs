//! One task from its begin to its notify.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::notify;
use super::order::Order;
use crate::faults::{Fault, Spot};
use crate::state::{Shared, State};
use crate::upyun::account::{UPYUN_BUCKET, UPYUN_OPERATOR, UPYUN_PASSWORD};
use crate::upyun::convert::{self, Converted};
use crate::upyun::key::Key;
use crate::upyun::objects::Object;
use crate::upyun::problem::Problem;
use crate::upyun::signature;
use crate::upyun::storage::guess_type;

/// How a task ended.
struct Verdict {
    /// 200, or what failed (4xx: what was asked for; 5xx: Upyun).
    status_code: u16,
    description: String,
    path: Option<Key>,
    info: Option<Value>,
}

/// Works on a task and tells of it.
pub(super) async fn run(shared: Arc<Shared>, state: Arc<State>, number: u64, id: String, order: Order) {
    let verdict = verdict(&state, number, &id, &order).await;
    let is_done = verdict.status_code == 200;
    let record = verdict.record(&id, state.clock.now() / 1000);
    state.upyun.tasks.ended(number, is_done, &record);
    shared.activity.send_replace(());
    if let Some(url) = &order.notify_url {
        notify::tell(&shared, &state, &order, url, &id, &record).await;
    }
}

async fn verdict(state: &Arc<State>, number: u64, id: &str, order: &Order) -> Verdict {
    state.upyun.tasks.begun(number);
    let path = format!("/{UPYUN_BUCKET}{}", order.source);
    let strike = state.faults.strike_upyun(Spot::Task, &path, state.clock.now(), &state.chance);
    match strike.map(|strike| strike.fault) {
        Some(Fault::Status(status)) => return Verdict::failed(status, "failed by a fault rule"),
        Some(Fault::DelayMs(ms)) => sleep(Duration::from_millis(ms)).await,
        Some(Fault::Hang) => pending().await,
        _ => {}
    }
    // What a rule holds up keeps nobody else from working.
    let Ok(_slot) = state.upyun.tasks.slots.acquire().await else {
        return Verdict::failed(503, "not taken");
    };
    work(state, id, order).await.unwrap_or_else(|failed| failed)
}

async fn work(state: &Arc<State>, id: &str, order: &Order) -> Result<Verdict, Verdict> {
    let upyun = &state.upyun;
    let Ok(source) = upyun.objects.file(&order.source) else {
        return Err(Verdict::failed(404, "the source does not exist"));
    };
    let uses_ffmpeg = upyun.setting.lock().ffmpeg;
    let target = order.target(id).map_err(|problem| Verdict::refused(&problem))?;
    let Converted { bytes, info, really } =
        convert::convert(&order.kind, &order.avopts, &target, source.bytes, uses_ffmpeg)
            .await
            .map_err(|failure| Verdict::failed(failure.status_code, failure.description))?;
    if really {
        upyun.tasks.converted();
    }
    let room = upyun.rooms.take(bytes.len() as u64).map_err(|problem| Verdict::refused(&problem))?;
    let result = Object::new(bytes, guess_type(&target).to_owned(), state.clock.now() / 1000, room);
    upyun.objects.put(&target, result).map_err(|problem| Verdict::refused(&problem))?;
    let info = order.return_info.then_some(info);
    Ok(Verdict { status_code: 200, description: "OK".to_owned(), path: Some(target), info })
}

impl Order {
    /// Where the result goes: where it was asked to, else beside the source.
    fn target(&self, id: &str) -> Result<Key, Problem> {
        match &self.save_as {
            Some(key) => Ok(key.clone()),
            None => Key::plain(&format!("{}-{}.{}", self.source, &id[..8], convert::format_of(&self.avopts))),
        }
    }
}

impl Verdict {
    fn failed(status_code: u16, description: impl Into<String>) -> Self {
        Self { status_code, description: description.into(), path: None, info: None }
    }

    /// The result could not be stored (503 in the older documents: storing the result failed).
    fn refused(problem: &Problem) -> Self {
        Self::failed(503, format!("the result cannot be stored: {}", problem.msg()))
    }

    /// What the notify and `/result/` say. The last two fields are of the old signature.
    fn record(self, id: &str, second: i64) -> Value {
        let paths: Vec<_> = self.path.iter().map(Key::as_str).collect();
        let mut record = json!({"service": UPYUN_BUCKET, "status_code": self.status_code, "path": paths,
            "description": self.description, "task_id": id});
        if let Some(info) = self.info {
            record["info"] = info;
        }
        record["signature"] = signature::old_notify(UPYUN_OPERATOR, UPYUN_PASSWORD, id, second).into();
        record["timestamp"] = second.into();
        record
    }
}
