//! `wxgate interface …`.

use crate::operator::Operator;

fn disabled(operator: &Operator) -> Vec<String> {
    let list = operator.json(&["interface", "list"]);
    let off = list.as_array().unwrap().iter().filter(|interface| interface["enabled"] == false);
    off.map(|interface| interface["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_interface_stays_off_until_it_is_enabled() {
    let operator = Operator::new();
    assert!(disabled(&operator).is_empty());
    for _ in 0..2 {
        operator.does(&["interface", "disable", "get_card_info"]);
        assert_eq!(disabled(&operator), ["get_card_info"]);
    }
    let kept = operator.store().call(async |store| store.directory().await.unwrap().switched_off);
    assert!(kept.contains("get_card_info"));
    operator.does(&["interface", "enable", "get_card_info"]);
    assert!(disabled(&operator).is_empty());
}

#[test]
fn an_unknown_interface_is_refused() {
    assert!(Operator::new().is_refused(&["interface", "disable", "all"]).contains("no such interface"));
}
