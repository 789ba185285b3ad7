//! `wxgate check`.

use std::fs;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::operator::{APP, KEY, Operator};
use crate::wechat::FakeWeChat;

/// What a check says of each subject: whether it is right, and the sentence.
fn findings(operator: &Operator, arguments: &[&str]) -> (i32, Vec<(String, bool, String)>) {
    let said = operator.types(&[&["check", "--json"], arguments].concat());
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["ok"], said.code == 0);
    let finding = |finding: &Value| {
        let text = |name: &str| finding[name].as_str().unwrap().to_owned();
        (text("subject"), finding["ok"].as_bool().unwrap(), text("message"))
    };
    (said.code, report["findings"].as_array().unwrap().iter().map(finding).collect())
}

fn wrong(findings: &[(String, bool, String)]) -> Vec<&str> {
    findings.iter().filter(|(_, ok, _)| !ok).map(|(subject, ..)| subject.as_str()).collect()
}

/// A gateway whose WeChat says this of every credential; the bodies that it got.
fn with_wechat(verdict: &'static str) -> (Operator, mpsc::Receiver<String>) {
    let (sender, bodies) = mpsc::channel();
    let wechat = FakeWeChat::start(move |path, body| match path {
        "/cgi-bin/stable_token" => {
            sender.send(body.to_owned()).unwrap();
            verdict.to_owned()
        }
        _ => "hello".to_owned(),
    });
    (Operator::with_shop().setting("WXGATE_WECHAT_API_BASE", &wechat.base), bodies)
}

#[test]
fn a_sound_gateway_passes_and_no_token_is_fetched() {
    let (operator, bodies) = with_wechat("{}");
    let (code, findings) = findings(&operator, &[]);
    assert_eq!((code, wrong(&findings).len()), (0, 0), "{findings:?}");
    assert_eq!(findings.len(), 4);
    assert!(bodies.try_recv().is_err());
    let text = operator.does(&["check"]);
    assert!(text.lines().all(|line| line.starts_with("ok ")), "{text}");
}

#[test]
fn check_makes_nothing() {
    let operator = Operator::new();
    findings(&operator, &[]);
    assert_eq!(fs::read_dir(operator.folder.path()).unwrap().count(), 0);
}

#[test]
fn each_wrong_setting_has_a_line() {
    let operator = Operator::new().setting("WXGATE_NOTHING", "1").setting("WXGATE_LISTEN", "here");
    let said = operator.types(&["check"]);
    assert_eq!(said.code, 1);
    assert_eq!(said.out.lines().count(), 2);
    assert!(said.out.contains("WRONG  settings: WXGATE_NOTHING is not a setting"), "{}", said.out);
    assert!(said.out.contains("WRONG  settings: WXGATE_LISTEN is 'here'"), "{}", said.out);
    assert!(said.err.contains("2 of 2 checks failed"));
}

#[test]
fn a_wrong_key_and_an_old_schema_are_told() {
    let (operator, _bodies) = with_wechat("{}");
    let operator = operator.setting("WXGATE_SECRET_KEY", KEY);
    let (code, wrong_key) = findings(&operator, &[]);
    assert_eq!((code, wrong(&wrong_key)), (1, vec!["database"]));
    assert!(wrong_key[2].2.contains("WXGATE_SECRET_KEY is not the key"), "{wrong_key:?}");

    fs::remove_file(operator.path("data/wxgate.db")).unwrap();
    fs::write(operator.path("data/wxgate.db"), "").unwrap();
    let (code, old) = findings(&operator, &[]);
    assert_eq!((code, wrong(&old)), (1, vec!["database"]));
    assert!(old[2].2.contains("run 'wxgate migrate'"), "{old:?}");
}

#[test]
fn servers_that_are_away_are_named_without_their_passwords() {
    // Port 1 is reserved; nothing listens there.
    let operator = Operator::new()
        .setting("WXGATE_DATABASE_URL", "postgres://wxgate:canary@127.0.0.1:1/wxgate")
        .setting("WXGATE_AMQP_URL", "amqp://wxgate:canary@127.0.0.1:1/vhost")
        .setting("WXGATE_WECHAT_API_BASE", "http://127.0.0.1:1")
        .setting("WXGATE_SECRET_KEY", KEY);
    let began = Instant::now();
    let (code, findings) = findings(&operator, &[]);
    assert_eq!((code, wrong(&findings)), (1, vec!["database", "broker", "WeChat"]));
    for (_, _, message) in &findings[1..] {
        assert!(message.contains("127.0.0.1:1") && !message.contains("canary"), "{message}");
    }
    assert!(began.elapsed() < Duration::from_secs(20), "each check gives up in time");
}

#[test]
fn credentials_are_tried_when_asked_for_in_a_way_that_retires_no_token() {
    let (operator, bodies) = with_wechat(r#"{"access_token":"TOKEN-CANARY","expires_in":7200}"#);
    operator.does(&["app", "add", "--app-id", "wx2", "--secret", "s"]);
    operator.does(&["app", "set", "--app-id", "wx2", "--disabled"]);
    let said = operator.does(&["check", "--apps"]);
    assert!(said.contains(&format!("ok     app {APP}")) && !said.contains("wx2"), "{said}");
    assert!(!said.contains("CANARY") && !said.contains("canary"));
    let body: Value = serde_json::from_str(&bodies.try_recv().unwrap()).unwrap();
    assert_eq!((&body["appid"], &body["secret"]), (&APP.into(), &"app-canary".into()));
    assert_ne!(body["force_refresh"], true);
    assert!(bodies.try_recv().is_err(), "one call for each enabled app");
}

#[test]
fn a_refused_credential_comes_with_advice() {
    let (operator, _bodies) = with_wechat(r#"{"errcode":40125,"errmsg":"invalid appsecret"}"#);
    let (code, refused) = findings(&operator, &["--apps"]);
    assert_eq!((code, wrong(&refused)), (1, vec!["app wx5andb0x00000001"]));
    let message = &refused[4].2;
    assert!(message.contains("40125") && message.len() > 60, "with advice: {message}");

    operator.does(&["app", "set", "--app-id", APP, "--no-secret"]);
    let (_, missing) = findings(&operator, &["--apps"]);
    assert!(missing[4].2.contains("it has no secret"), "{missing:?}");
}

#[test]
fn platforms_and_their_apps_are_tried_through_the_platform() {
    let (sender, paths) = mpsc::channel();
    let wechat = FakeWeChat::start(move |path, _| {
        let path = path.split('?').next().unwrap_or_default();
        sender.send(path.to_owned()).unwrap();
        match path {
            "/cgi-bin/component/api_component_token" => {
                r#"{"component_access_token":"TOKEN-CANARY","expires_in":7200}"#
            }
            "/cgi-bin/component/api_create_preauthcode" => r#"{"pre_auth_code":"CODE","expires_in":600}"#,
            "/cgi-bin/component/api_authorizer_token" => {
                r#"{"errcode":61023,"errmsg":"refresh_token is invalid"}"#
            }
            _ => "hello",
        }
        .to_owned()
    });
    let operator = Operator::new().setting("WXGATE_WECHAT_API_BASE", &wechat.base);
    operator.with_platform("wxp");
    for (app, more) in [("wx-new", &[][..]), ("wx-old", &["--refresh-token", "refresh-canary"])] {
        operator.does(&[&["app", "add", "--app-id", app, "--component-appid", "wxp"], more].concat());
    }

    let (_, waiting) = findings(&operator, &["--apps"]);
    assert_eq!(wrong(&waiting), ["platform wxp", "app wx-new", "app wx-old"]);
    assert!(waiting[4].2.contains("waits for its component_verify_ticket"), "{waiting:?}");
    assert!(waiting[5].2.contains("wxgate component authorize"), "{waiting:?}");

    operator.push_ticket("wxp");
    let (_, tried) = findings(&operator, &["--apps"]);
    assert_eq!(wrong(&tried), ["app wx-new", "app wx-old"]);
    assert!(tried[6].2.contains("61023") && tried[6].2.len() > 60, "with advice: {tried:?}");
    assert!(!format!("{tried:?}").to_lowercase().contains("canary"));
    let asked = paths.try_iter().filter(|path| path.contains("api_component_token")).count();
    assert_eq!(asked, 1, "no token is fetched while one is there");
}
