use wxgate_sandbox::{APP_ID, Fault, Rule};
use wxgate_tests::{Pairing, Plan};

use crate::support::{SEND, hurry, reached, sends, until};

crate::on_both_pairings!(
    an_answer_that_got_lost_is_no_second_message,
    a_broken_connection_before_the_effect_is_repaired,
    after_nine_minutes_in_doubt_the_client_decides,
);

async fn an_answer_that_got_lost_is_no_second_message(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let lost = Rule::new(Fault::Drop).path(SEND).after_effect().times(1);
    let half = Rule::new(Fault::Half).path(SEND).times(1);
    gateway.wechat.add_faults([lost, half]).unwrap();
    let id = gateway.caller.message("oSandboxUser01", &[]).await;
    for attempts in 1..=2 {
        until(&gateway.wechat, "the next attempt", |wechat| sends(wechat).len() >= attempts).await;
        assert_eq!(gateway.caller.changed(id, "running").await["state"], "queued");
        assert_eq!(gateway.caller.call("cancel_job", &[("job_id", &id.to_string())]).await.retcode, 409);
        hurry(&gateway).await;
    }
    assert_eq!(gateway.caller.finished(id).await["state"], "succeeded");
    let messages = reached(&gateway.wechat, "oSandboxUser01");
    assert_eq!((messages.len(), messages[0].repeats), (1, 2));
    gateway.end().await;
}

async fn a_broken_connection_before_the_effect_is_repaired(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    gateway.wechat.add_faults([Rule::new(Fault::Drop).path(SEND).times(1)]).unwrap();
    let id = gateway.caller.message("oSandboxUser01", &[]).await;
    assert_eq!(gateway.caller.finished(id).await["state"], "succeeded");
    assert_eq!(reached(&gateway.wechat, "oSandboxUser01").len(), 1);
    gateway.end().await;
}

async fn after_nine_minutes_in_doubt_the_client_decides(pairing: Pairing) {
    // The one with a wish of its own is there before the worker starts, which may hear of the other later.
    let gateway = Plan::new(pairing).client("--ambiguous", "fail").start().await;
    let usual = gateway.add_client("usual", APP_ID, &[]);
    usual.wait_until_known().await;
    gateway.wechat.add_faults([Rule::new(Fault::Drop).path(SEND).after_effect().times(2)]).unwrap();
    let resent = usual.message("oSandboxUser01", &[]).await;
    let failed = gateway.caller.message("oSandboxUser02", &[]).await;
    until(&gateway.wechat, "both attempts", |wechat| sends(wechat).len() >= 2).await;
    usual.changed(resent, "running").await;
    gateway.caller.changed(failed, "running").await;

    // Ten minutes pass, here and at WeChat.
    gateway.wechat.advance(std::time::Duration::from_secs(601)).unwrap();
    let ten_minutes =
        "UPDATE jobs SET due_at = 0, ambiguous_at = ambiguous_at - 600000 WHERE state = 'queued'";
    gateway.database.execute(ten_minutes).await;
    assert_eq!(usual.finished(resent).await["state"], "succeeded");
    let shown = gateway.run(&["jobs", "show", &resent.to_string()]).to_string();
    assert!(shown.contains("may have reached the user"), "{shown}");
    let status = gateway.caller.finished(failed).await;
    assert_eq!(
        (status["state"].as_str(), status["error"]["code"].as_str()),
        (Some("failed"), Some("ambiguous"))
    );
    assert_eq!(reached(&gateway.wechat, "oSandboxUser01").len(), 2);
    assert_eq!(reached(&gateway.wechat, "oSandboxUser02").len(), 1);
    gateway.end().await;
}
