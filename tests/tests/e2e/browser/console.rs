//! The console, as an operator uses it.

use wxgate_sandbox::{APP_ID, AppChange, Fault, Rule};
use wxgate_tests::{Browser, Gateway, Pairing, Phone, Plan, SdkHost};

use super::HOSTILE;
use crate::support::{PATIENCE, SEND, calls, sends, until};

crate::on_both_pairings!(
    a_failed_job_is_found_its_app_mended_and_the_job_retried,
    a_callback_that_was_given_up_is_sent_again,
);

const TOKEN: &str = "an-admin-token-for-tests";

/// After somebody reset it at WeChat.
const NEW_SECRET: &str = "0123456789abcdef0123456789abcdef";

async fn gateway(pairing: Pairing) -> Gateway {
    Plan::new(pairing).set("WXGATE_ADMIN_TOKEN", TOKEN).watched().start().await
}

/// An operator's browser, whose console is that of the process which takes requests.
struct Operator {
    browser: Browser,
    console: String,
}

impl Operator {
    /// With a phone, and reading Chinese.
    async fn on_the_way(gateway: &Gateway, sdk: &SdkHost) -> Self {
        let browser = Browser::start(Phone::IN_WECHAT, sdk, gateway.pairing).await;
        Self { browser, console: format!("{}/console", gateway.admin[0]) }
    }

    /// With a window of usual size, and reading English.
    async fn at_a_desk(gateway: &Gateway, sdk: &SdkHost) -> Self {
        let browser = Browser::at_a_desk(sdk, gateway.pairing).await;
        Self { browser, console: format!("{}/console", gateway.admin[0]) }
    }

    async fn log_in(&self) {
        self.browser.open(&self.console).await;
        self.browser.fill("#admin_token", TOKEN).await;
        self.browser.follow("form.login button").await;
    }

    async fn open(&self, page: &str) {
        self.browser.open(&format!("{}{page}", self.console)).await;
    }

    /// Asks for the page again until it shows this.
    async fn refresh_until(&self, selector: &str, text: &str) {
        let script = format!("return document.querySelector('{selector}').innerText");
        let waiting = async {
            while self.browser.run(&script).await != text {
                self.browser.run("location.reload()").await;
            }
        };
        let has_come = tokio::time::timeout(PATIENCE, waiting).await.is_ok();
        assert!(has_come, "'{text}' did not come: {}", self.browser.text().await);
    }

    async fn all_is_quiet(&self) {
        let complaints = self.browser.complaints().await;
        assert!(complaints.is_empty(), "{complaints:#?}");
    }
}

async fn a_failed_job_is_found_its_app_mended_and_the_job_retried(pairing: Pairing) {
    let (gateway, sdk) = (gateway(pairing).await, SdkHost::start().await);
    let reset = AppChange { secret: Some(NEW_SECRET.to_owned()), ..AppChange::default() };
    gateway.wechat.change_app(APP_ID, reset).unwrap();
    let id = gateway.caller.message("oSandboxUser01", &[]).await;
    until(&gateway.wechat, "the refusal", |wechat| calls(wechat, "/cgi-bin/token") > 0).await;
    gateway.database.execute("UPDATE jobs SET deadline_at = 1").await;
    assert_eq!(gateway.caller.finished(id).await["state"], "failed");
    let operator = Operator::on_the_way(&gateway, &sdk).await;
    let browser = &operator.browser;

    operator.open("/jobs?state=failed").await;
    browser.fill("#admin_token", "a-guess").await;
    browser.follow("form.login button").await;
    assert!(browser.text().await.contains("管理口令不正确。"));
    operator.open(&format!("/jobs/{id}")).await;
    assert!(browser.url().await.contains("/console/login?"), "a wrong token gets nowhere");
    // The browser itself complains of the refusal.
    assert_eq!(browser.complaints().await.len(), 1);

    browser.fill("#admin_token", TOKEN).await;
    browser.follow("form.login button").await;
    assert!(browser.url().await.ends_with(&format!("/console/jobs/{id}")), "on to what was asked for");
    operator.open("").await;
    browser.follow("a[href='/console/jobs']").await;
    browser.fill("#q", "oSandboxUser01").await;
    browser.follow("form button:not(.plain)").await;
    browser.follow(&format!("a[href='/console/jobs/{id}']")).await;
    let page = browser.text().await;
    assert!(page.contains("40001") && page.contains("AppSecret"), "it says what to do: {page}");

    browser.follow(&format!("a[href='/console/apps/{APP_ID}'].button")).await;
    browser.fill("#secret", NEW_SECRET).await;
    browser.follow("form[autocomplete=off] button").await;
    assert!(browser.text().await.contains("已保存"));
    operator.open(&format!("/jobs/{id}")).await;
    browser.follow("#retry").await;
    operator.refresh_until("#state", "已成功").await;

    assert_eq!(gateway.caller.status(id).await["state"], "succeeded");
    operator.all_is_quiet().await;
    operator.browser.end().await;
    gateway.end().await;
}

async fn a_callback_that_was_given_up_is_sent_again(pairing: Pairing) {
    let (gateway, sdk) = (gateway(pairing).await, SdkHost::start().await);
    let id = given_up(&gateway).await;
    let operator = Operator::at_a_desk(&gateway, &sdk).await;
    operator.log_in().await;
    operator.browser.follow("a[href='/console/callbacks']").await;
    assert!(operator.browser.text().await.contains(&gateway.callback_url()));

    operator.browser.press("input[type=checkbox]").await;
    operator.browser.follow("#replay").await;

    assert!(operator.browser.text().await.contains("The callback is queued again."));
    let posts = gateway.receiver.wait_for(2).await;
    assert_eq!(posts[1].field("send_id"), id.to_string());
    operator.open("/callbacks").await;
    operator.all_is_quiet().await;
    operator.browser.end().await;
    gateway.end().await;
}

/// A job whose callback the receiver wants no more; it would take it now.
async fn given_up(gateway: &Gateway) -> i64 {
    gateway.receiver.answer(410);
    let id = gateway.caller.message("oSandboxUser01", &[("callback_url", &gateway.callback_url())]).await;
    gateway.receiver.wait_for(1).await;
    let over = async { while gateway.caller.status(id).await["callback"]["state"] != "exhausted" {} };
    tokio::time::timeout(PATIENCE, over).await.expect("the callback was not given up");
    gateway.receiver.answer(200);
    id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_fits_a_phone_and_a_desk() {
    let (gateway, sdk) = (gateway(Pairing::Embedded).await, SdkHost::start().await);
    let succeeded = given_up(&gateway).await;
    let unfollow = AppChange { unfollow: ["oSandboxUser03".to_owned()].into(), ..AppChange::default() };
    gateway.wechat.change_app(APP_ID, unfollow).unwrap();
    let failed = gateway.caller.message("oSandboxUser03", &[]).await;
    gateway.caller.finished(failed).await;
    let hostile = gateway.caller.message(HOSTILE, &[]).await;
    gateway.caller.finished(hostile).await;
    let before = sends(&gateway.wechat).len();
    gateway.wechat.add_faults([Rule::new(Fault::Errcode(45009)).path(SEND)]).unwrap();
    let held_back = gateway.caller.message("oSandboxUser02", &[]).await;
    until(&gateway.wechat, "the refusal", |wechat| sends(wechat).len() > before).await;

    for (name, operator) in [
        ("phone", Operator::on_the_way(&gateway, &sdk).await),
        ("desk", Operator::at_a_desk(&gateway, &sdk).await),
    ] {
        operator.open("").await;
        fits(&operator, &format!("console-login-{name}")).await;
        operator.log_in().await;
        for (page, path) in [
            ("overview", String::new()),
            ("jobs", "/jobs".to_owned()),
            ("job-succeeded", format!("/jobs/{succeeded}")),
            ("job-failed", format!("/jobs/{failed}")),
            ("job-hostile", format!("/jobs/{hostile}")),
            ("job-held-back", format!("/jobs/{held_back}")),
            ("failures", "/failures".to_owned()),
            ("callbacks", "/callbacks".to_owned()),
            ("apps", "/apps".to_owned()),
            ("app", format!("/apps/{APP_ID}")),
        ] {
            operator.open(&path).await;
            fits(&operator, &format!("console-{page}-{name}")).await;
        }
        operator.all_is_quiet().await;
        operator.open("/failures").await;
        operator.browser.follow("form.actions button").await;
        fits(&operator, &format!("console-tasks-{name}")).await;
        operator.open("/jobs/999999").await;
        fits(&operator, &format!("console-fault-{name}")).await;
        operator.browser.end().await;
    }
    gateway.end().await;
}

/// Nothing is wider than the window. Keeps a picture of the whole page.
async fn fits(operator: &Operator, name: &str) {
    operator.browser.photograph_whole(name).await;
    let over = operator.browser.run("return document.documentElement.scrollWidth - innerWidth").await;
    assert!(over.as_i64().unwrap() <= 0, "{name} is {over} points too wide");
}
