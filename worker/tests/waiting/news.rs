//! Jobs that wait for somebody outside.

use std::time::Duration;

use serde_json::json;
use wxgate_job::{Awaited, Failure, JobState, Outcome};

use crate::support::{KIND, World, job, scripted};

fn wait(at_most: Duration) -> Outcome {
    let awaited = Awaited("upyun:1".to_owned());
    Outcome::Wait { result: json!({ "uploaded": true }), awaited, at_most }
}

#[tokio::test]
async fn news_lets_the_handler_go_on_from_where_it_was() {
    let mut world = World::new().await;
    let id = world.accept(job(KIND, 1)).await;
    let (handlers, mut runs) = scripted(false);
    let worker = world.work(handlers).await;
    runs.next().await.end(wait(Duration::from_hours(1)));
    world.until(id, JobState::Waiting).await;

    let awaited = Awaited("upyun:1".to_owned());
    let doorbell = world.store.report(&awaited, "converted").await.unwrap().unwrap();
    world.ring(doorbell);
    let again = runs.next().await;
    assert_eq!(again.job.result.as_deref(), Some(r#"{"uploaded":true}"#));
    assert_eq!((again.job.report.as_deref(), again.job.attempt), (Some("converted"), 2));
    again.end(Outcome::Done(json!({ "file_url": "http://files.example/1" })));
    let end = world.until(id, JobState::Succeeded).await;
    assert_eq!(end.result.as_deref(), Some(r#"{"file_url":"http://files.example/1"}"#));
    worker.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn without_news_the_handler_is_run_again_when_the_wait_ends() {
    let mut world = World::new().await;
    let id = world.accept(job(KIND, 1)).await;
    let (handlers, mut runs) = scripted(false);
    let worker = world.work(handlers).await;
    runs.next().await.end(wait(Duration::ZERO));
    let again = runs.next().await;
    assert_eq!((again.job.report.as_deref(), again.job.attempt), (None, 2));
    again.end(Outcome::GiveUp(Failure::new("upyun", "the conversion failed")));
    let end = world.until(id, JobState::Failed).await;
    assert_eq!(end.result.as_deref(), Some(r#"{"uploaded":true}"#));
    worker.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn what_wechat_has_taken_is_seen_through_behind_a_closed_gate() {
    let mut world = World::new().await;
    let taken = world.accept(job(KIND, 1)).await;
    let (handlers, mut runs) = scripted(false);
    let worker = world.work(handlers).await;
    runs.next().await.end(wait(Duration::from_hours(1)));
    world.until(taken, JobState::Waiting).await;
    let held_back = world.accept(job(KIND, 2)).await;
    runs.next().await.end(Outcome::AppAtFault(Failure::new("wechat", "banned").with_errcode(50002)));
    world.until(held_back, JobState::Queued).await;

    world.store.report(&Awaited("upyun:1".to_owned()), "converted").await.unwrap().unwrap();
    let seen_through = runs.next().await;
    assert_eq!(seen_through.job.claim.job, taken);
    seen_through.end(Outcome::Done(json!({})));
    world.until(taken, JobState::Succeeded).await;
    assert!(runs.none());
    worker.stop(Duration::ZERO).await;
}
