//! How a job is shown to its caller.

use serde::Serialize;
use serde_json::value::RawValue;
use wxgate_job::{Failure, JobId, JobState};
use wxgate_media::underway;
use wxgate_store::model::status::{CallbackView, JobView};

use crate::interface::{Field, Shape};
use crate::{Answer, Refusal};

/// The documented shape.
pub(crate) const SHAPE: Shape = Shape::Object(&[
    Field::new("job_id", Shape::Int, "任务ID（发送ID）", "The job's number: the send ID"),
    Field::new("kind", Shape::Text, "接受该任务的接口", "The interface that accepted it"),
    Field::new("state", Shape::OneOf(&STATES), "任务状态", "Its state; the last three are final"),
    Field::new("attempts", Shape::Int, "已尝试次数", "Attempts so far"),
    Field::new("created_at", Shape::Int, "创建时间（Unix秒）", "When it was accepted (Unix seconds)"),
    Field::new("updated_at", Shape::Int, "更新时间（Unix秒）", "When it changed last (Unix seconds)"),
    Field::new("result", Shape::OrNull(&Shape::Open(&[])), "结果", "Its result so far"),
    Field::new("error", Shape::OrNull(&ERROR), "失败原因", "Why it failed, or its last attempt did"),
    Field::new("callback", CALLBACK, "回调", "How its callback stands"),
]);

/// All states, as they are told.
pub(crate) const STATES: [&str; JobState::ALL.len()] = {
    let mut names = [""; JobState::ALL.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = JobState::ALL[at].as_str();
        at += 1;
    }
    names
};

const ERROR: Shape = Shape::Object(&[
    Field::new("code", Shape::Text, "固定的错误代码", "A short, stable word"),
    Field::new("errcode", Shape::OrNull(&Shape::Int), "微信返回码", "WeChat's own code, if it gave one"),
    Field::new("message", Shape::Text, "错误描述", "What happened and what to do"),
]);

const CALLBACK: Shape = Shape::Object(&[
    Field::new(
        "state",
        Shape::OneOf(&["pending", "delivered", "exhausted", "none"]),
        "回调状态：pending、delivered、exhausted或none",
        "pending, delivered, exhausted, or none: nobody is to be told",
    ),
    Field::new("attempts", Shape::Int, "已回调次数", "Posts so far"),
    Field::new("last_status", Shape::OrNull(&Shape::Int), "最近一次HTTP状态码", "HTTP status of the last"),
]);

#[derive(Serialize)]
struct Status<'a> {
    job_id: JobId,
    kind: &'a str,
    state: JobState,
    attempts: u32,
    created_at: i64,
    updated_at: i64,
    result: Option<&'a RawValue>,
    error: Option<&'a Failure>,
    callback: Callback,
}

#[derive(Serialize)]
struct Callback {
    state: &'static str,
    attempts: u32,
    last_status: Option<u16>,
}

/// The documented shape. The result is handed on as it is stored, but for what is the job's own.
pub(crate) fn answer(view: &JobView) -> Result<Answer, Refusal> {
    let shown = view.result.as_deref().map(underway::shown);
    let result = shown.as_deref().map(serde_json::from_str).transpose().map_err(Refusal::internal)?;
    Answer::of(&Status {
        job_id: view.id,
        kind: view.lane.kind.as_str(),
        state: view.state,
        attempts: view.attempts,
        created_at: view.created_at / 1000,
        updated_at: view.updated_at / 1000,
        result,
        error: view.failure.as_ref(),
        callback: view.callback.as_ref().into(),
    })
}

/// Whether somebody who waits, knowing this state, is to be told: the state is final or another one.
pub(crate) fn is_news(state: JobState, known: Option<JobState>) -> bool {
    state.is_final() || known.is_some_and(|known| known != state)
}

impl From<Option<&CallbackView>> for Callback {
    fn from(view: Option<&CallbackView>) -> Self {
        match view {
            Some(view) => {
                Self { state: view.state.shown(), attempts: view.attempts, last_status: view.last_status }
            }
            None => Self { state: "none", attempts: 0, last_status: None },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use serde_json::{Value, json};
    use wxgate_job::{Kind, Lane};
    use wxgate_media::Underway;

    use super::*;

    #[test]
    fn what_a_job_remembers_for_itself_is_not_shown() {
        let underway = Underway { task: "t".to_owned(), begun_at: 7, looks: 2 };
        let view = JobView {
            id: JobId::new(1).unwrap(),
            lane: Lane {
                client: String::new(),
                app: String::new(),
                kind: Kind::named("download_amr_to_mp3"),
            },
            state: JobState::Waiting,
            attempts: 1,
            created_at: 0,
            updated_at: 0,
            due_at: 0,
            result: Some(underway.so_far("m").to_string()),
            failure: None,
            callback: None,
        };
        let status: Value = serde_json::from_str(answer(&view).unwrap().data().get()).unwrap();
        assert_eq!(status["result"], json!({ "media_id": "m", "file_url": null }));
    }

    #[test]
    fn a_waiting_caller_is_told_of_an_end_and_of_a_change() {
        use JobState::{Failed, Queued, Running, Succeeded};
        assert!(is_news(Succeeded, None) && is_news(Failed, Some(Failed)));
        assert!(is_news(Running, Some(Queued)));
        assert!(!is_news(Running, None) && !is_news(Queued, Some(Queued)));
    }
}
