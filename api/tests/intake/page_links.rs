//! Short links.

use wxgate_store::Store;
use wxgate_store::model::short_link::ShortLink;

use crate::http::{Reply, get, head_and_body};
use crate::support::TestGateway;

const ID: &str = "00112233445566778899aabbccddeeff";

async fn gateway_with(target: &str) -> TestGateway {
    let gateway = TestGateway::start().await;
    let link = ShortLink {
        id: ID.to_owned(),
        client: "shop".to_owned(),
        out_id: "7".to_owned(),
        target: target.to_owned(),
    };
    gateway.store.put_short_link(&link).await.unwrap();
    gateway
}

async fn visit(gateway: &TestGateway, id: &str) -> Reply {
    get(gateway.address(), &format!("/tu/{id}")).await
}

#[tokio::test]
async fn a_short_link_leads_where_its_owner_said() {
    for (target, location) in [
        ("https://shop.example/a?b=c#d", "https://shop.example/a?b=c#d"),
        ("www.verystar.cn", "http://www.verystar.cn/"),
    ] {
        let gateway = gateway_with(target).await;
        let reply = visit(&gateway, ID).await;
        assert_eq!((reply.status, reply.header("location")), (302, Some(location)));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn a_link_that_is_only_looked_at_counts_no_visit() {
    let gateway = gateway_with("https://shop.example/").await;
    let look = head_and_body("HEAD", &format!("/tu/{ID}"), "", b"");
    let reply = gateway.send(&look).await;
    assert_eq!((reply.status, reply.header("location")), (302, Some("https://shop.example/")));
    assert_eq!((reply.body.as_str(), gateway.store.short_link_visits(ID).await.unwrap()), ("", Some(0)));

    visit(&gateway, ID).await;
    assert_eq!(gateway.store.short_link_visits(ID).await.unwrap(), Some(1));
}

#[tokio::test]
async fn links_that_nobody_made_are_a_page_that_says_so() {
    let gateway = gateway_with("https://shop.example/").await;
    for id in ["ffffffffffffffffffffffffffffffff", "00112233445566778899AABBCCDDEEFF", "x", "", "a/b", "%00"]
    {
        let reply = visit(&gateway, id).await;
        assert_eq!((reply.status, reply.header("location")), (404, None), "{id}");
        assert!(reply.body.contains("页面不存在"), "{reply:?}");
    }
    let posted = gateway.send(&head_and_body("POST", &format!("/tu/{ID}"), "", b"")).await;
    assert_eq!((posted.status, posted.header("location")), (404, None));
}

#[tokio::test]
async fn what_strangers_try_is_not_written() {
    let gateway = gateway_with("https://shop.example/").await;
    let _lock = gateway.write_lock().await;
    let made_up = "ffffffffffffffffffffffffffffffff";
    assert_eq!(visit(&gateway, made_up).await.status, 404);
    let login = format!("/wx_service/oauth_snsapi_base?code=C&state={made_up}");
    assert_eq!(get(gateway.address(), &login).await.status, 410);
}

#[tokio::test]
async fn nothing_leads_off_the_web() {
    for target in ["javascript:alert(1)", "data:text/html,<script>", "weixin://dl", "ftp://shop.example/"] {
        let gateway = gateway_with(target).await;
        let reply = visit(&gateway, ID).await;
        assert_eq!((reply.status, reply.header("location")), (404, None), "{target}");
    }
}
