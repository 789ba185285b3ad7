//! Takes a job back that has not been tried yet.

use std::sync::Arc;

use futures_util::FutureExt as _;
use wxgate_job::JobState;
use wxgate_store::model::insight::Series;
use wxgate_store::model::status::{Cancellation, JobView};

use super::get_job_status::{JOB_ID_PARAM, job_id};
use crate::interface::{Answers, Group, Interface};
use crate::once::{Doubt, Work, once};
use crate::refusal::{Sentence, said};
use crate::{Call, Refusal, status};

/// The declaration. Cancelling twice is cancelling once.
pub(super) const INTERFACE: Interface = Interface {
    name: "cancel_job",
    title_zh: "取消任务",
    title_en: "Cancel a job",
    group: Group::Jobs,
    params: &[JOB_ID_PARAM],
    answers: Answers::with(status::SHAPE),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::DoAgain, work(call))),
};

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    let (job, client) = (job_id(call)?, call.client.code.clone());
    let (store, counts) = (Arc::clone(&call.gateway.store), call.gateway.counts.clone());
    let work = async move {
        match store.cancel(Some(&client), job).await.map_err(Refusal::of_writing)? {
            Cancellation::Cancelled(view) => {
                counts.add(Series::Cancelled, &view.lane.kind);
                status::answer(&view)
            }
            Cancellation::TooLate(view) => Err(Refusal::Conflict(why_not(&view))),
            Cancellation::NotFound => Err(Refusal::NotFound("job")),
        }
    };
    Ok(work.boxed())
}

fn why_not(view: &JobView) -> Sentence {
    match view.state {
        JobState::Queued => said(
            "任务无法取消：已有一次尝试可能生效",
            "the job cannot be cancelled: an attempt may have taken effect",
        ),
        state => said(
            format!("任务无法取消：当前状态为{state}"),
            format!("the job cannot be cancelled: its state is {state}"),
        ),
    }
}
