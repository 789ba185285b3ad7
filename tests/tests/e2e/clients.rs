//! Clients that others wrote.

use std::process::Command;

use wxgate_sandbox::{Options, Sandbox};
use wxgate_tests::{Pairing, Plan};

crate::on_both_pairings!(callbacks_verify_with_the_standard_webhooks_library);

fn python(script: &str, arguments: &[&str]) {
    let python = std::env::var("WXGATE_TEST_PYTHON")
        .expect("WXGATE_TEST_PYTHON is not set: run the tests through scripts/test");
    let script = format!("{}/clients/{script}", env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(python).arg(script).args(arguments).output().unwrap();
    let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{errors}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wechatpy_sends_through_the_sandbox_as_if_it_were_wechat() {
    let sandbox =
        Sandbox::start(Options { listen: ([127, 0, 0, 1], 0).into(), ..Options::default() }).unwrap();
    let url = sandbox.url();
    tokio::task::block_in_place(|| python("wechatpy_send.py", &[&url]));
}

async fn callbacks_verify_with_the_standard_webhooks_library(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let json = gateway.add_client("json", wxgate_sandbox::APP_ID, &["--callback-format", "json"]);
    json.wait_until_known().await;
    let url = gateway.callback_url();
    gateway.caller.message("oSandboxUser01", &[("callback_url", &url)]).await;
    json.message("oSandboxUser02", &[("callback_url", &url)]).await;
    for post in gateway.receiver.wait_for(2).await {
        let headers = serde_json::to_string(&post.headers).unwrap();
        let arguments = [gateway.callback_secret.as_str(), &headers, &post.body];
        tokio::task::block_in_place(|| python("verify_webhook.py", &arguments));
    }
    gateway.end().await;
}
