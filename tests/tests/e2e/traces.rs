use std::time::Duration;

use serde_json::{Value, json};
use wxgate_tests::{Collector, Gateway, Pairing, Plan, template};

use crate::support::{PATIENCE, SEND};

crate::on_both_pairings!(request_attempt_call_and_callback_are_traced);

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLERS_SPAN: &str = "00f067aa0ba902b7";

/// Sends a template message as a caller that traces its requests.
async fn send(gateway: &Gateway) -> i64 {
    let (body, callback) = (template("oSandboxUser01"), gateway.callback_url());
    let signed = gateway.caller.sign("async_send_tpl", &[("tpl_data", &body), ("callback_url", &callback)]);
    let traceparent = format!("00-{TRACE}-{CALLERS_SPAN}-01");
    let answer = gateway.caller.send_with(&signed, &[("traceparent", &traceparent)]).await.unwrap();
    answer.data.as_i64().unwrap_or_else(|| panic!("{answer:?}"))
}

/// Sends what nobody signed, as if it belonged to that trace.
async fn stranger(gateway: &Gateway) {
    let forged = gateway.caller.sign("get_job_status", &[("job_id", "1")]).with_authcode(&"0".repeat(32));
    let traceparent = format!("00-{TRACE}-{CALLERS_SPAN}-01");
    let answer = gateway.caller.send_with(&forged, &[("traceparent", &traceparent)]).await.unwrap();
    assert_eq!(answer.retcode, 103, "{answer:?}");
}

/// The span that has this name, and this attribute.
fn find(spans: &[Value], name: &str, attribute: &str, value: &Value) -> Option<Value> {
    let mut named = spans.iter().filter(|span| span["name"] == name);
    named.find(|span| span["attributes"][attribute] == *value).cloned()
}

async fn request_attempt_call_and_callback_are_traced(pairing: Pairing) {
    let collector = Collector::start();
    let plan = Plan::new(pairing).set("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url);
    // Only when a process ends does it send anything before the test is over.
    let mut gateway = plan.set("OTEL_BSP_SCHEDULE_DELAY", "600000").start().await;
    stranger(&gateway).await;
    let id = json!(send(&gateway).await);
    gateway.receiver.wait_for(1).await;
    let delivered = async {
        while gateway.caller.status(id.as_i64().unwrap()).await["callback"]["state"] != "delivered" {}
    };
    tokio::time::timeout(PATIENCE, delivered).await.expect("the callback was not settled");
    assert_eq!(collector.spans(), [] as [Value; 0]);
    tokio::task::block_in_place(|| {
        assert!(gateway.worker().terminate().success());
        if pairing == Pairing::Servers {
            assert!(gateway.intakes[0].terminate().success());
        }
    });

    let found = async {
        loop {
            let spans = collector.spans();
            let found = (
                find(&spans, "request", "job", &id),
                find(&spans, "attempt", "job", &id),
                find(&spans, "wechat.call", "path", &json!(SEND)),
                find(&spans, "callback", "job", &id),
            );
            if let (Some(request), Some(attempt), Some(call), Some(callback)) = found {
                return (request, attempt, call, callback);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, found).await;
    let (request, attempt, call, callback) =
        found.unwrap_or_else(|_| panic!("not all are there: {:?}", collector.spans()));
    assert_eq!((&request["trace"], &request["parent"]), (&json!(TRACE), &json!(CALLERS_SPAN)));
    assert_eq!((&request["service"], &request["kind"]), (&json!("wxgate"), &json!(2)));
    assert_eq!(request["attributes"]["interface"], "async_send_tpl");
    assert_eq!(attempt["attributes"]["outcome"], "done");
    assert_eq!((&call["trace"], &call["parent"]), (&attempt["trace"], &attempt["span"]));
    assert_eq!((&call["kind"], &call["attributes"]["errcode"]), (&json!(3), &json!(0)));
    assert_eq!((&callback["trace"], &callback["parent"]), (&attempt["trace"], &attempt["span"]));
    let told = ["status", "outcome"].map(|name| callback["attributes"][name].clone());
    assert_eq!(told, [json!(200), json!("delivered")]);

    let refused = find(&collector.spans(), "request", "retcode", &json!(103)).expect("the stranger's span");
    assert_ne!(refused["trace"], TRACE, "a stranger chooses no trace");

    let all = json!(collector.spans()).to_string();
    for secret in ["oSandboxUser01", wxgate_sandbox::APP_SECRET, "access_token=", "shop-secret"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
    gateway.end().await;
}
