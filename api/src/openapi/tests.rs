//! The description against the declarations, and its codes against the catalogue.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use super::*;
use crate::interface::{Example, Param, ParamKind};

fn english() -> Value {
    document("https://gateway.example", Language::English)
}

#[test]
fn every_interface_and_every_parameter_is_described() {
    let document = english();
    assert_eq!(document["paths"].as_object().unwrap().len(), interfaces::ALL.len());
    for interface in interfaces::ALL {
        let post = &document["paths"][format!("/weixinapi/{}", interface.name)]["post"];
        assert_eq!(post["operationId"], interface.name);
        let contents = post["requestBody"]["content"].as_object().unwrap().values();
        let bodies: Vec<&Value> = contents.map(|content| &content["schema"]).collect();
        for param in COMMON.iter().chain(interface.params) {
            let is_there = bodies.iter().any(|body| body["properties"].get(param.name).is_some());
            assert!(is_there, "{} {}", interface.name, param.name);
        }
    }
}

#[test]
fn the_codes_are_those_of_the_catalogue() {
    let catalogue: BTreeSet<(u16, u16)> =
        include_str!("../refusal/catalogue.txt").lines().map(numbers).collect();
    let rows = retcodes::ALL.iter().chain(&retcodes::OF_HTTP);
    let described: BTreeSet<(u16, u16)> =
        rows.map(|row| (row.status, row.code)).chain([(200, 202)]).collect();
    assert_eq!(described, catalogue);
}

/// Status and retcode at the beginning of a line.
fn numbers(line: &str) -> (u16, u16) {
    let mut words = line.split(' ').map(|word| word.parse().unwrap());
    (words.next().unwrap(), words.next().unwrap())
}

#[test]
fn examples_fit_their_own_parameters() {
    for interface in interfaces::ALL {
        for param in interface.params {
            let name = format!("{} {}", interface.name, param.name);
            match param.example {
                Example::None => {}
                Example::Value(text) => assert!(fits(param, text), "{name}: {text}"),
                Example::Answer { interface, .. } => assert!(interfaces::find(interface).is_some(), "{name}"),
            }
        }
    }
}

fn fits(param: &Param, text: &str) -> bool {
    match param.kind {
        ParamKind::Choice(choices) => choices.contains(&text),
        ParamKind::Whole { least, most } => {
            text.parse().is_ok_and(|number: i64| (least..=most).contains(&number))
        }
        ParamKind::Int | ParamKind::Time | ParamKind::Flag => text.parse::<i64>().is_ok(),
        ParamKind::Json => serde_json::from_str::<Value>(text).is_ok(),
        ParamKind::Text | ParamKind::Url | ParamKind::Callback => !text.is_empty(),
        ParamKind::File { .. } | ParamKind::FileHash => false,
    }
}

#[test]
fn what_may_be_empty_and_what_may_not_is_told_apart() {
    let document = english();
    let of = |interface: &str, param: &str| {
        let content = &document["paths"][format!("/weixinapi/{interface}")]["post"]["requestBody"]["content"];
        content["application/x-www-form-urlencoded"]["schema"]["properties"][param].clone()
    };
    assert_eq!(of("get_card_info", "card_id")["minLength"], 1);
    assert_eq!(of("get_card_list", "card_id").get("minLength"), None);
    assert_eq!(of("generate_qrcode", "expire_seconds")["anyOf"][1]["const"], "");
    assert_eq!(of("get_job_status", "wait")["maximum"], 30);
}

#[test]
fn each_language_has_words_of_its_own() {
    let chinese = document("https://gateway.example", Language::Chinese);
    let summary =
        |document: &Value| document["paths"]["/weixinapi/async_send_tpl"]["post"]["summary"].clone();
    assert_eq!(
        (summary(&chinese), summary(&english())),
        ("异步发送消息".into(), "Send a template message".into())
    );
}
