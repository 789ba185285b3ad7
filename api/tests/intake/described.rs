//! The description of the interfaces at `/openapi.json`.

use serde_json::Value;

use crate::http::{get, head_and_body};
use crate::support::TestGateway;

const PATH: &str = "/openapi.json";

#[tokio::test]
async fn the_description_names_the_gateways_own_address_and_is_in_the_readers_language() {
    let gateway = TestGateway::start().await;
    for (target, header, summary) in [
        (PATH, "", "异步发送消息"),
        (PATH, "Accept-Language: en\r\n", "Send a template message"),
        ("/openapi.json?lang=en", "Accept-Language: zh\r\n", "Send a template message"),
    ] {
        let reply = gateway.send(&head_and_body("GET", target, header, b"")).await;
        assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
        let document: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        assert_eq!(document["servers"][0]["url"], "https://gateway.example");
        assert_eq!(document["paths"]["/weixinapi/async_send_tpl"]["post"]["summary"], summary);
    }
}

#[tokio::test]
async fn whoever_has_it_already_is_told_so() {
    let gateway = TestGateway::start().await;
    let first = get(gateway.address(), PATH).await;
    let etag = first.header("etag").unwrap();
    assert_eq!((first.status, first.header("cache-control")), (200, Some("no-cache")));

    let known = format!("If-None-Match: W/\"other\", {etag}\r\n");
    let again = gateway.send(&head_and_body("GET", PATH, &known, b"")).await;
    assert_eq!((again.status, again.body.as_str(), again.header("etag")), (304, "", Some(etag)));
    let english = format!("{known}Accept-Language: en\r\n");
    assert_eq!(gateway.send(&head_and_body("GET", PATH, &english, b"")).await.status, 200);

    let look = gateway.send(&head_and_body("HEAD", PATH, "", b"")).await;
    assert_eq!((look.status, look.body.as_str(), look.header("etag")), (200, "", Some(etag)));
    let length = first.body.len().to_string();
    assert_eq!(look.header("content-length"), Some(length.as_str()));
}
