//! What the values of a template message may be. The kind of a field is its name without the digits
//! at its end: `thing1`, `character_string12`.

use serde_json::{Map, Value};

use crate::apps::Template;
use crate::errcode::{DATA_FORMAT, INVALID_ARGUMENT, Refusal};

/// Characters in a `thing` (developers' forum; other kinds have limits that nobody has settled).
const LONGEST_THING: usize = 20;
/// Characters in a `character_string`, which also takes no Chinese (developers' forum).
const LONGEST_CHARACTER_STRING: usize = 32;

/// Whether each value keeps the rule of its kind and no placeholder of the template stays empty.
/// Fields that the template does not have are ignored.
pub(super) fn check(template: &Template, data: &Map<String, Value>) -> Result<(), Refusal> {
    for (name, field) in data {
        let value = field.get("value").and_then(Value::as_str).ok_or(DATA_FORMAT)?;
        let counts = template.fields.as_ref().is_none_or(|fields| fields.contains(name));
        if counts && !keeps_rule(name, value) {
            return Err(broken(name));
        }
    }
    let required = template.fields.iter().flatten();
    match required.into_iter().find(|name| is_empty(data.get(*name))) {
        Some(name) => Err(broken(name)),
        None => Ok(()),
    }
}

fn keeps_rule(name: &str, value: &str) -> bool {
    match name.trim_end_matches(|c: char| c.is_ascii_digit()) {
        "thing" => value.chars().count() <= LONGEST_THING,
        "character_string" => {
            value.chars().count() <= LONGEST_CHARACTER_STRING && !value.chars().any(is_chinese)
        }
        _ => true,
    }
}

fn is_empty(field: Option<&Value>) -> bool {
    let value = field.and_then(|field| field.get("value")).and_then(Value::as_str);
    value.unwrap_or_default().is_empty()
}

/// The unified ideographs, their extensions, and Chinese punctuation.
fn is_chinese(c: char) -> bool {
    matches!(c,
        '\u{3000}'..='\u{303f}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

fn broken(name: &str) -> Refusal {
    let text = format!("{} data.{name}.value invalid", INVALID_ARGUMENT.text);
    Refusal::saying(INVALID_ARGUMENT.number, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_measured_in_characters_by_kind() {
        let cases = [
            ("thing1", "好".repeat(20), true),
            ("thing1", "好".repeat(21), false),
            ("thing", "x".repeat(21), false),
            ("things1", "x".repeat(99), true),
            ("character_string12", "A-1".repeat(10), true),
            ("character_string12", "x".repeat(33), false),
            ("character_string12", "号1".to_owned(), false),
            ("first", "x".repeat(500), true),
        ];
        for (name, value, sound) in cases {
            assert_eq!(keeps_rule(name, &value), sound, "{name} {value}");
        }
    }
}
