//! One authcode serves one request; a repeat is answered what the first was.

use wxgate_job::{JobId, Kind, Lane};
use wxgate_store::Store as _;
use wxgate_store::model::intake::{Acceptance, NewJob};

use crate::request::Request;
use crate::support::{TestGateway, now_s};

#[tokio::test]
async fn the_same_request_again_is_the_same_job() {
    let gateway = TestGateway::start().await;
    for request in [Request::send(), Request::send().strong()] {
        let id = gateway.accepted(&request).await;
        assert_eq!(gateway.accepted(&request).await, id);
        let reordered = request.clone().with("client_code", "shop").with("empty", "");
        assert_eq!(gateway.accepted(&reordered).await, id);
        assert_eq!(gateway.rung().iter().filter(|rung| **rung == id).count(), 1);
    }
    assert_eq!(gateway.jobs().await.len(), 2);
}

#[tokio::test]
async fn the_same_request_many_times_at_once_at_two_processes_is_one_job() {
    let gateway = TestGateway::start().await;
    let second = gateway.second_process([8, 8, 8, 8]);
    let request = Request::send();
    let calls = (0..20).map(|nth| {
        let process = if nth % 2 == 0 { &gateway } else { &second };
        process.accepted(&request)
    });
    let ids = futures_util::future::join_all(calls).await;
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(gateway.jobs().await.len(), 1);
    assert_eq!([gateway.rung(), second.rung()].concat(), [ids[0]]);
}

#[tokio::test]
async fn a_differently_split_request_under_the_same_authcode_is_refused() {
    let gateway = TestGateway::start().await;
    let (one, other) =
        (Request::send().with("a", 1).with("b", 23), Request::send().with("a", 12).with("b", 3));
    let other = other.authcode(one.signature().to_string());
    gateway.accepted(&one).await;
    gateway.refused(&other, 103, "served another request").await;
    // By names alone, too: the documented scheme signs values only.
    let renamed = one.clone().without("b").with("c", 23).authcode(one.signature().to_string());
    gateway.refused(&renamed, 103, "served another request").await;
    gateway.accepted(&one).await;
}

#[tokio::test]
async fn one_authcode_of_two_clients_is_two_requests() {
    let gateway = TestGateway::start().await;
    let id = gateway.accepted(&Request::send()).await;
    assert_ne!(gateway.accepted(&Request::send().with("client_code", "other-shop")).await, id);
}

#[tokio::test]
async fn a_request_id_names_one_message_whenever_it_is_sent() {
    let gateway = TestGateway::start().await;
    let request = Request::send().with("request_id", "order-1");
    let id = gateway.accepted(&request).await;
    assert_eq!(gateway.accepted(&request.clone().with("req_time", now_s() - 7)).await, id);
    let other = request.clone().with("tpl_data", r#"{"touser":"o2","template_id":"t"}"#);
    gateway.refused(&other, 409, "request_id").await;
    assert_ne!(gateway.accepted(&request.with("client_code", "other-shop")).await, id);
}

#[tokio::test]
async fn a_request_id_has_at_most_64_characters() {
    let gateway = TestGateway::start().await;
    gateway.accepted(&Request::send().with("request_id", "值".repeat(64))).await;
    let long = Request::send().with("request_id", "值".repeat(65));
    gateway.refused(&long, 400, "request_id: is longer than 64 characters").await;
}

/// Stores the job of a request as if it had been accepted a while ago.
async fn accepted_before(gateway: &TestGateway, request: &Request) -> JobId {
    let kind = Kind::named("async_send_tpl");
    let job = NewJob {
        lane: Lane { client: "shop".to_owned(), app: "wx1".to_owned(), kind },
        authcode: request.signature().as_bytes().to_vec(),
        fingerprint: request.fingerprint(),
        payload: "{}".to_owned(),
        subject: String::new(),
        request: None,
        callback_url: None,
        send_at: None,
        expire_at: None,
        receipt: false,
        sharing: None,
        worker: None,
    };
    match gateway.store.accept(&[job]).await.unwrap()[..] {
        [Acceptance::New(id)] => id,
        ref other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_repeat_is_answered_the_same_after_its_deadline() {
    let gateway = TestGateway::start().await;
    let expired = Request::send().with("expire_at", now_s() - 1);
    let id = accepted_before(&gateway, &expired).await;
    assert_eq!(gateway.accepted(&expired).await, id);
    gateway.refused(&expired.with("n", 2), 400, "expire_at").await;
}

#[tokio::test]
async fn a_repeat_is_answered_the_same_when_its_callback_leads_elsewhere_now() {
    let gateway = TestGateway::start().await;
    let later = gateway.second_process([10, 0, 0, 1]);
    let request = Request::send().with("callback_url", "https://shop.example/hook");
    let id = gateway.accepted(&request).await;
    assert_eq!(later.accepted(&request).await, id);
    later.refused(&request.clone().with("n", 2), 400, "callback_url").await;
    // Sorted right behind the address, so that the same values are signed.
    let split = request.clone().with("callback_url", "https://shop.example/h").with("callback_urm", "ook");
    let split = split.authcode(request.signature().to_string());
    later.refused(&split, 103, "served another request").await;
}
