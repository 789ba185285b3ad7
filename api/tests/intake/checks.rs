//! Every refusal of the verification, at its place.

use crate::request::Request;
use crate::support::{TestGateway, now_s};

/// A request of this client whose values are no good either, so that every check but the last would
/// find something after the one that is meant.
fn bad(client: &str) -> Request {
    Request::to("async_send_tpl").with("client_code", client).with("tpl_data", "{}")
}

#[tokio::test]
async fn checks_come_in_the_documented_order() {
    let gateway = TestGateway::start_with(|directory| {
        directory.switched_off.insert("cancel_job".to_owned());
    })
    .await;
    let (stale, no_code) = (now_s() - 302, "zz");
    let wrong = "0".repeat(32);
    let switched_off = Request::to("cancel_job").with("client_code", "appless").with("job_id", "x");
    for (request, retcode, why) in [
        (bad("nobody").with("req_time", "x").authcode("").without("tpl_data"), 102, "authcode"),
        (bad("nobody").without("client_code").with("req_time", " "), 102, "'client_code'"),
        (bad("nobody").with("req_time", " ").without("tpl_data").authcode(no_code), 102, "'req_time'"),
        (bad("nobody").with("req_time", "x").without("tpl_data").authcode(no_code), 102, "'tpl_data'"),
        (bad("nobody").with("req_time", "x").with("tpl_data", "  ").authcode(no_code), 102, "'tpl_data'"),
        (bad("nobody").with("req_time", "x").authcode(no_code), 104, "client_code"),
        (bad("closed").with("req_time", "x").authcode(no_code), 105, "closed"),
        (bad("secretless").with("req_time", "x").authcode(no_code), 108, "client_secret"),
        (bad("bare").with("req_time", "x").authcode(no_code), 101, "ten digits"),
        (bad("bare").with("req_time", stale).authcode(no_code), 101, "s off"),
        (bad("bare").with("req_time", now_s() + 400).authcode(no_code), 101, "s off"),
        (bad("bare").authcode(no_code), 109, "32 hex digits"),
        (bad("bare").authcode(&wrong[1..]), 109, "32 hex digits"),
        (bad("bare").authcode(wrong.clone()), 103, "does not match"),
        (bad("bare").authcode(wrong.repeat(2)), 103, "does not match"),
        (bad("bare"), 106, "async_send_tpl"),
        (switched_off, 107, "switched off"),
        (bad("appless"), 110, "app_id"),
        (bad("lost"), 112, "not known"),
        (bad("disabled"), 112, "disabled"),
        (bad("app-secretless"), 113, "app secret"),
        (bad("platform"), 114, "third-party"),
        (bad("shop"), 400, "touser"),
    ] {
        gateway.refused(&request, retcode, why).await;
    }
    assert!(gateway.rung().is_empty());
}

#[tokio::test]
async fn both_schemes_are_taken_in_either_case() {
    let gateway = TestGateway::start().await;
    for (nth, request) in [Request::send(), Request::send().strong()].into_iter().enumerate() {
        let upper = request.clone().with("n", nth);
        let upper = upper.clone().authcode(upper.signature().to_string().to_uppercase());
        gateway.accepted(&request).await;
        gateway.accepted(&upper).await;
    }
    assert_eq!(gateway.jobs().await.len(), 4);
}

#[tokio::test]
async fn a_client_signs_only_as_it_may() {
    let gateway = TestGateway::start().await;
    let of = |client| Request::send().with("client_code", client);
    gateway.accepted(&of("md5-only")).await;
    gateway.refused(&of("md5-only").strong(), 103, "must sign with MD5").await;
    gateway.accepted(&of("hmac-only").strong()).await;
    gateway.refused(&of("hmac-only"), 103, "must sign with HMAC-SHA256").await;
    // Whoever cannot sign is not told how to.
    gateway.refused(&of("hmac-only").authcode("0".repeat(32)), 103, "does not match").await;
}

#[tokio::test]
async fn the_strong_scheme_binds_the_interface_and_the_names() {
    let gateway = TestGateway::start().await;
    let status = Request::to("get_job_status").with("job_id", 1).strong();
    let cancel = Request::to("cancel_job").with("job_id", 1).with("req_time", now_s());
    gateway.refused(&cancel.authcode(status.signature().to_string()), 103, "does not match").await;
}

#[tokio::test]
async fn unknown_parameters_are_signed_and_an_authcode_in_the_body_is_not() {
    let gateway = TestGateway::start().await;
    gateway.accepted(&Request::send().with("extra", "值")).await;
    gateway.accepted(&Request::send().with("authcode", "whatever")).await;
    let unsigned = Request::send().authcode(Request::send().signature().to_string()).with("extra", "x");
    gateway.refused(&unsigned, 103, "does not match").await;
}

#[tokio::test]
async fn parameters_that_cannot_be_read_are_refused() {
    let gateway = TestGateway::start().await;
    gateway.refused(&Request::send().and_again("req_time", "1"), 102, "'req_time' is given more").await;
    gateway.refused(&Request::send().with("x", "a\0b"), 400, "U+0000").await;
    gateway.refused(&Request::send().with("client_secret", "hush"), 400, "client_secret").await;
}
