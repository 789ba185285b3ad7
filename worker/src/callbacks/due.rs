//! Callbacks that are due in the store: retries, replays, and those whose endpoint had no slot free.

use std::collections::HashMap;
use std::time::Duration;

use rand::seq::SliceRandom as _;
use tokio::time::{Instant, MissedTickBehavior};
use wxgate_store::StoreError;
use wxgate_store::model::work::WorkerId;

use super::Callbacks;

/// How often the store is asked what is due.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How often claims whose answer was lost are looked for.
const RELEASE_EVERY: Duration = Duration::from_secs(30);

pub(super) async fn run(callbacks: &Callbacks) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut release_at = Instant::now() + RELEASE_EVERY;
    let mut more = false;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = callbacks.inner.endpoints.freed(), if more => {}
        }
        let Some(held) = callbacks.inner.lease.live() else { continue };
        match post_due(callbacks, held.worker).await {
            Ok(left) => more = left,
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "callbacks.claiming_failed");
                more = false;
                if error.is_unknown() {
                    release_at = Instant::now();
                }
            }
        }
        if Instant::now() >= release_at {
            release_at = Instant::now() + RELEASE_EVERY;
            release_lost(callbacks, held.worker).await;
        }
    }
}

/// Claims and posts as many due callbacks as there are slots; says whether some may be left.
async fn post_due(callbacks: &Callbacks, worker: WorkerId) -> Result<bool, StoreError> {
    let inner = &callbacks.inner;
    if inner.endpoints.free() == 0 {
        return Ok(true);
    }
    let mut due = inner.store.due_endpoints().await?;
    // When there are fewer slots than endpoints, chance is fair to those whose names come late.
    due.shuffle(&mut rand::rng());
    let equal = (inner.endpoints.free() / due.len().max(1)).max(1);
    let mut shares = Vec::new();
    for due in &due {
        let slots = inner.endpoints.take(&due.endpoint, equal);
        if slots > 0 {
            shares.push((due.endpoint.clone(), u32::try_from(slots).unwrap_or(u32::MAX)));
        }
    }
    if shares.is_empty() {
        return Ok(!due.is_empty());
    }
    let left_out = shares.len() < due.len();
    let claimed = inner.store.claim_callbacks(worker, &shares).await;
    let mut unused: HashMap<String, u32> = shares.into_iter().collect();
    let claimed = claimed.inspect_err(|_| give_back(callbacks, &unused))?;
    for callback in claimed {
        if let Some(slots) = unused.get_mut(&callback.endpoint) {
            *slots -= 1;
        }
        callbacks.take_in_hand(callback.claim.id);
        callbacks.post(worker, callback);
    }
    give_back(callbacks, &unused);
    Ok(left_out || unused.values().any(|slots| *slots == 0))
}

fn give_back(callbacks: &Callbacks, unused: &HashMap<String, u32>) {
    for (endpoint, slots) in unused {
        for _ in 0..*slots {
            callbacks.inner.endpoints.give_back(endpoint);
        }
    }
}

async fn release_lost(callbacks: &Callbacks, worker: WorkerId) {
    match try_to_release(callbacks, worker).await {
        Ok(0) => {}
        Ok(released) => tracing::info!(released, "callbacks.released"),
        Err(error) => tracing::debug!(error = &error as &dyn std::error::Error, "callbacks.releasing_failed"),
    }
}

async fn try_to_release(callbacks: &Callbacks, worker: WorkerId) -> Result<u64, StoreError> {
    let mut lost = callbacks.inner.store.held_callbacks(worker).await?;
    lost.retain(|claim| !callbacks.in_hand().contains(&claim.id));
    if lost.is_empty() { Ok(0) } else { callbacks.inner.store.release_callbacks(worker, &lost).await }
}
