//! Clients that others wrote.

use std::process::Command;

use wxgate_sandbox::{Options, Running, Sandbox};
use wxgate_tests::{CLIENT, Pairing, Plan, SECRET};

crate::on_both_pairings!(callbacks_verify_with_the_standard_webhooks_library);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_description_is_openapi_in_both_languages() {
    let gateway = Plan::new(Pairing::Embedded).start().await;
    let base = gateway.caller.base.clone();
    tokio::task::block_in_place(|| python("openapi.py", &[&base]));
    gateway.end().await;
}

/// On one pairing: what is fuzzed is reading, verifying and describing, which both have in common.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_sent_the_answer_is_as_described() {
    let gateway = Plan::new(Pairing::Embedded).set("WXGATE_SYNC_WAIT_MS", "1000").start().await;
    let base = gateway.caller.base.clone();
    tokio::task::block_in_place(|| python("fuzz.py", &[&base, CLIENT, SECRET]));
    gateway.end().await;
}

pub fn python(script: &str, arguments: &[&str]) {
    let python = std::env::var("WXGATE_TEST_PYTHON")
        .expect("WXGATE_TEST_PYTHON is not set: run the tests through scripts/test");
    let script = format!("{}/clients/{script}", env!("CARGO_MANIFEST_DIR"));
    // Nothing is left in the source tree.
    succeeds(Command::new(python).arg("-B").arg(script).args(arguments));
}

fn node(script: &str, arguments: &[&str]) {
    let modules = std::env::var("WXGATE_TEST_NODE_MODULES")
        .expect("WXGATE_TEST_NODE_MODULES is not set: run the tests through scripts/test");
    let script = format!("{}/clients/{script}", env!("CARGO_MANIFEST_DIR"));
    succeeds(Command::new("node").env("NODE_PATH", modules).arg(script).args(arguments));
}

fn succeeds(command: &mut Command) {
    let output = command.output().unwrap();
    let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{errors}");
}

/// A sandbox of its own for a script, which may turn its clock.
fn sandbox() -> Running {
    let listen = ([127, 0, 0, 1], 0).into();
    Sandbox::start(Options { listen, upyun_listen: Some(listen), ..Options::default() }).unwrap()
}

fn wechatpy(script: &str) {
    let sandbox = sandbox();
    let url = sandbox.url();
    tokio::task::block_in_place(|| python(script, &[&url]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wechatpy_sends_through_the_sandbox_as_if_it_were_wechat() {
    wechatpy("wechatpy_send.py");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wechatpy_works_with_the_sandboxs_cards_as_if_it_were_wechat() {
    wechatpy("wechatpy_cards.py");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wechatpy_logs_in_through_the_sandbox_as_if_it_were_wechat() {
    wechatpy("wechatpy_oauth.py");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wechatpy_decrypts_the_sandboxs_pushes_and_is_decrypted() {
    wechatpy("wechatpy_crypto.py");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wechatpy_moves_media_through_the_sandbox_as_if_it_were_wechat() {
    wechatpy("wechatpy_media.py");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn upyuns_sdk_for_python_uses_the_sandbox_as_if_it_were_upyun() {
    let sandbox = sandbox();
    let url = sandbox.upyun_url().unwrap();
    tokio::task::block_in_place(|| python("upyun_sdk.py", &[&url]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn upyuns_sdk_for_node_uses_the_sandbox_as_if_it_were_upyun() {
    let sandbox = sandbox();
    let url = sandbox.upyun_url().unwrap();
    tokio::task::block_in_place(|| node("upyun_sdk.cjs", &[&url]));
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
