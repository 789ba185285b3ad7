//! How long an attempt may go on.

use std::time::Duration;

use serde_json::json;
use wxgate_job::Outcome;
use wxgate_store::model::work::WorkerId;

use crate::support::{KIND, World, job, scripted};

#[tokio::test]
async fn an_attempt_ends_with_the_lease_it_began_under() {
    let mut world = World::new().await;
    world.accept(job(KIND, 1)).await;
    let (handlers, mut runs) = scripted(false);
    let worker = world.work(handlers).await;
    let run = runs.next().await;
    assert!(run.limit < Duration::from_secs(10), "{:?}", run.limit);
    run.end(Outcome::Done(json!({})));
    worker.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn an_attempt_that_may_be_repeated_goes_on_until_its_limit_or_the_loss_of_the_lease() {
    let mut world = World::new().await;
    let id = world.accept(job(KIND, 1)).await;
    let (handlers, mut runs) = scripted(true);
    let worker = world.work(handlers).await;
    let mut run = runs.next().await;
    assert!(run.limit > Duration::from_mins(9), "{:?}", run.limit);

    // The first lease of a new store, taken away as if it had lapsed.
    world.store.resign(WorkerId(1)).await.unwrap();
    run.dropped().await;
    assert!(!world.store.views(&[id]).await.unwrap()[0].state.is_final());
    worker.stop(Duration::ZERO).await;
}
