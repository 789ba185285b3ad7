//! Settings, the first start, the key.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use crate::operator::{APP, KEY, Operator};

#[test]
fn migrate_sets_up_an_embedded_store_once() {
    let operator = Operator::new();
    let first = operator.json(&["migrate"]);
    assert_eq!(first["schema"], "brought_up_to_date");
    assert_eq!((&first["made_folder"], &first["made_key"]), (&"data".into(), &"data/secret.key".into()));
    let key = fs::read(operator.path("data/secret.key")).unwrap();

    let second = operator.json(&["migrate"]);
    assert_eq!(second["schema"], "was_up_to_date");
    assert!(second["made_folder"].is_null() && second["made_key"].is_null());
    assert_eq!(fs::read(operator.path("data/secret.key")).unwrap(), key);
}

#[test]
fn what_is_kept_is_for_its_owner_alone() {
    let operator = Operator::with_shop();
    let mode = |below| fs::metadata(operator.path(below)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("data"), 0o700);
    assert_eq!((mode("data/secret.key"), mode("data/wxgate.db")), (0o600, 0o600));
}

#[test]
fn a_newcomer_can_add_an_app_before_the_first_start() {
    let operator = Operator::new();
    operator.does(&["app", "add", "--app-id", APP, "--secret", "s"]);
    assert!(operator.does(&["app", "list"]).contains(APP));
}

#[test]
fn many_first_commands_at_once_set_up_one_store() {
    let operator = Operator::new();
    let add = |n: usize| {
        let id = format!("wx{n}");
        let mut command = operator.command(&["app", "add", "--app-id", &id, "--secret", "s"]);
        command.stdout(Stdio::null()).spawn().unwrap()
    };
    let started: Vec<_> = (0..6).map(add).collect();
    for mut command in started {
        assert!(command.wait().unwrap().success());
    }
    assert_eq!(operator.json(&["app", "list"]).as_array().unwrap().len(), 6);
}

#[test]
fn an_unknown_setting_is_named_and_nothing_is_done() {
    let operator = Operator::new().setting("WXGATE_LISTN", "127.0.0.1:1").setting("WXGATE_CONCURRENCY", "0");
    for command in [vec!["serve"], vec!["migrate"], vec!["app", "list"], vec!["sign", "a=1", "--secret", "s"]]
    {
        let said = operator.types(&command);
        assert_eq!(said.code, 1, "{command:?}");
        assert!(said.err.contains("error: WXGATE_LISTN is not a setting"), "{}", said.err);
        assert!(said.err.contains("error: WXGATE_CONCURRENCY is '0'"), "{}", said.err);
    }
    assert!(!operator.path("data").exists());
}

#[test]
fn a_mixed_pairing_is_refused() {
    let operator = Operator::new().setting("WXGATE_AMQP_URL", "amqp://guest:canary@127.0.0.1");
    let said = operator.types(&["migrate"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("WXGATE_AMQP_URL must not be given with SQLite"), "{}", said.err);
    assert!(!said.err.contains("canary"));
    assert!(!operator.path("data").exists());
}

#[test]
fn a_wrong_key_is_refused() {
    let operator = Operator::with_shop().setting("WXGATE_SECRET_KEY", KEY);
    for command in [["app", "list"].as_slice(), &["migrate"], &["serve"]] {
        let said = operator.types(command);
        assert_eq!(said.code, 1, "{command:?}");
        assert!(said.err.contains("WXGATE_SECRET_KEY is not the key"), "{command:?}: {}", said.err);
        assert!(!said.err.contains(KEY));
    }
}

#[test]
fn a_key_can_leave_the_list_after_migrate() {
    let operator = Operator::with_shop();
    let old = fs::read_to_string(operator.path("data/secret.key")).unwrap();
    let both = operator.setting("WXGATE_SECRET_KEY", &format!("{KEY},{}", old.trim()));
    let said = both.json(&["migrate"]);
    // The app's secret, two of the client's, the check value.
    assert_eq!((&said["schema"], &said["sealed_anew"]), (&"was_up_to_date".into(), &4.into()));
    assert_eq!(both.json(&["migrate"])["sealed_anew"], 0);

    let new = both.setting("WXGATE_SECRET_KEY", KEY);
    assert!(new.does(&["app", "list"]).contains(APP));
    assert!(new.does(&["client", "list"]).contains("shop"));
}

#[test]
fn a_lost_key_is_not_replaced() {
    let operator = Operator::with_shop();
    fs::rename(operator.path("data/secret.key"), operator.path("kept")).unwrap();
    for command in [["app", "list"].as_slice(), &["migrate"]] {
        let said = operator.types(command);
        assert_eq!(said.code, 1, "{command:?}");
        assert!(said.err.contains("bring back data/secret.key"), "{}", said.err);
    }
    assert!(!operator.path("data/secret.key").exists());

    fs::rename(operator.path("kept"), operator.path("data/secret.key")).unwrap();
    operator.does(&["app", "list"]);
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let operator = Operator::with_shop();
    let key = operator.path("data/secret.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(operator.types(&["app", "list"]).err.contains("run 'chmod 600 data/secret.key'"));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    operator.does(&["app", "list"]);
}

#[test]
fn a_database_without_a_schema_is_refused_until_it_is_migrated() {
    let operator = Operator::new().setting("WXGATE_SECRET_KEY", KEY);
    fs::create_dir(operator.path("data")).unwrap();
    fs::write(operator.path("data/wxgate.db"), "").unwrap();
    let said = operator.types(&["app", "list"]);
    assert!(said.code == 1 && said.err.contains("run 'wxgate migrate'"), "{said:?}");
    operator.does(&["migrate"]);
    operator.does(&["app", "list"]);
    assert!(!operator.path("data/secret.key").exists(), "the key was given");
}

#[test]
fn wrong_usage_exits_with_2_and_with_json_says_so_in_json() {
    let operator = Operator::new();
    let said = operator.types(&["client", "add"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("--code"));

    let said = operator.types(&["client", "add", "--json"]);
    let error: serde_json::Value = serde_json::from_str(&said.err).unwrap();
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(error["error"].as_str().unwrap().contains("--code"));
}
