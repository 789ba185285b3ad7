//! Addresses that callers gave, where we would call them ourselves: every interface that takes one, by the
//! declarations. How addresses are told apart has its own tests (`common/egress`).

use wxgate_api::interface::{Example, ParamKind};
use wxgate_api::interfaces::ALL;

use crate::fake_wechat::FakeWeChat;
use crate::http::get;
use crate::request::Request;
use crate::support::TestGateway;

/// Ways to say 'this machine' or 'this network', or to look like somebody else.
const FORBIDDEN: [&str; 14] = [
    "http://127.0.0.1/",
    "127.0.0.1:6379",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://127.0.0.1./",
    "http://[::ffff:127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://public.example@10.0.0.1/",
    "http://user:password@8.8.8.8/",
    "file:///etc/passwd",
];

#[tokio::test]
async fn no_interface_takes_a_callback_to_an_address_that_is_not_public() {
    let gateway = TestGateway::start().await;
    let mut tried = 0;
    for interface in ALL {
        for param in interface.params.iter().filter(|param| param.kind == ParamKind::Callback) {
            let required = interface.params.iter().filter(|param| param.required);
            let request = required.fold(Request::to(interface.name), |request, param| match param.example {
                Example::Value(value) => request.with(param.name, value),
                _ => request.with(param.name, "1"),
            });
            for address in FORBIDDEN {
                gateway.refused(&request.clone().with(param.name, address), 400, param.name).await;
            }
            tried += 1;
        }
    }
    assert!(tried >= 3, "the declarations have changed");
}

#[tokio::test]
async fn no_picture_is_fetched_from_an_address_that_is_not_public() {
    let wechat = FakeWeChat::start().await;
    let gateway = TestGateway::start_against(&wechat).await;
    for address in FORBIDDEN {
        gateway.refused(&Request::to("upload_card_logo").with("url", address), 400, "url").await;
    }
    let elsewhere = gateway.second_process([10, 0, 0, 1]);
    elsewhere.refused(&Request::to("upload_card_logo").with("url", "http://a.example/"), 400, "url").await;
    assert!(wechat.asked("/cgi-bin/media/uploadimg").is_empty());
}

#[tokio::test]
async fn no_address_brings_a_header_along() {
    let gateway = TestGateway::start().await;
    for injected in ["\r\nX-Injected: 1", "%0d%0aX-Injected: 1", "\nX-Injected: 1", "\u{2028}X-Injected: 1"] {
        for target in [format!("https://shop.example/{injected}"), format!("shop.example/?a={injected}#b")] {
            let link = Request::to("generate_tiny_url").with("out_id", "1").with("url", &target);
            let link = gateway.answered(&link.with("n", rand::random::<u64>())).await;
            let page =
                get(gateway.address(), &link.as_str().unwrap()["https://gateway.example".len()..]).await;
            assert_eq!(page.status, 302, "{page:?}");
            assert!(page.head.lines().all(|line| !line.trim_start().starts_with("x-injected")), "{page:?}");
        }
    }
}
