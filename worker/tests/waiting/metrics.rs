//! What is counted of jobs.

use std::time::Duration;

use prometheus::TextEncoder;
use serde_json::json;
use wxgate_job::{Failure, JobState, Outcome};
use wxgate_store::model::insight::Series;

use crate::support::{KIND, World, job, scripted};

#[tokio::test]
async fn attempts_and_ends_are_counted_by_kind() {
    let mut world = World::new().await;
    let (first, second) = (world.accept(job(KIND, 1)).await, world.accept(job(KIND, 2)).await);
    let (handlers, mut runs) = scripted(false);
    let (worker, metrics) = (world.work(handlers).await, world.metrics.clone());
    for _ in 0..2 {
        let run = runs.next().await;
        let done = run.job.claim.job == first;
        run.end(if done { Outcome::Done(json!({})) } else { Outcome::GiveUp(Failure::new("wechat", "no")) });
    }
    world.until(first, JobState::Succeeded).await;
    world.until(second, JobState::Failed).await;
    worker.stop(Duration::from_secs(10)).await;

    let told = TextEncoder::new().encode_to_string(&metrics.gather()).unwrap();
    let kind = KIND;
    for line in [
        format!("wxgate_worker_claims_total{{kind=\"{kind}\"}} 2"),
        format!("wxgate_worker_attempts_total{{kind=\"{kind}\",outcome=\"done\"}} 1"),
        format!("wxgate_worker_attempts_total{{kind=\"{kind}\",outcome=\"failed\"}} 1"),
        format!("wxgate_worker_attempt_seconds_count{{kind=\"{kind}\"}} 2"),
        format!("wxgate_worker_jobs_total{{kind=\"{kind}\",state=\"succeeded\"}} 1"),
        format!("wxgate_worker_jobs_total{{kind=\"{kind}\",state=\"failed\"}} 1"),
        "wxgate_worker_attempts_under_way 0".to_owned(),
    ] {
        assert!(told.contains(&line), "{line} in {told}");
    }
    let counted = world.store.tallies(0).await.unwrap();
    let counted: Vec<_> = counted.iter().map(|tally| (tally.series, tally.count)).collect();
    assert_eq!(counted, [(Series::Failed, 1), (Series::Succeeded, 1)]);
}
