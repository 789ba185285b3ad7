//! The part of accepting that both dialects share: what to tell each job of a batch once it is known
//! what was stored and what had been.

use std::collections::{HashMap, HashSet};

use crate::error::StoreError;
use crate::model::intake::{Acceptance, NewJob, ReplayKey};
use crate::rows::job_id;

/// What a known replay key stands for.
pub(crate) struct Replay {
    pub(crate) fingerprint: Vec<u8>,
    pub(crate) job: Option<i64>,
}

/// What one batch of a call did: the keys that were new, and what to tell their first job.
pub(crate) type Fresh = HashMap<ReplayKey, Acceptance>;

/// The first job of each replay key in a batch; the others repeat it.
pub(crate) fn first_of_each_key(jobs: &[NewJob]) -> Vec<&NewJob> {
    let mut seen = HashSet::with_capacity(jobs.len());
    jobs.iter().filter(|job| seen.insert((&job.lane.client, &job.authcode))).collect()
}

/// What to tell each job, in order. The first job of a new key takes the answer in `fresh`; its
/// repeats are told by the replay as it is stored now.
pub(crate) fn answers(
    jobs: &[NewJob],
    mut fresh: Fresh,
    known: &HashMap<ReplayKey, Replay>,
) -> Result<Vec<Acceptance>, StoreError> {
    jobs.iter()
        .map(|job| {
            let key = job.replay_key();
            fresh.remove(&key).map_or_else(|| answer_repeat(job, known.get(&key)), Ok)
        })
        .collect()
}

/// What to tell a job of which nothing was stored, if its request or its `request_id` is known.
pub(crate) fn recognised(
    job: &NewJob,
    replay: Option<&Replay>,
    request: Option<(i64, Vec<u8>)>,
) -> Result<Option<Acceptance>, StoreError> {
    if replay.is_some() {
        return answer_repeat(job, replay).map(Some);
    }
    let Some((id, digest)) = request else { return Ok(None) };
    let same = job.request.as_ref().is_some_and(|request| digest == request.digest);
    if same {
        job_id(id).map(|id| Some(Acceptance::Repeated(id)))
    } else {
        Ok(Some(Acceptance::RequestIdTaken))
    }
}

fn answer_repeat(job: &NewJob, replay: Option<&Replay>) -> Result<Acceptance, StoreError> {
    match replay {
        Some(Replay { fingerprint, job: Some(id) }) if *fingerprint == job.fingerprint => {
            job_id(*id).map(Acceptance::Repeated)
        }
        Some(_) => Ok(Acceptance::AuthcodeTaken),
        // The first of this batch was refused for its request_id, and this one repeats it.
        None => Ok(Acceptance::RequestIdTaken),
    }
}
