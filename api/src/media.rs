//! What the interfaces for media have in common: the job that they accept, and the answer that its
//! end gives.

use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use wxgate_job::{JobId, JobState};
use wxgate_media::{Order, Stem};
use wxgate_store::model::intake::NewJob;
use wxgate_store::model::status::JobView;

use crate::interface::{Field, Limit, Shape};
use crate::refusal::said;
use crate::values::within;
use crate::{Answer, Call, Refusal, uri};

pub(crate) const MEDIA_ID: &str = "media_id";
pub(crate) const NOTIFY_URL: &str = "notify_url";
pub(crate) const HD_VOICE: &str = "hd_voice";

/// The longest media id. WeChat's have about 64; a store's index takes no key of any length.
pub(crate) const LONGEST_MEDIA_ID: Limit = Limit::Bytes(128);

/// What 202 comes with.
pub(crate) const PENDING: Shape =
    Shape::Object(&[Field::new("job_id", Shape::Int, "任务ID", "The job: get_job_status tells of it")]);

/// The media id that a request names.
pub(crate) fn media_id<'c>(call: &'c Call<'_>) -> Result<&'c str, Refusal> {
    within(MEDIA_ID, call.required(MEDIA_ID).trim(), LONGEST_MEDIA_ID)
}

/// A job for the medium that a request names. The file's name is chosen here, at random, and kept
/// with the job, so that a repeated attempt replaces what the one before it left.
pub(crate) fn new_job(call: &Call<'_>, original: bool) -> Result<NewJob, Refusal> {
    let media_id = media_id(call)?;
    let order = Order { media_id: media_id.to_owned(), stem: Stem::random(), original };
    Ok(NewJob {
        lane: call.lane(),
        authcode: call.authcode.as_bytes().to_vec(),
        fingerprint: call.fingerprint(),
        payload: serde_json::to_string(&order).map_err(Refusal::internal)?,
        subject: media_id.to_owned(),
        request: None,
        callback_url: call.given(NOTIFY_URL).map(|url| uri::with_scheme(url).into_owned()),
        send_at: None,
        expire_at: None,
        receipt: false,
        sharing: None,
        worker: None,
    })
}

/// Waits for the job's end as long as callers are kept waiting, and answers with it.
pub(crate) async fn end_of(call: &Call<'_>, job: JobId) -> Result<Answer, Refusal> {
    let gateway = call.gateway;
    let waited = gateway.waiting_room.wait(&call.client.code, job, None, gateway.sync_wait).await;
    let view = if waited.is_some() { waited } else { view_of(call, job).await? };
    answer(&view.ok_or(Refusal::NotFound("job"))?, |result| Ok(result.to_owned()))
}

async fn view_of(call: &Call<'_>, job: JobId) -> Result<Option<JobView>, Refusal> {
    let views = call.gateway.ask_store(move |store| async move { store.views(&[job]).await }).await?;
    Ok(views.map_err(Refusal::of_reading)?.pop())
}

/// What a job's end, or that it has none yet, means to its caller; `data` picks from its result.
pub(crate) fn answer(
    view: &JobView,
    data: impl FnOnce(&RawValue) -> Result<Box<RawValue>, Refusal>,
) -> Result<Answer, Refusal> {
    match (view.state, &view.failure) {
        (JobState::Succeeded, _) => {
            let result = view.result.as_deref().unwrap_or("null");
            let result: &RawValue = serde_json::from_str(result).map_err(Refusal::internal)?;
            Answer::of(&data(result)?)
        }
        (JobState::Failed, Some(failure)) => Err(Refusal::UpstreamFailed(failure.into())),
        (JobState::Failed, None) => Err(Refusal::UpstreamFailed(said("任务失败", "the job failed"))),
        (JobState::Cancelled, _) => Err(Refusal::Conflict(said("任务已取消", "the job was cancelled"))),
        (JobState::Queued | JobState::Running | JobState::Waiting, _) => Err(still_working(view.id)?),
    }
}

/// The address in a conversion's result.
pub(crate) fn file_url(result: &RawValue) -> Result<Box<RawValue>, Refusal> {
    #[derive(serde::Deserialize)]
    struct Converted {
        file_url: Box<RawValue>,
    }
    let converted: Converted = serde_json::from_str(result.get()).map_err(Refusal::internal)?;
    Ok(converted.file_url)
}

/// Not over yet: what to ask `get_job_status` with.
pub(crate) fn still_working(job: JobId) -> Result<Refusal, Refusal> {
    let poll = to_raw_value(&json!({ "job_id": job })).map_err(Refusal::internal)?;
    Ok(Refusal::StillWorking { poll })
}
