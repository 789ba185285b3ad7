//! `wxgate app …`.

use std::fs;
use std::time::Duration;

use wxgate_job::Failure;
use wxgate_job::decide::Gate;
use wxgate_store::model::operate::GateOrder;

use crate::operator::{AES_KEY, APP, Operator};

fn with_everything() -> Operator {
    let operator = Operator::new();
    operator.does(&[
        "app",
        "add",
        "--app-id",
        APP,
        "--secret",
        "app-canary",
        "--event-token",
        "tokencanary",
        "--aes-key",
        AES_KEY,
        "--token",
        "stable",
        "--rate",
        "20",
        "--concurrency",
        "5",
        "--safe-push-only",
    ]);
    operator
}

#[test]
fn an_app_is_kept_as_it_was_added() {
    let apps = with_everything().json(&["app", "list"]);
    let expected = serde_json::json!([{
        "app_id": APP, "enabled": true, "secret": "set", "token": "stable", "event_token": "set",
        "aes_key": "set", "component_appid": null, "authorised": null, "safe_push_only": true, "rate": 20, "concurrency": 5, "closed": [],
    }]);
    assert_eq!(apps, expected);
}

#[test]
fn set_changes_what_is_named_and_nothing_else() {
    let operator = with_everything();
    let mut expected = operator.json(&["app", "list"])[0].clone();
    for (change, field, value) in [
        (["--disabled"].as_slice(), "enabled", serde_json::json!(false)),
        (&["--no-secret"], "secret", "missing".into()),
        (&["--secret", "s"], "secret", "set".into()),
        (&["--enabled"], "enabled", true.into()),
        (&["--rate", "none"], "rate", serde_json::Value::Null),
        (&["--token", "normal"], "token", "normal".into()),
        (&["--safe-push-only=false"], "safe_push_only", false.into()),
        (&[], "safe_push_only", false.into()),
    ] {
        operator.does(&[&["app", "set", "--app-id", APP], change].concat());
        expected[field] = value;
        assert_eq!(operator.json(&["app", "list"])[0], expected, "{change:?}");
    }
}

#[test]
fn no_secret_is_ever_shown_or_kept_in_the_clear() {
    let operator = with_everything();
    for command in [vec!["app", "list"], vec!["app", "list", "--json"], vec!["app", "set", "--app-id", APP]] {
        assert!(!operator.does(&command).to_lowercase().contains("canary"), "{command:?}");
    }
    let kept = fs::read_dir(operator.path("data")).unwrap();
    for file in kept.map(|file| fs::read(file.unwrap().path()).unwrap()) {
        assert!(!file.to_ascii_lowercase().windows(6).any(|bytes| bytes == b"canary"));
    }
}

#[test]
fn refusals_say_why_and_change_nothing() {
    let operator = with_everything();
    let long = "x".repeat(65);
    let add = ["app", "add", "--app-id"];
    let set = ["app", "set", "--app-id", APP];
    for (command, reason) in [
        ([&add[..], &[APP, "--secret", "s"]].concat(), "there is an app wx5andb0x00000001 already"),
        ([&add[..], &["wx2"]].concat(), "--secret"),
        ([&add[..], &["wx2", "--secret", " "]].concat(), "--secret must not be blank"),
        ([&add[..], &["a/b", "--secret", "s"]].concat(), "letters, digits"),
        ([&add[..], &[&long, "--secret", "s"]].concat(), "letters, digits"),
        ([&add[..], &["wx2", "--secret", "s", "--aes-key", AES_KEY]].concat(), "needs --event-token"),
        ([&add[..], &["wx2", "--secret", "s", "--safe-push-only"]].concat(), "needs --aes-key"),
        ([&set[..], &["--aes-key", "canary"]].concat(), "43 letters and digits"),
        ([&set[..], &["--event-token", "ab"]].concat(), "3 to 32"),
        ([&set[..], &["--token", "other"]].concat(), "normal, stable"),
        ([&set[..], &["--rate", "0"]].concat(), "whole number from 1"),
        ([&set[..], &["--enabled", "--disabled"]].concat(), "cannot be used with"),
        ([&set[..], &["--secret", "s", "--no-secret"]].concat(), "cannot be used with"),
        ([&add[..], &["wx2", "--component-appid", "wxp"]].concat(), "there is no platform wxp"),
        ([&set[..], &["--component-appid", "wxp"]].concat(), "there is no platform wxp"),
        ([&set[..], &["--refresh-token", "canary"]].concat(), "needs --component-appid"),
        ([&set[..], &["--no-component", "--component-appid", "wxp"]].concat(), "cannot be used with"),
        (vec!["app", "set", "--app-id", "wx2", "--secret", "s"], "there is no app wx2"),
        (vec!["app", "remove", "--app-id", "wx2"], "there is no app wx2"),
    ] {
        let said = operator.is_refused(&command);
        assert!(said.contains(reason) && !said.contains("canary"), "{command:?}: {said}");
    }
}

#[test]
fn an_app_that_clients_act_for_is_removed_only_when_confirmed() {
    let operator = Operator::with_shop();
    let remove = ["app", "remove", "--app-id", APP];
    assert!(operator.is_refused(&remove).contains("(shop)"));
    operator.does(&[&remove[..], &["--yes"]].concat());
    assert_eq!(operator.json(&["app", "list"]), serde_json::json!([]));
    operator.does(&["client", "set", "--code", "shop", "--closed"]);
}

#[test]
fn a_suspended_app_says_why_until_it_is_set() {
    let operator = with_everything();
    let failure = Failure::new("wechat", "invalid ip 203.0.113.7").with_errcode(40164);
    operator.store().call(async |store| {
        for kind in ["", "async_send_tpl"] {
            let gate = Gate::Suspended;
            let (app_id, kind, failure) = (APP.to_owned(), kind.to_owned(), failure.clone());
            let order = GateOrder { app_id, kind, gate, failure, probe_in: Duration::from_mins(5) };
            store.close_gate(&order).await.unwrap();
        }
    });
    let closed = operator.json(&["app", "list"])[0]["closed"].clone();
    assert_eq!(closed.as_array().unwrap().len(), 2);
    assert_eq!((&closed[0]["reason"], &closed[0]["errcode"]), (&"suspended".into(), &40164.into()));
    let text = operator.does(&["app", "list"]);
    assert!(text.contains("suspended since") && text.contains("invalid ip 203.0.113.7"), "{text}");

    operator.does(&["app", "set", "--app-id", APP, "--secret", "right"]);
    assert_eq!(operator.json(&["app", "list"])[0]["closed"], serde_json::json!([]));
}

#[test]
fn an_app_on_a_platform_needs_no_secret_and_says_whether_it_is_authorised() {
    let operator = Operator::new();
    operator.with_platform("wxp");
    let shows = |platform: serde_json::Value, authorised: serde_json::Value| {
        let app = operator.json(&["app", "list"])[0].clone();
        assert_eq!((&app["component_appid"], &app["authorised"]), (&platform, &authorised), "{app}");
    };
    operator.does(&["app", "add", "--app-id", APP, "--component-appid", "wxp", "--safe-push-only"]);
    shows("wxp".into(), false.into());
    assert!(operator.does(&["app", "list"]).contains("on platform wxp, which it has not authorised (114)"));

    let set = ["app", "set", "--app-id", APP];
    let said = operator.json(&[&set[..], &["--refresh-token", "refresh-canary"]].concat());
    assert_eq!(said["app"]["authorised"], true);
    shows("wxp".into(), true.into());
    assert!(operator.does(&["app", "list"]).contains("on platform wxp, authorised"));
    assert!(operator.is_refused(&[&set[..], &["--no-component"]].concat()).contains("needs --aes-key"));
    operator.does(&[&set[..], &["--no-component", "--safe-push-only=false"]].concat());
    shows(serde_json::Value::Null, serde_json::Value::Null);
}

#[test]
fn an_app_whose_platform_was_removed_can_still_be_changed() {
    let operator = Operator::new();
    operator.with_platform("wxp");
    operator.does(&["app", "add", "--app-id", APP, "--component-appid", "wxp", "--refresh-token", "canary"]);
    operator.does(&["component", "remove", "--component-appid", "wxp", "--yes"]);
    let said = operator.json(&["app", "set", "--app-id", APP, "--rate", "5"]);
    assert_eq!((&said["app"]["rate"], &said["app"]["authorised"]), (&5.into(), &false.into()));
}
