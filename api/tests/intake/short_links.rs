//! Short links (3.17, 3.18).

use serde_json::json;
use wxgate_store::Store as _;

use crate::request::Request;
use crate::support::TestGateway;

fn make(url: &str) -> Request {
    Request::to("generate_tiny_url").with("out_id", "till-7").with("url", url)
}

fn update(id: &str, url: &str) -> Request {
    Request::to("update_tiny_url").with("url_val", id).with("url", url)
}

/// The link's 32 digits.
async fn made(gateway: &TestGateway, url: &str) -> String {
    let data = gateway.answered(&make(url)).await;
    let id = data.as_str().unwrap().strip_prefix("https://gateway.example/tu/").unwrap().to_owned();
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    id
}

#[tokio::test]
async fn a_short_link_leads_where_it_was_told_to() {
    let gateway = TestGateway::start().await;
    let id = made(&gateway, "www.verystar.cn/a?b=值").await;
    let target = gateway.store.visit_short_link(&id).await.unwrap();
    assert_eq!(target.as_deref(), Some("www.verystar.cn/a?b=值"));
    assert_ne!(made(&gateway, "www.verystar.cn/other").await, id);
}

#[tokio::test]
async fn a_repeat_makes_no_second_link() {
    let gateway = TestGateway::start().await;
    let request = make("www.verystar.cn");
    assert_eq!(gateway.answered(&request).await, gateway.answered(&request).await);
}

#[tokio::test]
async fn an_updated_link_keeps_its_address() {
    let gateway = TestGateway::start().await;
    let id = made(&gateway, "http://shop.example/1").await;
    let link = format!("https://gateway.example/tu/{id}");
    for (named, to) in [(&id, "http://shop.example/2"), (&link, "http://shop.example/3")] {
        assert_eq!(gateway.answered(&update(named, to)).await, json!(link));
        assert_eq!(gateway.store.visit_short_link(&id).await.unwrap().as_deref(), Some(to));
    }
}

#[tokio::test]
async fn links_of_others_and_of_nobody_are_404() {
    let gateway = TestGateway::start().await;
    let id = made(&gateway, "http://shop.example/1").await;
    let others = update(&id, "http://evil.example/").with("client_code", "other-shop");
    gateway.refused(&others, 404, "no such link").await;
    gateway.refused(&update(&"0".repeat(32), "http://shop.example/"), 404, "no such link").await;
    gateway
        .refused(&update("https://gateway.example/tu/x", "http://shop.example/"), 404, "no such link")
        .await;
    let target = gateway.store.visit_short_link(&id).await.unwrap();
    assert_eq!(target.as_deref(), Some("http://shop.example/1"));
}

#[tokio::test]
async fn a_refused_update_may_be_repeated_once_its_cause_is_gone() {
    let gateway = TestGateway::start().await;
    let link = wxgate_store::model::short_link::ShortLink {
        id: "c65436a9088601a96203e1e96248fd03".to_owned(),
        client: "shop".to_owned(),
        out_id: "1".to_owned(),
        target: "http://shop.example/1".to_owned(),
    };
    let request = update(&link.id, "http://shop.example/2");
    gateway.refused(&request, 404, "no such link").await;
    gateway.store.put_short_link(&link).await.unwrap();
    gateway.answered(&request).await;
}

#[tokio::test]
async fn a_short_link_leads_nowhere_but_to_the_web() {
    let gateway = TestGateway::start().await;
    let id = made(&gateway, "http://shop.example/1").await;
    for target in ["javascript:alert(1)", "data:text/html,x", "ftp://host/", "http://"] {
        gateway.refused(&make(target), 400, "url: ").await;
        gateway.refused(&update(&id, target), 400, "url: ").await;
    }
}
