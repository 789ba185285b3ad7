//! Jobs that begin with the commit that stores them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use wxgate_job::{Doorbell, JobId, JobState, Lane, Outcome};
use wxgate_store::intake::Intake;
use wxgate_store::model::intake::{Acceptance, NewJob};
use wxgate_worker::Worker;

use crate::support::{KIND, Runs, World, job, scripted};

/// What one app may have under way at once here: half of the worker's slots.
const SLOTS: u8 = 4;

fn of_another_app(seed: u8) -> NewJob {
    let other = job(KIND, seed);
    NewJob { lane: Lane { app: "wx00000000000000ff".to_owned(), ..other.lane }, ..other }
}

/// A worker and an intake of one process. The worker has looked at what waits, and nothing does.
async fn at_work() -> (World, Worker, Intake, Runs) {
    let mut world = World::new().await;
    let (handlers, mut runs) = scripted(false);
    let worker = world.work(handlers).await;
    let intake = Intake::start(Arc::clone(&world.store), 1, Some(worker.starter()));
    for seed in 200.. {
        let accepted = intake.accept(of_another_app(seed), true).await.unwrap();
        runs.next().await.end(Outcome::Done(json!({})));
        match accepted {
            Acceptance::Claimed(..) => return (world, worker, intake, runs),
            Acceptance::New(id) => world.until(id, JobState::Succeeded).await,
            other => panic!("{other:?}"),
        };
    }
    panic!("nothing begins at once")
}

/// Accepts jobs of the other app, which are done as they come, until one has to queue.
async fn until_it_queues(intake: &Intake, runs: &mut Runs) -> JobId {
    for seed in 100.. {
        match intake.accept(of_another_app(seed), true).await.unwrap() {
            Acceptance::New(id) => return id,
            Acceptance::Claimed(..) => runs.next().await.end(Outcome::Done(json!({}))),
            other => panic!("{other:?}"),
        }
    }
    panic!("the worker has not heard of what waits")
}

#[tokio::test]
async fn a_job_is_begun_without_anybody_ringing() {
    let (world, worker, intake, mut runs) = at_work().await;
    let accepted = intake.accept(job(KIND, 1), true).await.unwrap();
    let Acceptance::Claimed(id, _) = accepted else { panic!("{accepted:?}") };
    let run = runs.next().await;
    assert_eq!((run.job.claim.job, run.job.attempt), (id, 1));
    run.end(Outcome::Done(json!({})));
    world.until(id, JobState::Succeeded).await;
    worker.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn a_repeat_is_not_begun_again() {
    let (world, worker, intake, mut runs) = at_work().await;
    let accepted = intake.accept(job(KIND, 1), true).await.unwrap();
    let Acceptance::Claimed(id, _) = accepted else { panic!("{accepted:?}") };
    assert_eq!(intake.accept(job(KIND, 1), true).await.unwrap(), Acceptance::Repeated(id));
    runs.next().await.end(Outcome::Done(json!({})));
    world.until(id, JobState::Succeeded).await;
    assert!(runs.none());
    worker.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn what_is_not_due_or_shares_its_work_queues() {
    let (_world, worker, intake, mut runs) = at_work().await;
    let in_an_hour = wxgate_store::clock::now_ms() + 3_600_000;
    let later = intake.accept(NewJob { send_at: Some(in_an_hour), ..job(KIND, 1) }, false).await.unwrap();
    assert!(matches!(later, Acceptance::New(_)), "{later:?}");
    assert!(runs.none());
    let shares = intake.accept(NewJob { sharing: Some("shop media".to_owned()), ..job(KIND, 2) }, true).await;
    assert!(matches!(shares, Ok(Acceptance::New(_))), "{shares:?}");
    worker.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn what_waits_comes_before_what_could_begin_at_once() {
    let (world, worker, intake, mut runs) = at_work().await;
    let mut busy = Vec::new();
    for seed in 1..=SLOTS {
        let accepted = intake.accept(job(KIND, seed), true).await;
        assert!(matches!(accepted, Ok(Acceptance::Claimed(..))), "{accepted:?}");
        busy.push(runs.next().await);
    }
    let accepted = intake.accept(job(KIND, SLOTS + 1), true).await;
    let Ok(Acceptance::New(waits)) = accepted else { panic!("{accepted:?}") };
    world.ring(Doorbell { lane: job(KIND, 0).lane, ids: vec![waits] });

    // From when the worker has heard of it, nothing overtakes it, though there are slots for other apps.
    let behind = until_it_queues(&intake, &mut runs).await;
    busy.remove(0).end(Outcome::Done(json!({})));
    // Both are found in the store, the second without a doorbell, too.
    let found = [runs.next().await, runs.next().await];
    assert_eq!(
        BTreeSet::from(found.each_ref().map(|run| run.job.claim.job)),
        BTreeSet::from([waits, behind])
    );
    for run in busy.into_iter().chain(found) {
        run.end(Outcome::Done(json!({})));
    }
    worker.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn nothing_is_begun_by_a_worker_that_ends() {
    let (_world, worker, intake, _runs) = at_work().await;
    worker.stop(Duration::ZERO).await;
    let accepted = intake.accept(job(KIND, 1), true).await;
    assert!(matches!(accepted, Ok(Acceptance::New(_))), "{accepted:?}");
}
