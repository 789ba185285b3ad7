//! `wxgate callbacks …`.

use serde_json::Value;
use wxgate_job::JobState;
use wxgate_store::model::callback::CallbackState;

use crate::operator::{OpenStore, Operator};

fn names(operator: &Operator, arguments: &[&str]) -> Vec<String> {
    let list = operator.json(&[&["callbacks", "list"], arguments].concat());
    list.as_array()
        .unwrap()
        .iter()
        .map(|callback| callback["callback"].as_str().unwrap().to_owned())
        .collect()
}

fn states(store: &OpenStore, jobs: &[wxgate_job::JobId]) -> Vec<CallbackState> {
    let state =
        |&job| store.call(async |store| store.views(&[job]).await.unwrap()[0].callback.unwrap().state);
    jobs.iter().map(state).collect()
}

#[test]
fn given_up_callbacks_are_listed_and_sent_again_by_name_or_job() {
    let operator = Operator::with_shop();
    let store = operator.store();
    let jobs = [(); 3].map(|()| store.ended("shop", "openid", JobState::Failed));
    let listed = names(&operator, &[]);
    assert_eq!(listed.len(), 3);
    assert_eq!(names(&operator, &["--before", &jobs[2].to_string(), "--limit", "1"]), listed[1..2]);
    let table = operator.does(&["callbacks", "list"]);
    assert!(table.contains(&listed[0]) && table.contains("HTTP 503") && table.contains("+08:00"), "{table}");

    operator.does(&["callbacks", "retry", &listed[0], &jobs[1].to_string()]);
    assert_eq!(names(&operator, &[]), listed[2..]);
    assert_eq!(
        states(&store, &jobs),
        [CallbackState::Exhausted, CallbackState::Queued, CallbackState::Queued]
    );
}

#[test]
fn what_is_not_over_is_refused() {
    let operator = Operator::with_shop();
    let queued = operator.store().queued("shop", "openid").to_string();
    for (name, reason) in [
        (queued.as_str(), "1 of 1 were not"),
        ("4711/1", "1 of 1 were not"),
        ("x", "must be a job's id"),
        ("--yes", "CALLBACK"),
    ] {
        let said = operator.is_refused(&["callbacks", "retry", name]);
        assert!(said.contains(reason), "{name}: {said}");
    }
}

#[test]
fn all_of_them_are_sent_again_only_when_confirmed() {
    let operator = Operator::with_shop();
    let store = operator.store();
    let jobs = [(); 3].map(|()| store.ended("shop", "openid", JobState::Failed));
    assert!(operator.is_refused(&["callbacks", "retry", "--all-exhausted"]).contains("3 would be"));
    assert_eq!(states(&store, &jobs), [CallbackState::Exhausted; 3]);

    let tally: Value = operator.json(&["callbacks", "retry", "--all-exhausted", "--yes"]);
    assert_eq!(tally["done"], 3);
    assert_eq!(states(&store, &jobs), [CallbackState::Queued; 3]);
}
