//! Work that is done once for all who ask for it.

use std::time::Duration;

use serde_json::json;
use wxgate_job::{Failure, JobState, Outcome};
use wxgate_store::model::intake::NewJob;

use crate::support::{KIND, World, job, scripted};

fn sharing(seed: u8) -> NewJob {
    NewJob { sharing: Some("shop:MEDIA_1".to_owned()), ..job(KIND, seed) }
}

#[tokio::test]
async fn one_run_is_the_end_of_all_who_share_it() {
    let mut world = World::new().await;
    let leader = world.accept(sharing(1)).await;
    let follower = world.accept(sharing(2)).await;
    let (handlers, mut runs) = scripted(false);
    let worker = world.work(handlers).await;
    let run = runs.next().await;
    assert_eq!(run.job.claim.job, leader);
    run.end(Outcome::Done(json!({ "media_id": "MEDIA_1", "file_url": "http://files.example/1.mp3" })));

    let result = r#"{"media_id":"MEDIA_1","file_url":"http://files.example/1.mp3"}"#;
    for id in [leader, follower, world.accept(sharing(3)).await] {
        assert_eq!(world.until(id, JobState::Succeeded).await.result.as_deref(), Some(result));
    }
    assert!(runs.none());
    worker.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn a_failure_is_the_end_of_those_who_wait_and_the_next_one_tries_again() {
    let mut world = World::new().await;
    world.accept(sharing(1)).await;
    let follower = world.accept(sharing(2)).await;
    let (handlers, mut runs) = scripted(false);
    let worker = world.work(handlers).await;
    let failure = Failure::new("wechat", "the media has expired").with_errcode(40007);
    runs.next().await.end(Outcome::GiveUp(failure.clone()));
    assert_eq!(world.until(follower, JobState::Failed).await.failure, Some(failure));
    assert!(runs.none());

    let next = world.accept(sharing(3)).await;
    let run = runs.next().await;
    assert_eq!(run.job.claim.job, next);
    run.end(Outcome::Done(json!({})));
    world.until(next, JobState::Succeeded).await;
    worker.stop(Duration::ZERO).await;
}
