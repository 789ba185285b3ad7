//! `wxgate jobs …`.

use serde_json::{Value, json};
use wxgate_job::{JobId, JobState};

use crate::operator::{APP, Operator};

fn ids(list: &Value) -> Vec<i64> {
    list.as_array().unwrap().iter().map(|job| job["job_id"].as_i64().unwrap()).collect()
}

fn text(id: JobId) -> String {
    id.to_string()
}

#[test]
fn jobs_are_listed_newest_first_by_any_filter() {
    let operator = Operator::with_shop();
    let store = operator.store();
    let failed = store.ended("shop", "openid-1", JobState::Failed).get();
    let queued = store.queued("shop", "openid-1").get();
    let other = store.queued("till", "openid-2").get();
    for (filter, expected) in [
        (vec![], vec![other, queued, failed]),
        (vec!["--state", "failed"], vec![failed]),
        (vec!["--client", "till"], vec![other]),
        (vec!["--app", APP, "--subject", "openid-1"], vec![queued, failed]),
        (vec!["--app", "wx2"], vec![]),
        (vec!["--limit", "1"], vec![other]),
        (vec!["--limit", "1", "--before", &other.to_string()], vec![queued]),
    ] {
        let list = operator.json(&[&["jobs", "list"], filter.as_slice()].concat());
        assert_eq!(ids(&list), expected, "{filter:?}");
    }
    assert!(operator.is_refused(&["jobs", "list", "--state", "lost"]).contains("is no job state"));
    assert!(operator.is_refused(&["jobs", "list", "--limit", "0"]).contains("1..=10000"));
}

#[test]
fn the_table_fits_100_columns_and_tells_local_time() {
    let operator = Operator::with_shop();
    let id = operator.store().ended(&"c".repeat(64), "openid", JobState::Failed);
    let table = operator.does(&["jobs", "list"]);
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
    assert!(
        table.contains(&format!("{id} ")) && table.contains("failed") && table.contains("wechat 40037"),
        "{table}"
    );
    assert!(table.contains("+08:00"), "{table}");
}

#[test]
fn a_job_is_shown_with_its_attempts_and_callbacks() {
    let operator = Operator::with_shop();
    let id = operator.store().ended("shop", "openid-1", JobState::Failed);
    let job = operator.json(&["jobs", "show", &text(id)]);
    assert_eq!(job["state"], "failed");
    assert_eq!(job["payload"], json!({"touser": "值"}));
    assert_eq!(job["error"]["errcode"], 40037);
    let attempt =
        json!({"at": 1_459_817_487, "took_ms": 12, "outcome": "failed", "code": 40037, "message": ""});
    assert_eq!(job["history"], json!([attempt]));
    assert_eq!(job["callbacks"][0]["state"], "exhausted");

    let shown = operator.does(&["jobs", "show", &text(id)]);
    for part in ["openid-1", "2016-04-05T08:51:27+08:00", "40037", "https://shop.example/hook", "503"] {
        assert!(shown.contains(part), "{part} is missing: {shown}");
    }
    assert!(operator.is_refused(&["jobs", "show", "4711"]).contains("there is no job 4711"));
    assert!(operator.is_refused(&["jobs", "show", "0"]).contains("between 1 and"));
}

#[test]
fn named_jobs_are_retried_and_the_others_say_why_not() {
    let operator = Operator::with_shop();
    let store = operator.store();
    let failed = store.ended("shop", "openid", JobState::Failed);
    let done = store.ended("shop", "openid", JobState::Succeeded);
    let said = operator.types(&["jobs", "retry", &text(failed), &text(done), "4711", "--json"]);
    assert_eq!(
        (said.code, store.state(failed), store.state(done)),
        (1, JobState::Queued, JobState::Succeeded)
    );
    let tally: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(tally["done"], 1);
    let reasons = tally["refused"].to_string();
    assert!(reasons.contains("it is succeeded") && reasons.contains("there is no such job"), "{reasons}");
    assert!(said.err.contains("2 of 3 were not retried"), "{}", said.err);
}

#[test]
fn all_failed_jobs_of_a_client_are_retried_only_when_confirmed() {
    let operator = Operator::with_shop();
    let store = operator.store();
    let shops: Vec<_> = (0..3).map(|_| store.ended("shop", "openid", JobState::Failed)).collect();
    let other = store.ended("till", "openid", JobState::Failed);
    let retry = ["jobs", "retry", "--all-failed", "--client", "shop"];
    assert!(operator.is_refused(&retry).contains("3 would be retried; say --yes"));
    assert!(shops.iter().all(|&id| store.state(id) == JobState::Failed));

    assert_eq!(operator.json(&[&retry[..], &["--yes"]].concat()), json!({"done": 3, "refused": []}));
    assert!(shops.iter().all(|&id| store.state(id) == JobState::Queued));
    assert_eq!(store.state(other), JobState::Failed);
    assert_eq!(operator.json(&retry)["done"], 0, "nothing is left to confirm");
}

#[test]
fn jobs_are_cancelled_while_they_are_queued() {
    let operator = Operator::with_shop();
    let store = operator.store();
    let [first, second] = [(); 2].map(|()| store.queued("shop", "openid"));
    let done = store.ended("shop", "openid", JobState::Succeeded);
    assert_eq!(operator.json(&["jobs", "cancel", &text(first)])["done"], 1);
    assert_eq!(store.state(first), JobState::Cancelled);
    assert!(operator.is_refused(&["jobs", "cancel", &text(done)]).contains("1 of 1 were not cancelled"));

    assert!(operator.is_refused(&["jobs", "cancel", "--all-queued"]).contains("1 would be cancelled"));
    assert_eq!(operator.json(&["jobs", "cancel", "--all-queued", "--yes"])["done"], 1);
    assert_eq!((store.state(second), store.state(done)), (JobState::Cancelled, JobState::Succeeded));
}

#[test]
fn names_and_filters_are_not_mixed() {
    let operator = Operator::with_shop();
    for (command, reason) in [
        (["jobs", "retry"].as_slice(), "ID"),
        (&["jobs", "retry", "1", "--all-failed"], "cannot be used with"),
        (&["jobs", "retry", "1", "--client", "shop"], "go with --all-failed"),
        (&["jobs", "cancel", "1", "--app", APP], "go with --all-queued"),
        (&["jobs", "cancel", "1", "--yes"], "--all-queued"),
    ] {
        let said = operator.is_refused(command);
        assert!(said.contains(reason), "{command:?}: {said}");
    }
}

#[test]
fn prune_deletes_old_finished_jobs_alone() {
    let operator = Operator::with_shop();
    let store = operator.store();
    store.ended("shop", "openid", JobState::Succeeded);
    let queued = store.queued("shop", "openid");
    assert_eq!(operator.json(&["jobs", "prune", "--older-than", "1"])["deleted"], 0);
    assert_eq!(operator.json(&["jobs", "prune", "--older-than", "0"])["deleted"], 1);
    assert_eq!(ids(&operator.json(&["jobs", "list"])), [queued.get()]);
}
