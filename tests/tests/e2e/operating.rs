use std::collections::BTreeSet;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wxgate_tests::{Pairing, Plan};

use crate::clients::python;
use crate::support::PATIENCE;

crate::on_both_pairings!(
    each_process_tells_what_dashboard_and_alerts_ask_for,
    each_process_says_that_it_is_ready
);

/// Names of metrics in a text.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|char: char| !char.is_ascii_alphanumeric() && char != '_');
    let ours = words.filter(|word| word.starts_with("wxgate_") || word.starts_with("process_"));
    ours.map(|word| word.strip_suffix("_bucket").unwrap_or(word).to_owned()).collect()
}

/// The names that a process declares.
fn declared(metrics: &str) -> BTreeSet<String> {
    let types = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    types.filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

/// What a process tells operators, once it is as wanted. A worker listens for them a moment after it was
/// started.
async fn told(url: &str, wanted: impl Fn(&str) -> bool) -> String {
    let operator = reqwest::Client::builder().no_proxy().build().unwrap();
    let asking = async {
        loop {
            if let Ok(answer) = operator.get(url).send().await {
                let text = answer.text().await.unwrap();
                if wanted(&text) {
                    return text;
                }
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.expect("not within a minute")
}

async fn each_process_tells_what_dashboard_and_alerts_ask_for(pairing: Pairing) {
    let gateway = Plan::new(pairing).watched().start().await;
    let callback = [("callback_url", gateway.callback_url())];
    let callback = callback.each_ref().map(|(name, url)| (*name, url.as_str()));
    let id = gateway.caller.message("oSandboxUser01", &callback).await;
    gateway.caller.finished(id).await;
    gateway.receiver.wait_for(1).await;
    // The callback is settled a moment after it has arrived.
    let delivered = async { while gateway.caller.status(id).await["callback"]["state"] != "delivered" {} };
    tokio::time::timeout(PATIENCE, delivered).await.expect("the callback was not settled");

    let mut told = String::new();
    for admin in &gateway.admin {
        told += &self::told(&format!("{admin}/metrics"), |text| text.contains("wxgate_jobs_running")).await;
    }
    let asked = names(include_str!("../../../docs/alerts.yml"))
        .into_iter()
        .chain(names(include_str!("../../../docs/grafana-dashboard.json")))
        .collect::<BTreeSet<_>>();
    let declared = declared(&told);
    let missing: Vec<_> = asked.difference(&declared).collect();
    assert!(asked.len() > 30 && missing.is_empty(), "{missing:?} of {asked:?} are not in {told}");

    for line in [
        r#"wxgate_api_requests_total{interface="async_send_tpl",retcode="200"} 1"#,
        r#"wxgate_worker_attempts_total{kind="async_send_tpl",outcome="done"} 1"#,
        r#"wxgate_worker_jobs_total{kind="async_send_tpl",state="succeeded"} 1"#,
        r#"wxgate_worker_callback_attempts_total{outcome="delivered"} 1"#,
        "wxgate_worker_callback_delay_seconds_count 1",
        r#"wxgate_wechat_calls_total{family="app_call",result="ok"} 1"#,
        r#"wxgate_wechat_calls_total{family="token_fetch",result="ok"} 1"#,
    ] {
        assert!(told.contains(&format!("{line}\n")), "{line} in {told}");
    }
    assert!(!told.contains("oSandboxUser01") && !told.contains("shop"), "{told}");
    gateway.end().await;
}

async fn each_process_says_that_it_is_ready(pairing: Pairing) {
    let gateway = Plan::new(pairing).watched().start().await;
    for admin in &gateway.admin {
        let told = told(&format!("{admin}/readyz"), |text| text.contains("\"ready\":true")).await;
        let told: Value = serde_json::from_str(&told).unwrap();
        for part in ["store", "schema", "settings", "queue"] {
            assert_eq!(told[part], "ready", "{told}");
        }
    }
    gateway.end().await;
}

/// Whoever cannot sign is told what was wrong with the request, and the log quotes it; of what is no request at all it
/// says nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_stranger_sends_begins_no_line_of_the_log() {
    let gateway = Plan::new(Pairing::Embedded).set("WXGATE_LOG", "debug").start().await;
    let address = gateway.caller.base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /\x01 HTTP/1.1\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");

    let url = format!("{}/weixinapi/get_job_status?authcode=1", gateway.caller.base);
    let name = "%0d%0a2026-01-01T00:00:00Z%20ERROR%20forged";
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.post(url).body(format!("{name}=1&{name}=2")).send().await.unwrap();
    assert!(answer.text().await.unwrap().contains("forged"));

    let log = gateway.intakes[0].log();
    let quoted: Vec<&str> = log.lines().filter(|line| line.contains("forged")).collect();
    assert!(quoted.len() == 1 && quoted[0].contains("request.refused"), "{quoted:?}");
    assert!(!log.contains(" ERROR actix"), "{log}");
    gateway.end().await;
}

#[test]
fn each_alert_says_what_to_do() {
    python("alerts.py", &[concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/alerts.yml")]);
}
