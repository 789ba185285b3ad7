//! The test tool's page.

use serde_json::Value;
use wxgate_api::interfaces::ALL;

use crate::http::{Reply, get, head_and_body};
use crate::support::TestGateway;

const ADDRESSES: [&str; 2] = ["/api_test", "/api_test/hiproapi_test"];

/// What the page's script is given.
fn given(page: &Reply) -> Value {
    let (_, after) = page.body.split_once(" data-tool=\"").unwrap();
    let signs = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    let written = after.split('"').next().unwrap().to_owned();
    serde_json::from_str(&signs.iter().fold(written, |text, (code, sign)| text.replace(code, sign))).unwrap()
}

#[tokio::test]
async fn every_interface_is_on_the_page_by_its_declaration_alone() {
    let gateway = TestGateway::start().await;
    for (target, is_chinese) in [("/api_test", true), ("/api_test/hiproapi_test?lang=en", false)] {
        let page = get(gateway.address(), target).await;
        let interfaces = given(&page)["interfaces"].as_array().unwrap().clone();
        assert_eq!(interfaces.len(), ALL.len());
        for interface in ALL {
            let link = format!("<a href=\"#{0}\"><code>{0}</code>", interface.name);
            assert_eq!(page.body.matches(&link).count(), 1, "{link}");
            let shown = interfaces.iter().find(|shown| shown["name"] == interface.name).unwrap();
            let title = if is_chinese { interface.title_zh } else { interface.title_en };
            assert_eq!(shown["title"], title);
            let params = shown["params"].as_array().unwrap();
            assert_eq!(params.len(), interface.params.len());
            for (shown, param) in params.iter().zip(interface.params) {
                let meaning = if is_chinese { param.meaning_zh } else { param.meaning_en };
                assert_eq!(shown["name"], param.name);
                assert_eq!(
                    (&shown["meaning"], &shown["required"]),
                    (&meaning.into(), &param.required.into())
                );
            }
        }
    }
}

#[tokio::test]
async fn the_page_runs_its_own_script_and_reaches_its_own_gateway() {
    let gateway = TestGateway::start().await;
    for address in ADDRESSES {
        let page = get(gateway.address(), address).await;
        assert_eq!((page.status, page.header("cache-control")), (200, Some("no-store")));
        let (_, nonce) = page.body.split_once("<script nonce=\"").unwrap();
        let nonce = nonce.split('"').next().unwrap();
        let policy = format!(
            "default-src 'none'; script-src 'nonce-{nonce}'; connect-src 'self'; style-src 'nonce-{nonce}'; \
             img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        assert_eq!(page.header("content-security-policy"), Some(policy.as_str()));
        let look = gateway.send(&head_and_body("HEAD", address, "", b"")).await;
        assert_eq!((look.status, look.body.as_str()), (200, ""));
    }
    for nowhere in ["/api_test/", "/api_test/other"] {
        assert_eq!(get(gateway.address(), nowhere).await.status, 404, "{nowhere}");
    }
}

#[tokio::test]
async fn the_page_is_in_chinese_unless_somebody_asks_for_english() {
    let gateway = TestGateway::start().await;
    let (chinese, english) = ("<h1>在线接口测试工具</h1>", "<h1>Interface test tool</h1>");
    for (target, header, title) in [
        ("/api_test", "", chinese),
        ("/api_test", "Accept-Language: en-GB\r\n", english),
        ("/api_test?lang=zh-CN", "Accept-Language: en-GB\r\n", chinese),
        ("/api_test?lang=en", "Accept-Language: zh\r\n", english),
    ] {
        let page = gateway.send(&head_and_body("GET", target, header, b"")).await;
        assert!(page.body.contains(title), "{target} {header}");
    }
}
