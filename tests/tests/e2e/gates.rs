use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use wxgate_sandbox::{APP_ID, AppChange, Control, Fault, Rule, Setting};
use wxgate_tests::{Gateway, Pairing, Plan};

use crate::support::{SEND, reached_all, sends, until};

crate::on_both_pairings!(
    a_used_up_quota_costs_no_attempts_and_opens_again,
    a_probe_that_is_not_answered_is_made_again_within_a_minute,
    an_app_whose_address_is_not_whitelisted_waits_until_it_is_mended,
    jobs_behind_a_closed_gate_end_at_their_deadline,
);

/// The state that jobs of a closed app wait in.
async fn waits(gateway: &Gateway, id: i64, errcode: i64) {
    let status = gateway.caller.changed(id, "running").await;
    assert_eq!(
        (status["state"].as_str(), status["attempts"].as_i64()),
        (Some("queued"), Some(0)),
        "{status}"
    );
    assert_eq!(status["error"]["errcode"], errcode, "{status}");
}

async fn a_used_up_quota_costs_no_attempts_and_opens_again(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let used_up = gateway.wechat.add_faults([Rule::new(Fault::Errcode(45009)).path(SEND)]).unwrap()[0];
    let first = gateway.caller.message("oSandboxUser01", &[]).await;
    until(&gateway.wechat, "the first call", |wechat| !sends(wechat).is_empty()).await;
    waits(&gateway, first, 45009).await;
    let second = gateway.caller.message("oSandboxUser02", &[]).await;

    // The hour passes; the probe finds the quota still used up, and no other call is made.
    let calls = sends(&gateway.wechat).len();
    gateway.database.execute(PROBE_NOW).await;
    until(&gateway.wechat, "the probe", |wechat| sends(wechat).len() > calls).await;
    assert_eq!(gateway.caller.status(second).await["state"], "queued");

    gateway.wechat.lift_fault(used_up).unwrap();
    gateway.database.execute(PROBE_NOW).await;
    for id in [first, second] {
        let status = gateway.caller.finished(id).await;
        assert_eq!((status["state"].as_str(), status["attempts"].as_i64()), (Some("succeeded"), Some(1)));
    }
    assert_eq!(reached_all(&gateway.wechat), 2);
    gateway.end().await;
}

async fn a_probe_that_is_not_answered_is_made_again_within_a_minute(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let used_up = gateway.wechat.add_faults([Rule::new(Fault::Errcode(45009)).path(SEND)]).unwrap()[0];
    let id = gateway.caller.message("oSandboxUser01", &[]).await;
    until(&gateway.wechat, "the first call", |wechat| !sends(wechat).is_empty()).await;
    waits(&gateway, id, 45009).await;

    gateway.wechat.lift_fault(used_up).unwrap();
    gateway.wechat.add_faults([Rule::new(Fault::Drop).path(SEND).times(1)]).unwrap();
    let calls = sends(&gateway.wechat).len();
    gateway.database.execute(PROBE_NOW).await;
    until(&gateway.wechat, "the probe", |wechat| sends(wechat).len() > calls).await;
    let to_wait = "SELECT CAST(max(next_probe_at - closed_at) AS BIGINT) FROM gates";
    let to_wait = Duration::from_millis(gateway.database.number(to_wait).await.unsigned_abs());
    assert!(to_wait <= Duration::from_secs(90), "{to_wait:?}");

    gateway.database.execute(PROBE_NOW).await;
    assert_eq!(gateway.caller.finished(id).await["state"], "succeeded");
    gateway.end().await;
}

const PROBE_NOW: &str =
    "UPDATE gates SET next_probe_at = 0; UPDATE meta SET value = value + 1 WHERE name = 'revision'";

async fn an_app_whose_address_is_not_whitelisted_waits_until_it_is_mended(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let elsewhere: BTreeSet<IpAddr> = [IpAddr::from([192, 0, 2, 1])].into();
    let change = AppChange { ip_whitelist: Setting::Set(elsewhere), ..AppChange::default() };
    gateway.wechat.change_app(APP_ID, change).unwrap();
    let id = gateway.caller.message("oSandboxUser01", &[]).await;
    let refused = |wechat: &Control| {
        wechat.stats().calls.get("/cgi-bin/token").is_some_and(|outcomes| outcomes.contains_key("40164"))
    };
    until(&gateway.wechat, "the refusal", refused).await;
    waits(&gateway, id, 40164).await;
    let status = gateway.caller.status(id).await;
    assert!(status["error"]["message"].as_str().unwrap().contains("whitelist"), "{status}");

    let mended = AppChange { ip_whitelist: Setting::Lift, ..AppChange::default() };
    gateway.wechat.change_app(APP_ID, mended).unwrap();
    gateway.run(&["app", "set", "--app-id", APP_ID, "--secret", wxgate_sandbox::APP_SECRET]);
    let status = gateway.caller.finished(id).await;
    assert_eq!((status["state"].as_str(), status["attempts"].as_i64()), (Some("succeeded"), Some(1)));
    gateway.end().await;
}

async fn jobs_behind_a_closed_gate_end_at_their_deadline(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    gateway.wechat.add_faults([Rule::new(Fault::Errcode(48004)).path(SEND)]).unwrap();
    let id = gateway.caller.message("oSandboxUser01", &[("callback_url", &gateway.callback_url())]).await;
    until(&gateway.wechat, "the first call", |wechat| !sends(wechat).is_empty()).await;
    waits(&gateway, id, 48004).await;
    gateway.database.execute("UPDATE jobs SET deadline_at = 1").await;
    let status = gateway.caller.finished(id).await;
    assert_eq!(
        (status["state"].as_str(), status["error"]["code"].as_str()),
        (Some("failed"), Some("gave_up"))
    );
    assert_eq!(status["error"]["errcode"], 48004);
    assert_eq!(gateway.receiver.wait_for(1).await[0].field("state"), "failed");
    gateway.end().await;
}
