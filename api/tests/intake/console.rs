//! The console: who may come in, and that what strangers wrote is shown and never runs.

use wxgate_job::{JobId, JobState};
use wxgate_secret::Secret;
use wxgate_store::Store as _;

use crate::http::{Reply, exchange, head_and_body};
use crate::request::Request;
use crate::support::{ADMIN_TOKEN, TestGateway, app};

const HOSTILE: &str = r#""><script>alert('x')</script>"#;
const ESCAPED: &str = "&#60;script&#62;alert(&#39;x&#39;)&#60;/script&#62;";

/// What a browser says of a form that one of our own pages sends.
const OWN_PAGE: &str = "Origin: http://gateway\r\n";

/// Asks the operator's listener.
async fn ask(gateway: &TestGateway, method: &str, target: &str, headers: &str, form: &str) -> Reply {
    let form_type = "Content-Type: application/x-www-form-urlencoded\r\n";
    let headers = format!("{form_type}{headers}");
    let request = head_and_body(method, target, &headers, form.as_bytes());
    exchange(gateway.running.admin_addr().unwrap(), &request).await
}

async fn log_in(gateway: &TestGateway, token: &str) -> Reply {
    ask(gateway, "POST", "/console/login", OWN_PAGE, &format!("admin_token={token}")).await
}

/// A browser that was shown the token.
struct Operator<'g> {
    gateway: &'g TestGateway,
    cookie: String,
}

impl<'g> Operator<'g> {
    async fn of(gateway: &'g TestGateway) -> Self {
        let reply = log_in(gateway, ADMIN_TOKEN).await;
        assert_eq!((reply.status, reply.header("location")), (303, Some("/console")), "{reply:?}");
        let cookie = reply.header("set-cookie").unwrap().split(';').next().unwrap();
        Self { gateway, cookie: format!("Cookie: {cookie}\r\n") }
    }

    async fn visit(&self, target: &str) -> Reply {
        ask(self.gateway, "GET", target, &self.cookie, "").await
    }

    /// Sends a form with the page's token, as one of our own pages does.
    async fn send(&self, target: &str, fields: &str) -> Reply {
        let form = format!("token={}&{fields}", self.form_token().await);
        self.send_as(target, OWN_PAGE, &form).await
    }

    async fn send_as(&self, target: &str, headers: &str, form: &str) -> Reply {
        let headers = format!("{}{headers}", self.cookie);
        ask(self.gateway, "POST", target, &headers, form).await
    }

    async fn form_token(&self) -> String {
        let page = self.visit("/console/tasks").await;
        let token = page.body.split_once(r#"name="token" value=""#).unwrap().1;
        token.split_once('"').unwrap().0.to_owned()
    }
}

async fn state(gateway: &TestGateway, id: JobId) -> JobState {
    gateway.job(id).await.view.state
}

async fn failed_job(gateway: &TestGateway) -> JobId {
    let id = gateway.accepted(&Request::send()).await;
    gateway.finish(id, JobState::Failed, None).await;
    id
}

#[tokio::test]
async fn without_the_token_there_is_nothing_but_the_form() {
    let gateway = TestGateway::start().await;
    for page in ["/console", "/console/jobs?state=failed", "/console/nothing-here"] {
        let reply = ask(&gateway, "GET", page, "", "").await;
        assert_eq!(reply.status, 303, "{reply:?}");
        assert!(reply.header("location").unwrap().starts_with("/console/login?to=%2Fconsole"), "{reply:?}");
    }
    let wrong = log_in(&gateway, "guess").await;
    assert_eq!((wrong.status, wrong.header("set-cookie")), (401, None));
    assert!(wrong.body.contains("管理口令不正确"), "{wrong:?}");
    let forged = ask(&gateway, "GET", "/console", "Cookie: wxgate_console=00.1.2.00\r\n", "").await;
    assert_eq!(forged.status, 303);
}

#[tokio::test]
async fn a_session_is_kept_from_scripts_other_sites_and_plain_http() {
    let gateway = TestGateway::start().await;
    let cookie = log_in(&gateway, ADMIN_TOKEN).await.header("set-cookie").unwrap().to_owned();
    for attribute in ["; Path=/console", "; HttpOnly", "; SameSite=Strict", "; Max-Age=43200"] {
        assert!(cookie.contains(attribute), "{attribute} in {cookie}");
    }
    assert!(!cookie.contains("Secure") && !cookie.contains(ADMIN_TOKEN), "{cookie}");
    let proxied = format!("{OWN_PAGE}X-Forwarded-Proto: https\r\n");
    let form = format!("admin_token={ADMIN_TOKEN}");
    let reply = ask(&gateway, "POST", "/console/login", &proxied, &form).await;
    assert!(reply.header("set-cookie").unwrap().contains("; Secure"), "{reply:?}");
}

#[tokio::test]
async fn whoever_guesses_is_stopped_and_whoever_knows_the_token_is_not() {
    let gateway = TestGateway::start().await;
    for guess in 0..10 {
        assert_eq!(log_in(&gateway, &format!("guess{guess}")).await.status, 401);
    }
    let late = log_in(&gateway, "guess10").await;
    assert_eq!((late.status, late.header("set-cookie")), (429, None));
    assert!((1..=601).contains(&late.header("retry-after").unwrap().parse().unwrap()), "{late:?}");
    let bearer = |token| format!("Authorization: Bearer {token}\r\n");
    assert_eq!(ask(&gateway, "GET", "/admin/overview", &bearer("guess11"), "").await.status, 429);

    // Behind a proxy they come from the same address.
    assert_eq!(log_in(&gateway, ADMIN_TOKEN).await.status, 303);
    assert_eq!(ask(&gateway, "GET", "/admin/overview", &bearer(ADMIN_TOKEN), "").await.status, 200);
}

#[tokio::test]
async fn guesses_under_a_strangers_name_are_nobodys() {
    let gateway = TestGateway::start().await;
    let address = gateway.running.admin_addr().unwrap();
    let asked = async |host: &str, token: &str| {
        let head = format!("GET /admin/tasks HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        let request = format!("{head}Authorization: Bearer {token}\r\n\r\n");
        exchange(address, request.as_bytes()).await.status
    };
    for _ in 0..20 {
        assert_eq!(asked("rebound.evil.example", "guess").await, 401);
    }
    assert_eq!(asked("127.0.0.1", "mistyped").await, 401, "the first that is counted");
    assert_eq!(asked("gate.internal.example", ADMIN_TOKEN).await, 200, "a program may know us by any name");
}

#[tokio::test]
async fn only_our_own_pages_can_ask_for_a_change() {
    let gateway = TestGateway::start().await;
    let id = failed_job(&gateway).await;
    let operator = Operator::of(&gateway).await;
    let retry = format!("/console/jobs/{id}/retry");
    let token = format!("token={}", operator.form_token().await);
    let elsewhere = "Origin: https://evil.example\r\n";
    let cross = "Origin: http://gateway\r\nSec-Fetch-Site: cross-site\r\n";
    for (headers, form) in [
        (elsewhere, token.as_str()),
        (cross, &token),
        ("Origin: null\r\n", &token),
        (OWN_PAGE, ""),
        (OWN_PAGE, "token=0000"),
    ] {
        assert_eq!(operator.send_as(&retry, headers, form).await.status, 403, "{headers} {form}");
        assert_eq!(state(&gateway, id).await, JobState::Failed);
    }
    assert_eq!(operator.visit(&retry).await.status, 404, "a link changes nothing");
    let other = Operator::of(&gateway).await;
    assert_eq!(other.send_as(&retry, OWN_PAGE, &token).await.status, 403, "another session's");
    assert_eq!(state(&gateway, id).await, JobState::Failed);

    let done = operator.send_as(&retry, OWN_PAGE, &token).await;
    let shown = format!("/console/jobs/{id}?done=retried");
    assert_eq!((done.status, done.header("location")), (303, Some(shown.as_str())));
    assert_eq!(state(&gateway, id).await, JobState::Queued);
    let evil =
        ask(&gateway, "POST", "/console/login", elsewhere, &format!("admin_token={ADMIN_TOKEN}")).await;
    assert_eq!((evil.status, evil.header("set-cookie")), (403, None), "nor be logged in by others");
}

#[tokio::test]
async fn a_name_that_a_stranger_may_own_is_refused() {
    let gateway = TestGateway::start().await;
    let operator = Operator::of(&gateway).await;
    let address = gateway.running.admin_addr().unwrap();
    for (host, status) in [("rebound.evil.example", 421), ("127.0.0.1", 200), ("gateway.example", 200)] {
        let request =
            format!("GET /console HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{}\r\n", operator.cookie);
        assert_eq!(exchange(address, request.as_bytes()).await.status, status, "{host}");
    }
}

#[tokio::test]
async fn what_strangers_wrote_is_shown_and_never_runs() {
    let gateway = TestGateway::start().await;
    let tpl_data = serde_json::json!({ "touser": HOSTILE, "template_id": "t", "data": {} }).to_string();
    let id = gateway.accepted(&Request::send().with("tpl_data", tpl_data)).await;
    gateway
        .settle(id, |end| wxgate_store::model::work::Settlement {
            state: JobState::Failed,
            failure: Some(wxgate_job::Failure::new("wechat", HOSTILE).with_errcode(40003)),
            ..end
        })
        .await;
    let operator = Operator::of(&gateway).await;
    for page in [
        format!("/console/jobs/{id}"),
        "/console/failures".to_owned(),
        "/console/jobs?q=%22%3E%3Cscript%3Ealert('x')%3C/script%3E".to_owned(),
        "/console/jobs?client=%22%3E%3Cscript%3Ealert('x')%3C/script%3E&lang=en".to_owned(),
    ] {
        let reply = operator.visit(&page).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        assert!(reply.body.contains(ESCAPED) && !reply.body.contains("<script"), "{page}: {}", reply.body);
        let policy = reply.header("content-security-policy").unwrap();
        for rule in ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"]
        {
            assert!(policy.contains(rule) && !policy.contains("script-src"), "{policy}");
        }
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn logging_out_ends_the_session_itself() {
    let gateway = TestGateway::start().await;
    let operator = Operator::of(&gateway).await;
    let out = operator.send("/console/logout", "").await;
    assert_eq!((out.status, out.header("location")), (303, Some("/console/login")));
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"), "{out:?}");
    assert_eq!(operator.visit("/console").await.status, 303, "a copy of the cookie does not help");
}

#[tokio::test]
async fn one_box_finds_a_job_by_its_id_and_by_whom_it_is_about() {
    let gateway = TestGateway::start().await;
    let id = gateway.accepted(&Request::send()).await;
    let subject = gateway.job(id).await.subject;
    let operator = Operator::of(&gateway).await;
    let by_id = operator.visit(&format!("/console/jobs?q={id}")).await;
    assert_eq!(by_id.header("location"), Some(format!("/console/jobs/{id}").as_str()));
    let link = format!("/console/jobs/{id}\"");
    assert!(operator.visit(&format!("/console/jobs?q={subject}")).await.body.contains(&link));
    assert!(!operator.visit("/console/jobs?q=somebody-else").await.body.contains(&link));
    let bad = operator.visit("/console/jobs?from=yesterday").await;
    assert_eq!(bad.status, 400);
}

#[tokio::test]
async fn a_whole_group_of_failures_is_retried_and_another_one_is_not() {
    let gateway = TestGateway::start().await;
    let id = failed_job(&gateway).await;
    let operator = Operator::of(&gateway).await;
    let other = "code=wechat&errcode=40037&app=wx1&kind=async_send_tpl&rate=1000";
    assert_eq!(operator.send("/console/failures/retry", other).await.status, 303);
    finished(&operator).await;
    assert_eq!(state(&gateway, id).await, JobState::Failed);

    let group = "code=wechat&errcode=40003&app=wx1&kind=async_send_tpl&rate=1000";
    let begun = operator.send("/console/failures/retry", group).await;
    assert_eq!(begun.header("location"), Some("/console/tasks?done=begun"), "{begun:?}");
    finished(&operator).await;
    assert_eq!(state(&gateway, id).await, JobState::Queued);
}

#[tokio::test]
async fn what_has_changed_since_a_page_was_made_is_not_retried_by_it() {
    let gateway = TestGateway::start().await;
    let id = failed_job(&gateway).await;
    let operator = Operator::of(&gateway).await;
    let page = operator.visit(&format!("/console/jobs/{id}")).await.body;
    let seen = page.split_once(r#"name="seen" value=""#).unwrap().1.split_once('"').unwrap().0;
    let failed_at = gateway.job(id).await.view.updated_at;
    while gateway.job(id).await.view.updated_at == failed_at {
        gateway.store.retry_job(id, None).await.unwrap();
        gateway.finish(id, JobState::Failed, None).await;
    }

    let stale = operator.send(&format!("/console/jobs/{id}/retry"), &format!("seen={seen}")).await;
    assert_eq!(stale.status, 409, "{stale:?}");
    assert_eq!(state(&gateway, id).await, JobState::Failed);
}

/// Returns once no task runs any more.
async fn finished(operator: &Operator<'_>) {
    while operator.visit("/console/tasks").await.body.contains("http-equiv=\"refresh\"") {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_app_is_mended_without_its_secret_being_shown() {
    let gateway = TestGateway::start().await;
    gateway.store.put_app(&app("wx1")).await.unwrap();
    let operator = Operator::of(&gateway).await;
    let mended = operator.send("/console/apps/wx1", "secret=canary-secret&enabled=no").await;
    assert_eq!(mended.header("location"), Some("/console/apps/wx1?done=mended"), "{mended:?}");
    let directory = gateway.store.directory().await.unwrap();
    let app = &directory.apps["wx1"];
    assert_eq!((app.enabled, app.secret.as_ref().map(Secret::expose)), (false, Some("canary-secret")));
    for page in ["/console/apps", "/console/apps/wx1?done=mended", "/console"] {
        let reply = operator.visit(page).await;
        assert!(reply.status == 200 && !reply.body.contains("canary"), "{page}: {reply:?}");
    }
    // From a page that was made while the app was on: its state was left alone there.
    let stale = operator.send("/console/apps/wx1", "secret=newer-secret&enabled=yes&was_enabled=yes").await;
    assert_eq!(stale.status, 303, "{stale:?}");
    let app = gateway.store.directory().await.unwrap().apps["wx1"].clone();
    assert_eq!((app.enabled, app.secret.as_ref().map(Secret::expose)), (false, Some("newer-secret")));
    let blank = operator.send("/console/apps/wx1", "secret=%20x&enabled=no").await;
    assert_eq!(blank.status, 400, "{blank:?}");
    assert_eq!(operator.send("/console/apps/wx-unknown", "").await.status, 404);
}

#[tokio::test]
async fn the_language_is_chosen_by_the_switch_and_kept() {
    let gateway = TestGateway::start().await;
    let operator = Operator::of(&gateway).await;
    assert!(operator.visit("/console").await.body.contains("<h1>概览</h1>"));
    let switched = operator.visit("/console?lang=en").await;
    assert!(switched.body.contains("<h1>Overview</h1>"), "{switched:?}");
    let kept = switched.header("set-cookie").unwrap().split(';').next().unwrap();
    let cookies = format!("{}Cookie: {kept}\r\n", operator.cookie);
    assert!(ask(&gateway, "GET", "/console", &cookies, "").await.body.contains("<h1>Overview</h1>"));
}

#[tokio::test]
async fn without_a_token_in_the_settings_both_say_which_setting_opens_them() {
    let gateway = TestGateway::closed_to_operators().await;
    for page in ["/console", "/console/jobs", "/admin/jobs"] {
        let reply = ask(&gateway, "GET", page, "Authorization: Bearer \r\n", "").await;
        assert!(reply.status == 403 && reply.body.contains("WXGATE_ADMIN_TOKEN"), "{reply:?}");
    }
    assert_eq!(ask(&gateway, "GET", "/healthz", "", "").await.status, 200);
}
