//! `/admin`: what the console shows and does, for programs.

use serde_json::{Value, json};
use wxgate_job::{JobId, JobState};
use wxgate_store::Store as _;

use crate::http::{Reply, exchange, head_and_body};
use crate::request::Request;
use crate::support::{ADMIN_TOKEN, TestGateway, app};

async fn ask(gateway: &TestGateway, method: &str, target: &str, token: &str, body: &str) -> Reply {
    let headers = format!("Authorization: Bearer {token}\r\nContent-Type: application/json\r\n");
    let request = head_and_body(method, target, &headers, body.as_bytes());
    exchange(gateway.running.admin_addr().unwrap(), &request).await
}

async fn told(gateway: &TestGateway, method: &str, target: &str, body: &str) -> (u16, Value) {
    let reply = ask(gateway, method, target, ADMIN_TOKEN, body).await;
    (reply.status, serde_json::from_str(&reply.body).unwrap_or_else(|_| panic!("{reply:?}")))
}

async fn got(gateway: &TestGateway, target: &str) -> Value {
    let (status, answer) = told(gateway, "GET", target, "").await;
    assert_eq!(status, 200, "{target}: {answer}");
    answer
}

async fn failed_job(gateway: &TestGateway) -> JobId {
    let id = gateway.accepted(&Request::send()).await;
    gateway.finish(id, JobState::Failed, None).await;
    id
}

#[tokio::test]
async fn nothing_is_told_or_done_without_the_token() {
    let gateway = TestGateway::start().await;
    let id = failed_job(&gateway).await;
    for (method, target) in [
        ("GET", "/admin/jobs".to_owned()),
        ("GET", format!("/admin/jobs/{id}")),
        ("GET", "/admin/overview".to_owned()),
        ("GET", "/admin/nothing-here".to_owned()),
        ("POST", format!("/admin/jobs/{id}/retry")),
    ] {
        let reply = ask(&gateway, method, &target, "wrong", "").await;
        assert_eq!((reply.status, reply.header("www-authenticate")), (401, Some("Bearer")), "{target}");
        assert_eq!(reply.body, r#"{"error":"the admin token is wrong"}"#);
    }
    // A cookie is for pages alone.
    let bare = head_and_body("GET", "/admin/jobs", "Cookie: wxgate_console=x\r\n", b"");
    assert_eq!(exchange(gateway.running.admin_addr().unwrap(), &bare).await.status, 401);
    assert_eq!(gateway.job(id).await.view.state, JobState::Failed);
}

#[tokio::test]
async fn jobs_are_found_told_and_changed() {
    let gateway = TestGateway::start().await;
    let id = failed_job(&gateway).await;
    let found = got(&gateway, "/admin/jobs?state=failed&app=wx1&limit=1").await;
    assert_eq!(
        (&found["jobs"][0]["job_id"], &found["jobs"][0]["error"]["errcode"]),
        (&json!(id), &json!(40003))
    );
    assert_eq!(got(&gateway, "/admin/jobs?state=succeeded").await["jobs"], json!([]));
    let job = got(&gateway, &format!("/admin/jobs/{id}")).await;
    assert_eq!(
        (&job["state"], &job["payload"]["template_id"].is_string()),
        (&json!("failed"), &true),
        "{job}"
    );

    let (status, done) = told(&gateway, "POST", &format!("/admin/jobs/{id}/retry"), "").await;
    assert_eq!((status, &done["done"], &done["job"]["state"]), (200, &json!("retried"), &json!("queued")));
    let (status, done) = told(&gateway, "POST", &format!("/admin/jobs/{id}/cancel"), "").await;
    assert_eq!((status, &done["job"]["state"]), (200, &json!("cancelled")), "{done}");
    let (status, why) = told(&gateway, "POST", &format!("/admin/jobs/{id}/retry"), "").await;
    assert_eq!(
        (status, &why["error"]),
        (409, &json!("it is cancelled; only failed and waiting jobs can be"))
    );

    for (method, target, body, status) in [
        ("GET", "/admin/jobs/999999", "", 404),
        ("POST", "/admin/jobs/999999/retry", "", 404),
        ("POST", "/admin/jobs/1/explode", "", 404),
        ("GET", "/admin/jobs?state=lost", "", 400),
        ("POST", "/admin/jobs/1/callback", "{", 400),
    ] {
        let (found, answer) = told(&gateway, method, target, body).await;
        assert_eq!((found, answer["error"].is_string()), (status, true), "{target}: {answer}");
    }
}

#[tokio::test]
async fn failures_are_told_by_cause_with_what_to_do_and_retried_at_a_rate() {
    let gateway = TestGateway::start().await;
    let id = failed_job(&gateway).await;
    let group = &got(&gateway, "/admin/failures").await["failures"][0];
    assert_eq!((&group["jobs"]["number"], &group["newest"]), (&json!(1), &json!(id)), "{group}");
    assert!(!group["advice"].as_str().unwrap().is_empty(), "{group}");
    let wanted =
        json!({ "code": "wechat", "errcode": 40003, "app": "wx1", "kind": "async_send_tpl", "rate": 1000 });
    let (status, task) = told(&gateway, "POST", "/admin/failures/retry", &wanted.to_string()).await;
    assert_eq!((status, &task["expected"]["number"]), (200, &json!(1)), "{task}");
    while got(&gateway, "/admin/tasks").await["tasks"][0]["stand"] == "running" {
        tokio::task::yield_now().await;
    }
    assert_eq!(got(&gateway, "/admin/tasks").await["tasks"][0]["done"], 1);
    assert_eq!(gateway.job(id).await.view.state, JobState::Queued);
}

#[tokio::test]
async fn a_task_is_stopped_at_once() {
    let gateway = TestGateway::start().await;
    let older = failed_job(&gateway).await;
    let tpl_data = json!({ "touser": "somebody-else", "template_id": "t", "data": {} });
    let newer = gateway.accepted(&Request::send().with("tpl_data", tpl_data)).await;
    gateway.finish(newer, JobState::Failed, None).await;
    let wanted =
        json!({ "code": "wechat", "errcode": 40003, "app": "wx1", "kind": "async_send_tpl", "rate": 1 });
    let (_, task) = told(&gateway, "POST", "/admin/failures/retry", &wanted.to_string()).await;
    let again = told(&gateway, "POST", "/admin/failures/retry", &wanted.to_string()).await;
    assert_eq!(again.0, 409, "the same is not begun twice: {again:?}");
    told(&gateway, "POST", &format!("/admin/tasks/{}/stop", task["id"]), "").await;
    while got(&gateway, "/admin/tasks").await["tasks"][0]["stand"] == "running" {
        tokio::task::yield_now().await;
    }
    assert_eq!(got(&gateway, "/admin/tasks").await["tasks"][0]["stand"], "stopped");
    assert_eq!(gateway.job(older).await.view.state, JobState::Failed, "the older one was not reached");
}

#[tokio::test]
async fn overview_and_apps_tell_no_secret() {
    let gateway = TestGateway::start().await;
    gateway.store.put_app(&app("wx1")).await.unwrap();
    gateway.accepted(&Request::send()).await;
    let overview = got(&gateway, "/admin/overview").await;
    assert_eq!(overview["readiness"]["ready"], true, "{overview}");
    assert_eq!(overview["backlog"]["due"]["number"], 1, "{overview}");
    let changed =
        told(&gateway, "POST", "/admin/apps/wx1", r#"{"secret":"canary-secret","enabled":false}"#).await;
    assert_eq!((changed.0, &changed.1["enabled"], &changed.1["secret"]), (200, &json!(false), &json!("set")));
    for answer in [got(&gateway, "/admin/apps").await, changed.1, overview] {
        let text = answer.to_string();
        assert!(!text.contains("canary") && !text.contains("app-secret"), "{text}");
    }
    let unknown = told(&gateway, "POST", "/admin/apps/wx1", r#"{"sceret":"x"}"#).await;
    assert_eq!(unknown.0, 400, "a misspelt field is not passed over");
}
