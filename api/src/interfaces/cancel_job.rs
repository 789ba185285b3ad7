//! Takes a job back that has not been tried yet.

use std::sync::Arc;

use futures_util::FutureExt as _;
use wxgate_job::JobState;
use wxgate_store::model::status::{Cancellation, JobView};

use super::get_job_status::job_id;
use crate::interface::{Interface, Param, ParamKind};
use crate::once::{Doubt, Work, once};
use crate::{Call, Refusal, status};

/// The declaration. Cancelling twice is cancelling once.
pub(super) const INTERFACE: Interface = Interface {
    name: "cancel_job",
    title_zh: "取消任务",
    title_en: "Cancel a job",
    params: &[Param::required("job_id", ParamKind::Int, "任务ID（发送ID）", "The job: the send ID")],
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::DoAgain, work(call))),
};

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    let (job, client) = (job_id(call)?, call.client.code.clone());
    let store = Arc::clone(&call.gateway.store);
    let work = async move {
        match store.cancel(Some(&client), job).await.map_err(Refusal::of_writing)? {
            Cancellation::Cancelled(view) => status::answer(&view),
            Cancellation::TooLate(view) => Err(Refusal::Conflict(why_not(&view))),
            Cancellation::NotFound => Err(Refusal::NotFound("job")),
        }
    };
    Ok(work.boxed())
}

fn why_not(view: &JobView) -> String {
    match view.state {
        JobState::Queued => "the job cannot be cancelled: an attempt may have taken effect".to_owned(),
        state => format!("the job cannot be cancelled: its state is {state}"),
    }
}
