//! `cancel_job`.

use wxgate_job::{JobId, JobState};

use crate::request::Request;
use crate::support::{TestGateway, now_s};

fn cancel(id: JobId) -> Request {
    Request::to("cancel_job").with("job_id", id)
}

#[tokio::test]
async fn a_queued_job_is_cancelled_and_stays_so() {
    let gateway = TestGateway::start().await;
    let scheduled =
        Request::send().with("send_at", now_s() + 3600).with("callback_url", "https://shop.example/");
    let id = gateway.accepted(&scheduled).await;
    for request in [cancel(id), cancel(id), cancel(id).with("req_time", now_s() - 1)] {
        let reply = gateway.call(&request).await;
        assert_eq!((reply.retcode, &reply.data["state"]), (200, &"cancelled".into()));
        assert_eq!(reply.data["callback"]["state"], "pending");
    }
    assert_eq!(gateway.job(id).await.callbacks.len(), 1);
}

#[tokio::test]
async fn a_job_that_runs_or_is_over_is_not_cancelled() {
    let gateway = TestGateway::start().await;
    let id = gateway.accepted(&Request::send()).await;
    let (worker, claimed) = gateway.claim(id).await;
    gateway.refused(&cancel(id), 409, "its state is running").await;
    drop((worker, claimed));

    let over = gateway.accepted(&Request::send().with("n", 2)).await;
    gateway.finish(over, JobState::Succeeded, None).await;
    gateway.refused(&cancel(over), 409, "its state is succeeded").await;
}

#[tokio::test]
async fn jobs_of_others_and_of_nobody_are_404() {
    let gateway = TestGateway::start().await;
    let id = gateway.accepted(&Request::send()).await;
    gateway.refused(&cancel(id).with("client_code", "other-shop"), 404, "no such job").await;
    gateway.refused(&cancel(JobId::new(999).unwrap()), 404, "no such job").await;
    gateway.refused(&Request::to("cancel_job").with("job_id", "all"), 400, "job_id: ").await;
    assert_eq!(gateway.job(id).await.view.state, JobState::Queued);
}

#[tokio::test]
async fn an_authcode_that_served_one_cancelling_serves_no_other() {
    let gateway = TestGateway::start().await;
    let id = gateway.accepted(&Request::send()).await;
    let one = cancel(id).with("k", 1).with("l", 23);
    let other = cancel(id).with("k", 12).with("l", 3).authcode(one.signature().to_string());
    assert_eq!(gateway.call(&one).await.retcode, 200);
    gateway.refused(&other, 103, "served another request").await;
    assert_eq!(gateway.call(&one).await.retcode, 200);
}
