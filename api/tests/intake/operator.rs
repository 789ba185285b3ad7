//! The operator's listener.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use crate::http::{get, head_and_body};
use crate::request::Request;
use crate::support::TestGateway;

async fn readiness(gateway: &TestGateway) -> (u16, Value) {
    let reply = get(gateway.running.admin_addr().unwrap(), "/readyz").await;
    (reply.status, serde_json::from_str(&reply.body).unwrap())
}

#[tokio::test]
async fn readiness_names_the_part_that_is_missing() {
    let gateway = TestGateway::start().await;
    assert_eq!(readiness(&gateway).await, (200, json!({"ready": true, "store": "ready", "queue": "ready"})));
    gateway.bell.connected.store(false, Ordering::Relaxed);
    assert_eq!(
        readiness(&gateway).await,
        (503, json!({"ready": false, "store": "ready", "queue": "unreachable"}))
    );
    gateway.store.close().await;
    gateway.bell.connected.store(true, Ordering::Relaxed);
    assert_eq!(
        readiness(&gateway).await,
        (503, json!({"ready": false, "store": "unreachable", "queue": "ready"}))
    );
    assert_eq!(get(gateway.running.admin_addr().unwrap(), "/healthz").await.status, 200);
}

#[tokio::test]
async fn requests_are_counted_by_interface_and_retcode() {
    let gateway = TestGateway::start().await;
    gateway.accepted(&Request::send()).await;
    gateway.refused(&Request::send().with("tpl_data", "{}"), 400, "touser").await;
    gateway.send(&head_and_body("GET", "/weixinapi/made-up", "", b"")).await;
    let metrics = get(gateway.running.admin_addr().unwrap(), "/metrics").await.body;
    for line in [
        r#"wxgate_api_requests_total{interface="async_send_tpl",retcode="200"} 1"#,
        r#"wxgate_api_requests_total{interface="async_send_tpl",retcode="400"} 1"#,
        r#"wxgate_api_requests_total{interface="unknown",retcode="404"} 1"#,
        r#"wxgate_api_request_seconds_count{interface="async_send_tpl"} 2"#,
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
    assert!(!metrics.contains("made-up"));
}
