//! A login, from its link through WeChat's page to the caller's.

use serde_json::json;
use wxgate_tests::Pairing;

use super::Stage;
use crate::support::{asked, text};

crate::on_both_pairings!(whoever_agrees_to_a_login_comes_to_the_callers_page_once);

async fn whoever_agrees_to_a_login_comes_to_the_callers_page_once(pairing: Pairing) {
    let stage = Stage::set(pairing).await;
    let browser = &stage.browser;
    let page = stage.page_of_caller("landed?from=shop#top");
    let params = [("redirect_uri", page.as_str()), ("oauth_type", "oauth_snsapi_userinfo")];
    let login = asked(&stage.gateway.caller, "set_drawboard_data", &params).await;
    let (link, key) = (text(&login, "redirect"), text(&login, "key"));

    browser.open(link).await;
    browser.photograph("login-1-wechat-asks").await;
    stage.all_is_quiet().await;
    browser.press("#refuse").await;
    browser.photograph("login-2-refused").await;
    assert!(browser.text().await.starts_with("您未同意授权\n"));
    failed_with(&stage, 403).await;

    browser.open(link).await;
    browser.press("#allow").await;
    let landed = stage.page_of_caller(&format!("landed?from=shop&key={key}#top"));
    assert_eq!(browser.url().await, landed);
    stage.all_is_quiet().await;
    let user = stage.gateway.caller.call("get_user_data", &[("key", key)]).await;
    assert_eq!((user.retcode, &user.data["openid"]), (200, &json!("oSandboxUser01")), "{user:?}");
    assert_eq!(user.data["nickname"], "沙盒用户 oSandboxUser01");

    browser.open(link).await;
    browser.press("#allow").await;
    browser.photograph("login-3-over").await;
    assert!(browser.text().await.starts_with("登录已失效\n"));
    assert!(browser.url().await.starts_with(&stage.gateway.caller.base), "it leads nowhere");
    failed_with(&stage, 410).await;
    stage.end().await;
}

/// Checks that the browser complains of the page's status and of nothing else.
async fn failed_with(stage: &Stage, status: u16) {
    let complaints = stage.browser.complaints().await;
    let [complaint] = &complaints[..] else { panic!("one complaint: {complaints:#?}") };
    assert!(complaint.contains(&format!("responded with a status of {status}")), "{complaint}");
}
