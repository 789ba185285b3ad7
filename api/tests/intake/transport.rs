//! Methods, paths, bodies: what is refused before anything is verified.

use crate::http::{exchange_cut_off, get, head_and_body};
use crate::request::Request;
use crate::support::TestGateway;

const MIB: usize = 1 << 20;

#[tokio::test]
async fn unknown_paths_are_404_and_other_methods_405_in_the_envelope() {
    let gateway = TestGateway::start().await;
    for path in ["/", "/weixinapi", "/weixinapi/", "/weixinapi/nothing", "/weixinapi/async_send_tpl/x"] {
        for method in ["GET", "POST", "DELETE"] {
            let reply = gateway.send(&head_and_body(method, path, "", b"")).await;
            assert_eq!((reply.status, reply.envelope().retcode), (404, 404), "{method} {path}");
        }
    }
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
        let reply = gateway.send(&head_and_body(method, &Request::send().target(), "", b"")).await;
        assert_eq!((reply.status, reply.envelope().retcode), (405, 405), "{method}");
        assert!(reply.head.contains("allow: get, post"), "{reply:?}");
    }
}

#[tokio::test]
async fn everything_may_come_by_get_or_be_split_between_query_and_body() {
    let gateway = TestGateway::start().await;
    let request = Request::send();
    let reply = gateway.send(&request.get()).await;
    assert_eq!((reply.status, reply.envelope().retcode), (200, 200));

    let request = Request::send().with("n", 2);
    let form = request.form();
    let (query, body) = form.split_once('&').unwrap();
    let target = format!("{}&{query}", request.target());
    assert_eq!(
        gateway.send(&head_and_body("POST", &target, "", body.as_bytes())).await.envelope().retcode,
        200
    );

    let twice = head_and_body("POST", &target, "", form.as_bytes());
    assert_eq!(gateway.send(&twice).await.envelope().retcode, 102);
    assert_eq!(gateway.jobs().await.len(), 2);
}

#[tokio::test]
async fn a_body_over_a_mebibyte_is_413_however_it_is_sent() {
    let gateway = TestGateway::start().await;
    let target = Request::send().target();
    for size in [MIB + 1, 10 * MIB] {
        let body = vec![b'a'; size];
        let reply = gateway.send(&head_and_body("POST", &target, "", &body)).await;
        assert_eq!((reply.status, reply.envelope().retcode), (413, 413), "{size}");
    }
    let chunks = format!("{:x}\r\n{}\r\n", MIB / 2, "a".repeat(MIB / 2)).repeat(3) + "0\r\n\r\n";
    let chunked =
        [head_and_body("POST", &target, "Transfer-Encoding: chunked\r\n", b""), chunks.into_bytes()];
    assert_eq!(gateway.send(&chunked.concat()).await.envelope().retcode, 413);
}

#[tokio::test]
async fn a_body_of_a_mebibyte_is_read_to_its_end() {
    let gateway = TestGateway::start().await;
    let request = Request::send().with("filler", "");
    let form = request.form();
    let filled = format!("{form}{}", "a".repeat(MIB - form.len()));
    let reply = gateway.send(&head_and_body("POST", &request.target(), "", filled.as_bytes())).await;
    // Another signature would be needed, so it was looked at.
    assert_eq!(reply.envelope().retcode, 103);
}

#[tokio::test]
async fn a_truncated_body_does_nothing_though_it_would_be_a_valid_request() {
    let gateway = TestGateway::start().await;
    let request = Request::send();
    let form = request.form();
    let announced = format!("Content-Length: {}\r\n", form.len() + 1);
    let cut_off = [head_and_body("POST", &request.target(), &announced, b""), form.into_bytes()].concat();
    let reply = exchange_cut_off(gateway.address(), &cut_off).await;
    assert_eq!(reply.envelope().retcode, 400);
    assert!(gateway.jobs().await.is_empty());
    gateway.accepted(&request).await;
}

#[tokio::test]
async fn bodies_that_are_not_utf8_are_102() {
    let gateway = TestGateway::start().await;
    let target = Request::send().target();
    for body in [&b"tpl_data=\xc4\xe3"[..], b"tpl_data=%C4%E3", b"\xff=1", b"a=%ED%A0%80"] {
        let reply = gateway.send(&head_and_body("POST", &target, "", body)).await.envelope();
        assert_eq!((reply.retcode, reply.msg.as_str()), (102, "parameters must be UTF-8"));
    }
}

#[tokio::test]
async fn a_body_that_is_no_form_is_told_what_is_wanted() {
    let gateway = TestGateway::start().await;
    let target = Request::send().target();
    for body in [r#" {"client_code":"shop"}"#, "<xml/>", "--boundary\r\nContent-Disposition: form-data\r\n"] {
        let headers = "Content-Type: application/json\r\n";
        let reply = gateway.send(&head_and_body("POST", &target, headers, body.as_bytes())).await.envelope();
        assert_eq!(reply.retcode, 102);
        assert!(reply.msg.contains("form-encoded"), "{reply:?}");
    }
}

#[tokio::test]
async fn the_content_type_is_not_asked_for() {
    let gateway = TestGateway::start().await;
    let request = Request::send();
    let plain =
        head_and_body("POST", &request.target(), "Content-Type: text/plain\r\n", request.form().as_bytes());
    assert_eq!(gateway.send(&plain).await.envelope().retcode, 200);
}

#[tokio::test]
async fn operators_pages_are_not_served_to_callers() {
    let gateway = TestGateway::start().await;
    for path in ["/metrics", "/healthz", "/readyz"] {
        assert_eq!(get(gateway.address(), path).await.status, 404);
    }
}
