//! The operator's listener.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use wxgate_store::Store as _;
use wxgate_store::model::insight::Series;

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
    let all =
        json!({"ready": true, "store": "ready", "schema": "ready", "settings": "ready", "queue": "ready"});
    assert_eq!(readiness(&gateway).await, (200, all));

    gateway.bell.connected.store(false, Ordering::Relaxed);
    let (status, told) = readiness(&gateway).await;
    assert_eq!((status, &told["ready"], &told["store"]), (503, &json!(false), &json!("ready")));
    assert!(told["queue"].as_str().unwrap().starts_with("unreachable"), "{told}");

    gateway.bell.connected.store(true, Ordering::Relaxed);
    gateway.store.close().await;
    let (status, told) = readiness(&gateway).await;
    assert_eq!((status, &told["store"], &told["queue"]), (503, &json!("unreachable"), &json!("ready")));
    assert!(told["schema"].as_str().unwrap().starts_with("not known"), "{told}");
    assert_eq!(get(gateway.running.admin_addr().unwrap(), "/healthz").await.status, 200);
}

#[tokio::test]
async fn a_schema_that_is_older_than_this_version_is_not_ready_and_a_newer_one_is() {
    let gateway = TestGateway::start().await;
    gateway.change("INSERT INTO _sqlx_migrations SELECT 9999, 'newer', installed_on, success, checksum, execution_time
                    FROM _sqlx_migrations LIMIT 1").await;
    assert_eq!(readiness(&gateway).await.0, 200);
    gateway.change("DELETE FROM _sqlx_migrations WHERE version > 1").await;
    let (status, told) = readiness(&gateway).await;
    assert_eq!((status, &told["store"]), (503, &json!("ready")));
    assert!(told["schema"].as_str().unwrap().contains("run 'wxgate migrate'"), "{told}");
}

#[tokio::test]
async fn settings_that_cannot_be_read_any_more_are_not_ready() {
    let gateway = TestGateway::start().await;
    // Its directory is never read again.
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(11)).await;
    tokio::time::resume();
    let (status, told) = readiness(&gateway).await;
    assert_eq!((status, &told["queue"]), (503, &json!("ready")));
    assert!(told["settings"].as_str().unwrap().starts_with("not read for 11 s"), "{told}");
}

#[tokio::test]
async fn what_is_accepted_and_cancelled_is_counted_for_charts() {
    let gateway = TestGateway::start().await;
    let id = gateway.accepted(&Request::send()).await;
    gateway.send(&Request::to("cancel_job").with("job_id", id).post()).await;
    let store = gateway.store.clone();
    gateway.running.stop(Duration::ZERO).await;
    let counted = store.tallies(0).await.unwrap();
    let counted: Vec<_> =
        counted.iter().map(|tally| (tally.series, tally.kind.as_str(), tally.count)).collect();
    let kind = "async_send_tpl";
    assert_eq!(counted, [(Series::Accepted, kind, 1), (Series::Cancelled, kind, 1)]);
}

#[tokio::test]
async fn what_is_to_be_done_is_told_without_asking_for_each_scrape() {
    let gateway = TestGateway::start().await;
    let admin = gateway.running.admin_addr().unwrap();
    let sampled = async {
        loop {
            let metrics = get(admin, "/metrics").await.body;
            if metrics.contains("wxgate_ready") {
                return metrics;
            }
        }
    };
    let metrics = tokio::time::timeout(Duration::from_mins(1), sampled).await.unwrap();
    for line in [
        r#"wxgate_ready{part="store"} 1"#,
        "wxgate_jobs_running 0",
        "wxgate_callbacks_queued 0",
        "wxgate_backlog_capped 0",
        "# TYPE wxgate_gate_closed gauge",
        "# TYPE wxgate_token_refreshes_left gauge",
        concat!("wxgate_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
    assert!(metrics.contains("process_cpu_seconds_total "), "{metrics}");
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
