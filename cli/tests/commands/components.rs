//! `wxgate component …`.

use std::fs;
use std::sync::mpsc;
use std::time::Duration;

use serde_json::json;
use wxgate_job::Failure;
use wxgate_job::decide::Gate;
use wxgate_secret::Secret;
use wxgate_store::model::operate::GateOrder;

use crate::operator::{AES_KEY, Operator};
use crate::wechat::FakeWeChat;

const SET: [&str; 4] = ["component", "set", "--component-appid", "wxp"];

fn with_platform() -> Operator {
    let operator = Operator::new();
    operator.with_platform("wxp");
    operator
}

#[test]
fn a_platform_is_listed_with_its_ticket_and_its_apps() {
    let operator = with_platform();
    let mut expected = json!([{
        "component_appid": "wxp", "secret": "set", "token": "set", "aes_key": "set",
        "verify_ticket": "missing", "apps": [],
    }]);
    assert_eq!(operator.json(&["component", "list"]), expected);

    operator.push_ticket("wxp");
    operator.does(&["app", "add", "--app-id", "wx2", "--component-appid", "wxp"]);
    operator.does(&["app", "add", "--app-id", "wx1", "--component-appid", "wxp", "--refresh-token", "R"]);
    operator.does(&["app", "add", "--app-id", "wx3", "--secret", "s"]);
    expected[0]["verify_ticket"] = "set".into();
    expected[0]["apps"] =
        json!([{ "app_id": "wx1", "authorised": true }, { "app_id": "wx2", "authorised": false }]);
    assert_eq!(operator.json(&["component", "list"]), expected);
}

#[test]
fn set_changes_what_is_named_and_keeps_the_ticket() {
    let operator = with_platform();
    operator.push_ticket("wxp");
    operator.does(&[&SET[..], &["--secret", "new", "--token", "newtoken"]].concat());
    let directory = operator.store().call(async |store| store.directory().await.unwrap());
    let kept = &directory.components["wxp"];
    assert_eq!([&kept.secret, &kept.token, &kept.aes_key].map(Secret::expose), ["new", "newtoken", AES_KEY]);
    assert_eq!(kept.verify_ticket.as_ref().unwrap().expose(), "ticket-canary");
}

#[test]
fn no_secret_is_ever_shown_or_kept_in_the_clear() {
    let operator = with_platform();
    operator.push_ticket("wxp");
    let app = ["app", "add", "--app-id", "wx1", "--component-appid", "wxp", "--refresh-token"];
    let mut said = operator.does(&[&app[..], &["refresh-canary", "--json"]].concat());
    for command in [&["component", "list"][..], &["component", "list", "--json"], &["app", "list"], &SET] {
        said += &operator.does(command);
    }
    assert!(!said.to_lowercase().contains("canary"), "{said}");
    let kept = fs::read_dir(operator.path("data")).unwrap();
    for file in kept.map(|file| fs::read(file.unwrap().path()).unwrap()) {
        assert!(!file.to_ascii_lowercase().windows(6).any(|bytes| bytes == b"canary"));
    }
}

#[test]
fn refusals_say_why_and_change_nothing() {
    let operator = with_platform();
    let add = ["component", "add", "--secret", "s", "--token", "canary", "--aes-key", AES_KEY];
    let authorize = ["component", "authorize", "--component-appid"];
    for (command, reason) in [
        ([&add[..], &["--component-appid", "wxp"]].concat(), "there is a platform wxp already"),
        ([&add[..], &["--component-appid", "a/b"]].concat(), "letters, digits"),
        (add.to_vec(), "--component-appid"),
        (vec!["component", "add", "--component-appid", "wx2"], "--secret"),
        ([&SET[..], &["--secret", " canary"]].concat(), "--secret must not be blank"),
        ([&SET[..], &["--token", "c"]].concat(), "--token must be 3 to 32"),
        ([&SET[..], &["--aes-key", "canary"]].concat(), "43 letters and digits"),
        (vec!["component", "set", "--component-appid", "wx2"], "there is no platform wx2"),
        (vec!["component", "remove", "--component-appid", "wx2"], "there is no platform wx2"),
        (
            [&authorize[..], &["wx2", "--redirect-uri", "https://a.example/"]].concat(),
            "there is no platform wx2",
        ),
        ([&authorize[..], &["wxp", "--redirect-uri", "a.example"]].concat(), "no web address"),
        ([&authorize[..], &["wxp", "--redirect-uri", "javascript:x"]].concat(), "http or https"),
    ] {
        let said = operator.is_refused(&command);
        assert!(said.contains(reason) && !said.contains("canary"), "{command:?}: {said}");
    }
}

#[test]
fn a_platform_that_apps_are_on_is_removed_only_when_confirmed() {
    let operator = with_platform();
    operator.does(&["app", "add", "--app-id", "wx1", "--component-appid", "wxp"]);
    let remove = ["component", "remove", "--component-appid", "wxp"];
    assert!(operator.is_refused(&remove).contains("(wx1)"));
    operator.does(&[&remove[..], &["--yes"]].concat());
    assert_eq!(operator.json(&["component", "list"]), json!([]));
}

#[test]
fn setting_a_platform_lets_its_suspended_apps_be_tried_at_once() {
    let operator = with_platform();
    operator.does(&["app", "add", "--app-id", "wx1", "--component-appid", "wxp"]);
    operator.store().call(async |store| {
        for app in ["wx1", "wx2"] {
            let failure = Failure::new("wechat", "no right").with_errcode(61007);
            let (app_id, kind, gate) = (app.to_owned(), String::new(), Gate::Suspended);
            let order = GateOrder { app_id, kind, gate, failure, probe_in: Duration::from_mins(5) };
            store.close_gate(&order).await.unwrap();
        }
    });
    operator.does(&SET);
    let gates = operator.store().call(async |store| store.directory().await.unwrap().gates);
    assert_eq!(gates.iter().map(|gate| gate.app_id.as_str()).collect::<Vec<_>>(), ["wx2"]);
}

#[test]
fn the_link_carries_a_fresh_code_once_wechat_has_pushed_a_ticket() {
    let (sender, bodies) = mpsc::channel();
    let wechat = FakeWeChat::start(move |path, body| {
        sender.send(body.to_owned()).unwrap();
        match path.split('?').next() {
            Some("/cgi-bin/component/api_component_token") => {
                r#"{"component_access_token":"TOKEN-CANARY","expires_in":7200}"#.to_owned()
            }
            _ => r#"{"pre_auth_code":"preauthcode@@@x","expires_in":600}"#.to_owned(),
        }
    });
    let operator = Operator::new()
        .setting("WXGATE_WECHAT_API_BASE", &wechat.base)
        .setting("WXGATE_WECHAT_MP_BASE", "https://mp.example")
        .setting("WXGATE_PUBLIC_URL", "https://gate.example");
    operator.with_platform("wxp");
    let authorize =
        ["component", "authorize", "--component-appid", "wxp", "--redirect-uri", "https://a.example/?b=1"];
    let said = operator.is_refused(&authorize);
    assert!(said.contains("https://gate.example/wx_service/component/wxp"), "{said}");
    assert!(bodies.try_recv().is_err(), "WeChat is not asked in vain");

    operator.push_ticket("wxp");
    let page = operator.json(&authorize);
    let expected = "https://mp.example/cgi-bin/componentloginpage?component_appid=wxp\
                    &pre_auth_code=preauthcode%40%40%40x&redirect_uri=https%3A%2F%2Fa.example%2F%3Fb%3D1&auth_type=1";
    assert_eq!(page["url"], expected);
    assert!(bodies.try_recv().unwrap().contains(r#""component_verify_ticket":"ticket-canary""#));
    assert!(operator.does(&authorize).ends_with(&format!("{expected}\n")));
}

#[test]
fn a_refusal_of_wechats_comes_with_advice() {
    let wechat =
        FakeWeChat::start(|_, _| r#"{"errcode":61006,"errmsg":"component ticket is invalid"}"#.to_owned());
    let operator = Operator::new().setting("WXGATE_WECHAT_API_BASE", &wechat.base);
    operator.with_platform("wxp");
    operator.push_ticket("wxp");
    let authorize =
        ["component", "authorize", "--component-appid", "wxp", "--redirect-uri", "https://a.example/"];
    let said = operator.is_refused(&authorize);
    assert!(said.contains("61006") && said.len() > 60, "with advice: {said}");
}
