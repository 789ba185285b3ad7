//! Takes a job back that has not been tried yet.

use std::sync::Arc;

use wxgate_job::JobState;
use wxgate_store::Store;
use wxgate_store::model::status::{Cancellation, JobView};

use super::get_job_status::job_id;
use crate::interface::{Interface, Param, ParamKind};
use crate::{Answer, Call, Refusal, status};

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "cancel_job",
    title_zh: "取消任务",
    title_en: "Cancel a job",
    params: &[Param::required("job_id", ParamKind::Int, "任务ID（发送ID）", "The job: the send ID")],
    effect: true,
    secret: false,
    run: |call| Box::pin(run(call)),
};

/// Cancelling twice is cancelling once, so a repeat is simply done again.
async fn run(call: &Call<'_>) -> Result<Answer, Refusal> {
    let job = job_id(call)?;
    claim_authcode(call).await?;
    let client = call.client.code.clone();
    let cancel = |store: Arc<dyn Store>| async move { store.cancel(Some(&client), job).await };
    match call.gateway.ask_store(cancel).await?.map_err(Refusal::of_writing)? {
        Cancellation::Cancelled(view) => status::answer(&view),
        Cancellation::TooLate(view) => Err(Refusal::Conflict(why_not(&view))),
        Cancellation::NotFound => Err(Refusal::NotFound("job")),
    }
}

async fn claim_authcode(call: &Call<'_>) -> Result<(), Refusal> {
    let (key, fingerprint) = (call.replay_key(), call.fingerprint());
    let claim = |store: Arc<dyn Store>| async move { store.claim_authcode(&key, fingerprint).await };
    let ours = call.gateway.ask_store(claim).await?.map_err(Refusal::of_writing)?;
    if ours { Ok(()) } else { Err(Refusal::AuthcodeTaken) }
}

fn why_not(view: &JobView) -> String {
    match view.state {
        JobState::Queued => "the job cannot be cancelled: an attempt may have taken effect".to_owned(),
        state => format!("the job cannot be cancelled: its state is {state}"),
    }
}
