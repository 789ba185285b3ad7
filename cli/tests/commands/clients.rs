//! `wxgate client …`.

use serde_json::{Value, json};
use wxgate_secret::Secret;
use wxgate_signing::WebhookSecret;
use wxgate_store::clock::now_ms;
use wxgate_store::model::operate::Client;

use crate::operator::{APP, Operator};

/// The key 00 01 02 … 17.
const WHSEC: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

fn only_client(operator: &Operator) -> Value {
    let clients = operator.json(&["client", "list"]);
    assert_eq!(clients.as_array().unwrap().len(), 1);
    clients[0].clone()
}

#[test]
fn secrets_that_are_not_given_are_made_and_shown_once() {
    let operator = Operator::with_shop();
    let added = operator.json(&["client", "add", "--code", "till", "--app-id", APP]);
    let (secret, callback) = (&added["made_secret"], &added["made_callback_secret"]);
    assert_eq!(secret.as_str().unwrap().len(), 64);
    WebhookSecret::parse(&Secret::new(callback.as_str().unwrap())).unwrap();

    let kept = operator.store().call(async |store| store.directory().await.unwrap().clients["till"].clone());
    assert_eq!(kept.secret.as_ref().unwrap().expose(), secret.as_str().unwrap());
    assert_eq!(kept.callback_secret.as_ref().unwrap().expose(), callback.as_str().unwrap());

    for command in [vec!["client", "list"], vec!["client", "set", "--code", "till", "--open"]] {
        for said in [operator.does(&command), operator.json(&command).to_string()] {
            assert!(!said.contains(secret.as_str().unwrap()) && !said.contains("whsec_"), "{said}");
        }
    }
}

#[test]
fn secrets_that_are_given_are_not_shown_at_all() {
    let operator = Operator::with_shop();
    let add = ["client", "add", "--app-id", APP, "--secret", "canary", "--callback-secret", WHSEC, "--code"];
    for (code, json) in [("a", ["--json"].as_slice()), ("b", &[])] {
        let said = operator.does(&[&add[..], &[code], json].concat());
        assert!(!said.contains("canary") && !said.contains("whsec_"), "{said}");
    }
    let kept = operator.store().call(async |store| store.directory().await.unwrap().clients["a"].clone());
    assert_eq!(kept.secret.as_ref().unwrap().expose(), "canary");
    assert_eq!(kept.callback_secret.as_ref().unwrap().expose(), WHSEC);
}

#[test]
fn secrets_are_read_line_by_line_from_standard_input() {
    let operator = Operator::with_shop();
    let set = ["client", "set", "--code", "shop", "--callback-secret", "-", "--secret", "-"];
    let said = operator.types_and_pastes(&set, &format!("{WHSEC}\r\n-\nmore"));
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let kept = operator.store().call(async |store| store.directory().await.unwrap().clients["shop"].clone());
    assert_eq!(kept.secret.as_ref().unwrap().expose(), "-");
    assert_eq!(kept.callback_secret.as_ref().unwrap().expose(), WHSEC);

    let said = operator.types_and_pastes(&set, &format!("{WHSEC}\n"));
    assert_ne!(said.code, 0);
    assert!(said.err.contains("--secret must not be blank"), "{}", said.err);
}

#[test]
fn a_new_client_may_call_all_that_hands_out_no_secrets() {
    let expected = json!({
        "code": "shop", "app_id": APP, "open": true, "secret": "set", "allow": ["*"],
        "callback_secret": "set", "callback_format": "form", "signing": "both", "ambiguous": "resend",
    });
    assert_eq!(only_client(&Operator::with_shop()), expected);
}

#[test]
fn set_changes_what_is_named_and_nothing_else() {
    let operator = Operator::with_shop();
    operator.does(&["app", "add", "--app-id", "wx2", "--secret", "s"]);
    let mut expected = only_client(&operator);
    for (change, field, value) in [
        (["--closed"].as_slice(), "open", json!(false)),
        (&["--open"], "open", json!(true)),
        (&["--no-secret"], "secret", json!("missing")),
        (&["--secret", "s"], "secret", json!("set")),
        (&["--allow", "async_send_tpl,get_job_status"], "allow", json!(["async_send_tpl", "get_job_status"])),
        (&["--allow", "*,get_drawboard_data"], "allow", json!(["*", "get_drawboard_data"])),
        (&["--callback-format", "json"], "callback_format", json!("json")),
        (&["--signing", "hmac"], "signing", json!("hmac")),
        (&["--ambiguous", "fail"], "ambiguous", json!("fail")),
        (&["--app-id", "wx2"], "app_id", json!("wx2")),
    ] {
        operator.does(&[&["client", "set", "--code", "shop"], change].concat());
        expected[field] = value;
        assert_eq!(only_client(&operator), expected, "{change:?}");
    }
}

fn kept(operator: &Operator) -> Client {
    operator.store().call(async |store| store.directory().await.unwrap().clients["shop"].as_ref().clone())
}

#[test]
fn a_rotated_secret_is_made_and_shown_once_and_the_former_one_counts_for_a_day() {
    let operator = Operator::with_shop();
    let now = now_ms() / 1000;
    let said = operator.json(&["client", "rotate", "--code", "shop", "secret"]);
    let (made, until) = (&said["made_secret"], said["client"]["former_secret_until"].as_i64().unwrap());
    assert!((86_400..86_460).contains(&(until - now)), "{said}");
    let client = kept(&operator);
    assert_eq!(client.secret.as_ref().unwrap().expose(), made.as_str().unwrap());
    assert_eq!(client.former_secret_at(now * 1000).unwrap().expose(), "client-canary");
    let listed = operator.does(&["client", "list"]);
    assert!(listed.contains(", former until 2") && !listed.contains(made.as_str().unwrap()), "{listed}");

    operator.does(&["client", "set", "--code", "shop", "--no-former"]);
    assert!(kept(&operator).former_secret.is_none());
    assert_eq!(only_client(&operator)["former_secret_until"], Value::Null);
}

#[test]
fn a_callback_secret_is_rotated_to_what_is_given_and_for_as_long_as_is_said() {
    let operator = Operator::with_shop();
    operator.does(&["client", "set", "--code", "shop", "--callback-secret", WHSEC]);
    let rotate = ["client", "rotate", "--code", "shop", "callback-secret", "--grace-hours", "1", "--to"];
    let other = WHSEC.replace("AAEC", "ZZEC");
    let said = operator.does(&[&rotate[..], &[&other]].concat());
    assert!(!said.contains("whsec_"), "{said}");
    let client = kept(&operator);
    let former = client.former_callback_secret_at(now_ms() + 3_590_000).unwrap();
    assert_eq!((client.callback_secret.as_ref().unwrap().expose(), former.expose()), (&*other, WHSEC));

    for (more, reason) in [(WHSEC, "--no-former"), ("canary", "--no-former")] {
        assert!(operator.is_refused(&[&rotate[..], &[more]].concat()).contains(reason));
    }
    operator.does(&["client", "set", "--code", "shop", "--no-former"]);
    assert!(operator.is_refused(&[&rotate[..], &["canary"]].concat()).contains("--to cannot be used"));
}

#[test]
fn refusals_say_why_and_change_nothing() {
    let operator = Operator::with_shop();
    let add = ["client", "add", "--app-id", APP, "--code"];
    let set = ["client", "set", "--code", "shop"];
    for (command, reason) in [
        ([&add[..], &["shop"]].concat(), "there is a client shop already"),
        ([&add[..], &["a b"]].concat(), "letters, digits"),
        (vec!["client", "add", "--code", "till"], "--app-id"),
        (vec!["client", "add", "--code", "till", "--app-id", "wx2"], "there is no app wx2"),
        ([&set[..], &["--app-id", "wx2"]].concat(), "there is no app wx2"),
        ([&set[..], &["--secret", ""]].concat(), "--secret must not be blank"),
        ([&set[..], &["--allow", "async_send_tpl,nothing"]].concat(), "there is no such interface"),
        ([&set[..], &["--callback-secret", "canary"]].concat(), "begins with whsec_"),
        ([&set[..], &["--callback-secret", "whsec_Y2FuYXJ5"]].concat(), "24 to 64 bytes, not 6"),
        ([&set[..], &["--callback-format", "xml"]].concat(), "form, json"),
        ([&set[..], &["--signing", "none"]].concat(), "md5, hmac, both"),
        ([&set[..], &["--ambiguous", "ask"]].concat(), "resend, fail"),
        ([&set[..], &["--open", "--closed"]].concat(), "cannot be used with"),
        (vec!["client", "set", "--code", "till", "--closed"], "there is no client till"),
        (vec!["client", "remove", "--code", "till"], "there is no client till"),
    ] {
        let said = operator.is_refused(&command);
        assert!(said.contains(reason) && !said.contains("canary"), "{command:?}: {said}");
    }
}

#[test]
fn a_removed_client_is_gone() {
    let operator = Operator::with_shop();
    operator.does(&["client", "remove", "--code", "shop"]);
    assert_eq!(operator.json(&["client", "list"]), json!([]));
    operator.does(&["app", "remove", "--app-id", APP]);
}
