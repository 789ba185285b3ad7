//! Stopping, and several intakes in one process.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::request::Request;
use crate::support::TestGateway;

#[tokio::test]
async fn stopping_answers_those_who_wait_and_closes_idle_connections() {
    let gateway = TestGateway::start().await;
    let id = gateway.accepted(&Request::send()).await;
    let address = gateway.address();
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET /x HTTP/1.1\r\nHost: gateway\r\n\r\n").await.unwrap();
    let mut answer = [0; 16];
    idle.read_exact(&mut answer).await.unwrap();

    let wait = Request::to("get_job_status").with("job_id", id).with("wait", 30).post();
    let waiting = tokio::spawn(async move { crate::http::exchange(address, &wait).await });
    gateway.until_waiting(1).await;
    let began = Instant::now();
    gateway.running.stop(Duration::from_secs(20)).await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(waiting.await.unwrap().envelope().data["state"], "queued");
    idle.read_to_end(&mut Vec::new()).await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_request_that_does_not_end_is_cut_off_after_the_grace() {
    let gateway = TestGateway::start().await;
    let mut slow = TcpStream::connect(gateway.address()).await.unwrap();
    let head = "POST /weixinapi/async_send_tpl HTTP/1.1\r\nHost: gateway\r\nContent-Length: 9\r\n\r\nclient";
    slow.write_all(head.as_bytes()).await.unwrap();
    // Connections are accepted in their order, so the slow one is being served.
    gateway.accepted(&Request::send()).await;
    let began = Instant::now();
    gateway.running.stop(Duration::from_millis(200)).await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let gateway = TestGateway::start().await;
    let taken = gateway.address();
    let error = gateway.start_beside(taken).unwrap_err();
    assert!(error.to_string().contains(&taken.to_string()), "{error}");
}
