//! A whole measurement, processes included: `wxgate` is a shell script here, which keeps what the
//! client is told and serves by running this very test program.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "its faults are for the other test")]
mod stub;

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use stub::{Fault, Stub};
use wxgate_bench::ceilings::Ceilings;
use wxgate_bench::charts;
use wxgate_bench::history::{Conditions, History, Stamp};
use wxgate_bench::measurement::Measurement;
use wxgate_bench::pairing::Pairing;
use wxgate_bench::phases::{Plan, measure};
use wxgate_bench::report::Report;
use wxgate_bench::scale::Scale;

const SCRIPT: &str = r#"#!/bin/sh
case $1 in
migrate) touch migrated ;;
app) ;;
client) printf '%s\n' "$@" >client ;;
worker)
    trap 'rm -f worker; exit 0' TERM
    touch worker
    while :; do sleep 0.05; done
    ;;
api) [ -e migrated ] && exec env STUB_WORKER=worker TEST_PROGRAM --ignored --exact serves_as_a_process ;;
serve) exec TEST_PROGRAM --ignored --exact serves_as_a_process ;;
esac
"#;

const PLAN: Plan = Plan {
    connections: 4,
    warm_up: Duration::from_millis(50),
    full: Duration::from_millis(300),
    light: Duration::from_secs(1),
    rate: 20,
    accept_only: Duration::from_millis(100),
    wechat_delay: Duration::from_millis(2),
};

/// The script, in a folder of its own.
fn program(folder: &Path) -> PathBuf {
    let this = std::env::current_exe().unwrap();
    let path = folder.join("wxgate");
    fs::write(&path, SCRIPT.replace("TEST_PROGRAM", this.to_str().unwrap())).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn servers() -> Pairing {
    Pairing::Servers { postgres: "postgres://stub".into(), amqp: "amqp://stub".into() }
}

fn stamp() -> Stamp {
    let conditions = Conditions { connections: 4, rate: 20, wechat_delay_ms: 2 };
    Stamp {
        at: "2026-11-23T09:00:00Z".into(),
        commit: None,
        machine: "m".into(),
        busy_percent: 0,
        seconds: 1,
        conditions,
    }
}

async fn measured(pairing: Pairing) -> Measurement {
    let folder = tempfile::tempdir().unwrap();
    measure(&program(folder.path()), &pairing, &PLAN).await.unwrap()
}

#[tokio::test]
async fn one_process_is_measured() {
    let measurement = measured(Pairing::Embedded).await;
    assert!(measurement.tally.is_clean(), "{}", measurement.tally);
    let alone = measurement.accept_only.unwrap();
    assert!(alone.accepted_per_s > 0.0 && alone.drained.is_none(), "{alone:?}");
    assert_eq!(measurement.processes.len(), 1);
    assert!(measurement.processes[0].peak_kib > 0);
    assert!(measurement.full.end_to_end.p50_ms >= 2.0, "WeChat's delay is missing: {:?}", measurement.full);
    assert!((1.0..=22.0).contains(&measurement.light.accepted_per_s), "{:?}", measurement.light);
}

#[tokio::test]
async fn intake_is_measured_alone_and_the_backlog_afterwards() {
    let measurement = measured(servers()).await;
    assert!(measurement.tally.is_clean(), "{}", measurement.tally);
    let alone = measurement.accept_only.unwrap();
    let drained = alone.drained.unwrap();
    assert!(drained.waiting > 0 && drained.called_back_per_s > 0.0, "{alone:?}");
    let roles: Vec<&str> = measurement.processes.iter().map(|process| process.role.as_str()).collect();
    assert_eq!(roles, ["api", "worker"]);

    let report = Report {
        stamp: stamp(),
        load: "l".into(),
        ceilings: Ceilings::default(),
        measurements: vec![measurement],
        history: History::default(),
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.jsonl");
    report.record().append(&path).unwrap();
    let report = Report { history: History::read(&path).unwrap(), ..report };
    let table = report.to_string();
    assert!(table.contains("Postgres + RabbitMQ: each exactly once"), "{table}");
    assert!(table.contains("before: 2026-11-23T09:00:00Z, revision unknown"), "{table}");
    let row = |label| table.lines().find(|line| line.starts_with(label)).unwrap_or_else(|| panic!("{table}"));
    let jobs: Vec<&str> = row("jobs/s end to end").split_whitespace().skip(6).collect();
    let [measured, "≥", "5,500", "(8,000)", "no", before, ..] = jobs[..] else { panic!("{jobs:?}") };
    assert_eq!(measured, before);
    assert!(row("actix-web + Awa, tuned").contains("5,457"), "{table}");
    assert!(table.lines().skip(3).all(|line| line.chars().count() <= 120), "{table}");
    assert!(charts::draw(&report).contains(">≥ 5,500 (8,000)</text>"));
    let json: serde_json::Value = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
    assert_eq!(json["measurements"][0]["accept_only"]["drained"]["waiting"], drained.waiting);
}

#[tokio::test]
async fn scaling_is_measured_over_two_apps_and_with_two_workers() {
    let folder = tempfile::tempdir().unwrap();
    let (tables, tallies) = (Vec::new(), Vec::new());
    let mut scale = Scale { stamp: stamp(), tables, tallies, history: History::default() };
    scale.measure(&program(folder.path()), &servers(), &PLAN).await.unwrap();
    assert!(scale.is_clean(), "{scale}");
    let text = scale.to_string();
    for title in ["two apps, slow WeChat", "one worker", "two workers"] {
        assert!(text.contains(&format!("Postgres + RabbitMQ: {title}  ")), "{title}: {text}");
    }
    assert!(text.contains("≥ 3,000") && text.contains("≤ 1.15"), "{text}");
}

#[tokio::test]
async fn a_gateway_that_does_not_start_is_told_with_its_own_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wxgate");
    fs::write(&path, "#!/bin/sh\necho 'the setting is wrong' >&2\nexit 2\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let error = measure(&path, &Pairing::Embedded, &PLAN).await.unwrap_err();
    assert!(format!("{error:#}").contains("the setting is wrong"), "{error:#}");
}

/// Not a test: the script's servers, with the settings a gateway gets.
#[tokio::test]
#[ignore = "runs as a process of the tests above"]
async fn serves_as_a_process() {
    let setting = |name: &str| std::env::var(name).unwrap();
    // Listens first, as a gateway does; the client is told to it later.
    let listener = TcpListener::bind(setting("WXGATE_LISTEN")).unwrap();
    let stub = Stub {
        wechat: setting("WXGATE_WECHAT_API_BASE").strip_prefix("http://").unwrap().parse().unwrap(),
        client_secret: told("--secret").await,
        callback_secret: told("--callback-secret").await,
        fault: Fault::None,
        worker: std::env::var_os("STUB_WORKER").map(PathBuf::from),
    };
    stub::start(stub, listener);
    std::future::pending::<()>().await;
}

/// What `client add` was given for `flag`, once it was run.
async fn told(flag: &str) -> String {
    loop {
        let arguments = fs::read_to_string("client").unwrap_or_default();
        if let Some(value) = arguments.lines().skip_while(|line| *line != flag).nth(1) {
            return value.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
