//! Turning a verified request into a job: what every interface that accepts work does last.

use tracing::Span;
use wxgate_egress::Vetting;
use wxgate_job::{Doorbell, JobId, Lane};
use wxgate_store::model::insight::Series;
use wxgate_store::model::intake::{Acceptance, NewJob};

use crate::{Call, Refusal};

/// Stores a job durably and answers its id; a repeat of the same request is answered the same id.
///
/// `untimely` is a refusal that only time has brought about, or a change of somebody else's: a
/// deadline that has passed, a callback's name that leads elsewhere now. It counts for new requests
/// alone, since a repeat must be told what the first was told.
pub(crate) async fn accept(
    call: &Call<'_>,
    job: NewJob,
    untimely: Option<Refusal>,
    due: bool,
) -> Result<JobId, Refusal> {
    let kind = job.lane.kind.clone();
    let acceptance = match untimely {
        None => call.gateway.intake.accept(job, due).await?,
        Some(refusal) => recognise(call, job).await?.ok_or(refusal)?,
    };
    if let Acceptance::New(id) | Acceptance::Claimed(id, _) | Acceptance::Repeated(id) = acceptance {
        Span::current().record("job", id.get());
    }
    match acceptance {
        Acceptance::New(id) => {
            call.gateway.counts.add(Series::Accepted, &kind);
            ring(call, due, id);
            Ok(id)
        }
        Acceptance::Claimed(id, _) => {
            call.gateway.counts.add(Series::Accepted, &kind);
            Ok(id)
        }
        Acceptance::Repeated(id) => Ok(id),
        Acceptance::AuthcodeTaken => Err(Refusal::AuthcodeTaken),
        Acceptance::RequestIdTaken => Err(Refusal::RequestIdTaken),
    }
}

/// Refuses an address for callbacks that leads where they must not go, as far as that is known now: it is
/// decided again when it is dialled. Only time, and what others do with names, can change this verdict.
pub(crate) async fn vet_callback(
    call: &Call<'_>,
    name: &'static str,
    url: Option<&str>,
) -> Result<(), Refusal> {
    let Some(url) = url else { return Ok(()) };
    match call.gateway.guard.vet(url).await {
        Vetting::Passed | Vetting::Undecided => Ok(()),
        Vetting::Refused(reason) => Err(Refusal::malformed(name, &reason)),
    }
}

async fn recognise(call: &Call<'_>, job: NewJob) -> Result<Option<Acceptance>, Refusal> {
    let found = call.gateway.ask_store(|store| async move { store.recognise(&job).await }).await?;
    found.map_err(Refusal::of_reading)
}

/// Nobody waits for a ring: what is not heard is found in the store.
fn ring(call: &Call<'_>, due: bool, id: JobId) {
    if due {
        let lane: Lane = call.lane();
        call.gateway.bell.ring(Doorbell { lane, ids: vec![id] });
    }
}
