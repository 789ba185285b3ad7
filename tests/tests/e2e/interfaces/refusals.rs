//! Every error code of the document, told by a running gateway.

use std::time::{Duration, Instant};

use serde_json::Value;
use wxgate_sandbox::{APP_ID, COMPONENT_APP_ID};
use wxgate_tests::{Answer, Caller, Gateway, Pairing, Plan, look_at, unix_seconds};

use super::{AES_KEY, PUSH_TOKEN};

crate::on_both_pairings!(
    each_error_code_of_the_document_is_told_with_its_reason,
    the_operator_sets_the_language_of_messages_and_pages
);

/// An interface that everybody but one may call.
const LINK: [(&str, &str); 2] = [("out_id", "1"), ("url", "www.verystar.cn")];

async fn each_error_code_of_the_document_is_told_with_its_reason(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let those_refused = set_up(&gateway).await;
    let shop = &gateway.caller;
    let now = unix_seconds();

    is(&shop.send(&shop.sign_at("generate_tiny_url", &LINK, now - 301)).await.unwrap(), 101, "req_time");
    is(&shop.call("generate_tiny_url", &LINK[..1]).await, 102, "'url'");
    let forger = Caller::new(&shop.base, &shop.code, "guessed");
    is(&forger.call("generate_tiny_url", &LINK).await, 103, "authcode");
    let unsigned = shop.sign("generate_tiny_url", &LINK).with_authcode("not-hex");
    is(&shop.send(&unsigned).await.unwrap(), 109, "32 hex digits");
    is(&shop.call("get_drawboard_data", &[("key", "1")]).await, 106, "get_drawboard_data");
    is(&shop.call("update_tiny_url", &[("url_val", "1"), ("url", "u")]).await, 107, "update_tiny_url");
    for (caller, retcode, reason) in &those_refused {
        is(&caller.call("generate_tiny_url", &LINK).await, *retcode, reason);
    }
    assert_eq!(gateway.wechat.stats().calls.len(), 0, "WeChat hears of none of them");
    gateway.end().await;
}

async fn the_operator_sets_the_language_of_messages_and_pages(pairing: Pairing) {
    for (set, message, page) in
        [("zh", "client_code不存在", "页面不存在"), ("en", "there is no client", "There is no such page")]
    {
        let gateway = Plan::new(pairing).set("WXGATE_LANG", set).start().await;
        let stranger = Caller::new(&gateway.caller.base, "nobody", "secret");
        is(&stranger.call("generate_tiny_url", &LINK).await, 104, message);
        let nowhere = look_at(&format!("{}/tu/0", gateway.caller.base)).await;
        assert!(nowhere.html.contains(page), "{nowhere:?}");
        gateway.end().await;
    }
}

fn is(answer: &Answer, retcode: i64, reason: &str) {
    assert_eq!((answer.status, answer.retcode, &answer.data), (200, retcode, &Value::Null), "{answer:?}");
    assert!(answer.msg.contains(reason), "{answer:?}");
}

/// Callers that something is wrong with, each with the code of it.
async fn set_up(gateway: &Gateway) -> [(Caller, i64, &'static str); 7] {
    let app = |id: &str, more: &[&str]| {
        gateway.run(&["app", "add", "--app-id", id, "--secret", "s"]);
        gateway.run(&[&["app", "set", "--app-id", id], more].concat());
    };
    app("wx-disabled", &["--disabled"]);
    app("wx-secretless", &["--no-secret"]);
    let keys = ["--secret", "s", "--token", PUSH_TOKEN, "--aes-key", AES_KEY];
    gateway.run(&[&["component", "add", "--component-appid", COMPONENT_APP_ID], &keys[..]].concat());
    app("wx-unauthorised", &["--component-appid", COMPONENT_APP_ID]);
    let client = |code, app| gateway.add_client(code, app, &[]);
    let callers = [
        (Caller::new(&gateway.caller.base, "nobody", "secret"), 104, "client_code"),
        (client("closed", APP_ID), 105, "closed"),
        (client("secretless", APP_ID), 108, "client_secret"),
        (client("appless", APP_ID), 110, "app_id"),
        (client("of-disabled", "wx-disabled"), 112, "disabled"),
        (client("of-secretless", "wx-secretless"), 113, "app secret"),
        (client("of-unauthorised", "wx-unauthorised"), 114, "not authorised"),
    ];
    gateway.run(&["client", "set", "--code", "closed", "--closed"]);
    gateway.run(&["client", "set", "--code", "secretless", "--no-secret"]);
    // Clients of former versions may have none.
    gateway.database.execute("UPDATE clients SET app_id = NULL WHERE code = 'appless'").await;
    gateway.run(&["interface", "disable", "update_tiny_url"]);
    known(gateway).await;
    callers
}

/// Waits until the last of the changes has reached the gateway.
async fn known(gateway: &Gateway) {
    let began = Instant::now();
    while gateway.caller.call("update_tiny_url", &[("url_val", "1"), ("url", "u")]).await.retcode != 107 {
        assert!(began.elapsed() < Duration::from_secs(5), "an operator's change is still unknown");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
