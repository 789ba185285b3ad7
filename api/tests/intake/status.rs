//! `get_job_status`: the shape, and waiting.

use std::time::{Duration, Instant};

use serde_json::json;
use wxgate_job::{JobId, JobState};

use crate::request::Request;
use crate::support::{TestGateway, now_s};

fn status(id: JobId) -> Request {
    Request::to("get_job_status").with("job_id", id)
}

#[tokio::test]
async fn a_queued_job_shows_all_fields() {
    let gateway = TestGateway::start().await;
    let id = gateway.accepted(&Request::send()).await;
    let reply = gateway.send(&status(id).post()).await;
    let view = gateway.job(id).await.view;
    let expected = format!(
        r#"{{"retcode":200,"data":{{"job_id":{id},"kind":"async_send_tpl","state":"queued","attempts":0,"created_at":{},"updated_at":{},"result":null,"error":null,"callback":{{"state":"none","attempts":0,"last_status":null}}}},"msg":""}}"#,
        view.created_at / 1000,
        view.updated_at / 1000,
    );
    assert_eq!(reply.body, expected);
    assert!((view.created_at / 1000).abs_diff(now_s()) < 60);
}

#[tokio::test]
async fn results_are_handed_on_as_they_are_stored() {
    let gateway = TestGateway::start().await;
    let id = gateway.accepted(&Request::send().with("callback_url", "https://shop.example/")).await;
    let result = r#"{"errcode":0, "msgid":"3662956322040938501","n":12345678901234567890}"#;
    gateway.finish(id, JobState::Succeeded, Some(result)).await;
    let reply = gateway.send(&status(id).post()).await;
    assert!(reply.body.contains(r#""state":"succeeded","attempts":1,"#), "{reply:?}");
    assert!(reply.body.contains(&format!(r#""result":{result},"error":null,"#)), "{reply:?}");
    assert_eq!(
        reply.envelope().data["callback"],
        json!({"state": "pending", "attempts": 0, "last_status": null})
    );
}

#[tokio::test]
async fn a_failure_is_told_with_its_number() {
    let gateway = TestGateway::start().await;
    let id = gateway.accepted(&Request::send()).await;
    gateway.finish(id, JobState::Failed, None).await;
    let data = gateway.call(&status(id)).await.data;
    assert_eq!(data["error"], json!({"code": "wechat", "errcode": 40003, "message": "refused"}));
}

#[tokio::test]
async fn jobs_of_others_and_of_nobody_are_404() {
    let gateway = TestGateway::start().await;
    let id = gateway.accepted(&Request::send()).await;
    for request in [status(id).with("client_code", "other-shop"), status(JobId::new(999).unwrap())] {
        let reply = gateway.send(&request.post()).await;
        assert_eq!((reply.status, reply.envelope().retcode), (200, 404));
    }
}

#[tokio::test]
async fn unusable_values_are_named() {
    let gateway = TestGateway::start().await;
    let id = gateway.accepted(&Request::send()).await;
    for job_id in ["x", "0", "-1", "9007199254740992", "1.0"] {
        gateway.refused(&Request::to("get_job_status").with("job_id", job_id), 400, "job_id: ").await;
    }
    for wait in ["31", "-1", "1.5", "long"] {
        gateway.refused(&status(id).with("wait", wait), 400, "wait: must be 0 to 30 seconds").await;
    }
    gateway.refused(&status(id).with("known_state", "done"), 400, "known_state: ").await;
}

#[tokio::test]
async fn whoever_waits_is_told_when_the_job_ends() {
    let gateway = TestGateway::start().await;
    let id = gateway.accepted(&Request::send()).await;
    let (waits, began) = (status(id).with("wait", 30), Instant::now());
    let (told, ()) = tokio::join!(gateway.call(&waits), async {
        gateway.until_waiting(1).await;
        gateway.finish(id, JobState::Succeeded, Some("{}")).await;
    });
    assert_eq!(told.data["state"], "succeeded");
    assert!(began.elapsed() < Duration::from_secs(10));
    gateway.until_waiting(0).await;
}

#[tokio::test]
async fn whoever_knows_a_state_is_told_of_the_next() {
    let gateway = TestGateway::start().await;
    let id = gateway.accepted(&Request::send()).await;
    let knows_queued = status(id).with("wait", 30).with("known_state", "queued");
    let began = Instant::now();
    let (told, _claim) = tokio::join!(gateway.call(&knows_queued), async {
        gateway.until_waiting(1).await;
        gateway.claim(id).await
    });
    assert_eq!(told.data["state"], "running");
    let at_once = gateway.call(&knows_queued.with("req_time", now_s() - 1)).await;
    assert_eq!(at_once.data["state"], "running");
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_wait_ends_with_the_time_and_a_final_job_is_not_waited_for() {
    let gateway = TestGateway::start().await;
    let id = gateway.accepted(&Request::send()).await;
    let began = Instant::now();
    assert_eq!(gateway.call(&status(id).with("wait", 1)).await.data["state"], "queued");
    assert!(began.elapsed() >= Duration::from_secs(1));

    gateway.finish(id, JobState::Failed, None).await;
    let began = Instant::now();
    let final_one = status(id).with("wait", 30).with("known_state", "failed");
    assert_eq!(gateway.call(&final_one).await.data["state"], "failed");
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn the_hundred_and_first_wait_of_a_client_is_answered_at_once_and_leaves_others_theirs() {
    let gateway = TestGateway::start().await;
    let id = gateway.accepted(&Request::send()).await;
    let others = Request::send().with("client_code", "other-shop");
    let other_id = gateway.accepted(&others).await;
    let waits = status(id).with("wait", 30);
    let all = futures_util::future::join_all((0..100).map(|_| gateway.call(&waits)));
    let (told, ()) = tokio::join!(all, async {
        gateway.until_waiting(100).await;
        assert_eq!(gateway.call(&waits).await.data["state"], "queued");
        let other = status(other_id).with("client_code", "other-shop").with("wait", 30);
        let (other, ()) = tokio::join!(gateway.call(&other), async {
            gateway.until_waiting(101).await;
            gateway.finish(other_id, JobState::Succeeded, None).await;
        });
        assert_eq!(other.data["state"], "succeeded");
        gateway.finish(id, JobState::Succeeded, None).await;
    });
    assert!(told.iter().all(|reply| reply.data["state"] == "succeeded"));
}
