//! Tells how a job stands, at once or when it has come further.

use std::time::Duration;

use wxgate_job::id::InvalidJobId;
use wxgate_job::state::UnknownState;
use wxgate_job::{JobId, JobState};
use wxgate_store::model::status::JobView;

use crate::interface::{Answers, Group, Interface, Param, ParamKind};
use crate::refusal::said;
use crate::{Answer, Call, Refusal, status, values};

const JOB_ID: &str = "job_id";
const WAIT: &str = "wait";
const KNOWN_STATE: &str = "known_state";

/// The longest wait (s).
const LONGEST_WAIT: i64 = 30;

/// The declaration of the job. Its number is a positive integer below 2^53.
pub(super) const JOB_ID_PARAM: Param = Param::required(
    JOB_ID,
    ParamKind::Whole { least: 1, most: (1 << 53) - 1 },
    "任务ID（发送ID）",
    "The job: the send ID",
)
.as_answered_by("async_send_tpl", "");

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "get_job_status",
    title_zh: "查询任务状态",
    title_en: "How a job stands",
    group: Group::Jobs,
    params: &[
        JOB_ID_PARAM,
        Param::optional(
            WAIT,
            ParamKind::Whole { least: 0, most: LONGEST_WAIT },
            "最多等待的秒数（不超过30），任务结束或状态变化时提前返回",
            "Wait up to so many seconds (at most 30) until the job has ended or its state differs",
        ),
        Param::optional(
            KNOWN_STATE,
            ParamKind::Choice(&status::STATES),
            "已知的状态，与wait一起使用，状态与之不同时返回",
            "The state already known: with wait, answers as soon as the state differs from it",
        ),
    ],
    answers: Answers::with(status::SHAPE),
    effect: false,
    secret: false,
    run: |call| Box::pin(run(call)),
};

async fn run(call: &Call<'_>) -> Result<Answer, Refusal> {
    let job = job_id(call)?;
    let (at_most, known) = (wait(call)?, known_state(call)?);
    let view = own_view(call, job).await?;
    if at_most.is_zero() || status::is_news(view.state, known) {
        return status::answer(&view);
    }
    match call.gateway.waiting_room.wait(&call.client.code, job, known, at_most).await {
        Some(view) => status::answer(&view),
        None => status::answer(&own_view(call, job).await?),
    }
}

/// The job that a request names.
pub(super) fn job_id(call: &Call<'_>) -> Result<JobId, Refusal> {
    let reason = |error: InvalidJobId| said("须为十进制的任务ID", error.to_string());
    call.required(JOB_ID).parse().map_err(|error| Refusal::malformed(JOB_ID, reason(error)))
}

async fn own_view(call: &Call<'_>, job: JobId) -> Result<JobView, Refusal> {
    let views = call.gateway.ask_store(move |store| async move { store.views(&[job]).await }).await?;
    let view = views.map_err(Refusal::of_reading)?.pop();
    view.filter(|view| view.lane.client == call.client.code).ok_or(Refusal::NotFound("job"))
}

fn wait(call: &Call<'_>) -> Result<Duration, Refusal> {
    let Some(text) = call.given(WAIT) else { return Ok(Duration::ZERO) };
    let seconds = values::whole_number(text, 0..=LONGEST_WAIT).and_then(|seconds| seconds.try_into().ok());
    let reason = || {
        Refusal::malformed(
            WAIT,
            said(format!("须为0到{LONGEST_WAIT}秒"), format!("must be 0 to {LONGEST_WAIT} seconds")),
        )
    };
    seconds.map(Duration::from_secs).ok_or_else(reason)
}

fn known_state(call: &Call<'_>) -> Result<Option<JobState>, Refusal> {
    let state = call.given(KNOWN_STATE).map(str::parse).transpose();
    state.map_err(|error: UnknownState| Refusal::malformed(KNOWN_STATE, &error))
}
