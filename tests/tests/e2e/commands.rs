use std::process::Command;
use std::time::{Duration, Instant};

use wxgate_tests::{Pairing, Plan, wxgate};

crate::on_both_pairings!(
    changes_by_an_operator_take_effect_in_running_processes,
    a_failed_job_can_be_tried_again
);

#[test]
fn the_demo_goes_through_in_under_15_seconds() {
    let began = Instant::now();
    let output = Command::new(wxgate()).args(["demo", "--once"]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(began.elapsed() < Duration::from_secs(15));
    for step in
        ["accepted", "attempted", "result", "callback", "both signatures verified", "All went through"]
    {
        assert!(told.contains(step), "{told}");
    }
}

/// Where there is no ffmpeg the simulated Upyun answers its own sample, and that is said.
#[test]
fn the_demo_says_when_nothing_was_really_converted() {
    let output =
        Command::new(wxgate()).args(["demo", "--once"]).env("PATH", "/nonexistent").output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("with an MP3 that it ships"), "{told}");
}

async fn changes_by_an_operator_take_effect_in_running_processes(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let message = wxgate_tests::template("oSandboxUser01");
    let becomes = async |retcode: i64| {
        let began = Instant::now();
        loop {
            let answer = gateway.caller.call("async_send_tpl", &[("tpl_data", &message)]).await;
            if answer.retcode == retcode {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(2), "still {answer:?}");
        }
    };
    gateway.run(&["client", "set", "--code", "shop", "--closed"]);
    becomes(105).await;
    gateway.run(&["client", "set", "--code", "shop", "--open", "--allow", "get_job_status"]);
    becomes(106).await;
    gateway.run(&["client", "set", "--code", "shop", "--allow", "*"]);
    gateway.run(&["interface", "disable", "async_send_tpl"]);
    becomes(107).await;
    gateway.run(&["interface", "enable", "async_send_tpl"]);
    gateway.run(&["app", "set", "--app-id", wxgate_sandbox::APP_ID, "--disabled"]);
    becomes(112).await;
    gateway.run(&["app", "set", "--app-id", wxgate_sandbox::APP_ID, "--enabled", "--no-secret"]);
    becomes(113).await;
    gateway.run(&["app", "set", "--app-id", wxgate_sandbox::APP_ID, "--secret", wxgate_sandbox::APP_SECRET]);
    becomes(200).await;
    gateway.end().await;
}

async fn a_failed_job_can_be_tried_again(pairing: Pairing) {
    use wxgate_sandbox::{APP_ID, AppChange};
    let gateway = Plan::new(pairing).start().await;
    let unfollow = AppChange { unfollow: ["oSandboxUser01".to_owned()].into(), ..AppChange::default() };
    gateway.wechat.change_app(APP_ID, unfollow).unwrap();
    let id = gateway.caller.message("oSandboxUser01", &[("callback_url", &gateway.callback_url())]).await;
    assert_eq!(gateway.caller.finished(id).await["error"]["errcode"], 43004);
    let follow = AppChange { follow: ["oSandboxUser01".to_owned()].into(), ..AppChange::default() };
    gateway.wechat.change_app(APP_ID, follow).unwrap();
    gateway.receiver.wait_for(1).await;
    gateway.run(&["jobs", "retry", &id.to_string()]);
    let posts = gateway.receiver.wait_for(2).await;
    assert_eq!([posts[0].field("state"), posts[1].field("state")], ["failed", "succeeded"]);
    gateway.end().await;
}
