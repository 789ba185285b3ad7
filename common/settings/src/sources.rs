//! What was given, and where: the environment goes over the file.

use std::collections::HashMap;

use toml::{Table, Value};

use crate::table::{PREFIX, SETTINGS, Setting};

/// Where the file is looked for unless [`CONFIG`] says otherwise; also what it is called in errors.
pub(crate) const FILE: &str = "wxgate.toml";

/// Names the file, and so cannot stand in it.
pub(crate) const CONFIG: &str = "WXGATE_CONFIG";

/// Where the project's own tests find their servers: none of an operator's business.
const TESTS: &str = "WXGATE_TEST_";

/// One value and its place.
pub(crate) struct Given {
    pub(crate) text: String,
    /// How to call it in a sentence.
    pub(crate) place: String,
}

/// Values by the settings' names.
pub(crate) type Values = HashMap<&'static str, Given>;

/// Adds what the file says. `problems` gains a sentence for whatever it does not understand.
pub(crate) fn add_file(values: &mut Values, name: &str, text: &str, problems: &mut Vec<String>) {
    let table: Table = match text.parse() {
        Ok(table) => table,
        Err(error) => return problems.push(unreadable(name, text, &error)),
    };
    for (key, value) in table {
        let place = format!("'{key}' in {name}");
        match (SETTINGS.iter().find(|setting| setting.key() == key), scalar(value)) {
            (None, _) => problems.push(format!("{place} is not a setting")),
            (Some(_), None) => problems.push(format!("{place} must be a text or a number")),
            (Some(setting), Some(text)) => give(values, setting, text, place),
        }
    }
}

/// Adds what the environment says, over what is there.
pub(crate) fn add_environment(
    values: &mut Values,
    environment: impl IntoIterator<Item = (String, String)>,
    problems: &mut Vec<String>,
) {
    for (name, text) in environment {
        match Setting::named(&name) {
            Some(setting) => give(values, setting, text, name),
            None if !name.starts_with(PREFIX) || name == CONFIG || name.starts_with(TESTS) => {}
            None => problems.push(format!("{name} is not a setting")),
        }
    }
}

/// An empty value is none: compose files pass on what nobody set that way.
fn give(values: &mut Values, setting: &Setting, text: String, place: String) {
    if !text.is_empty() {
        values.insert(setting.name, Given { text, place });
    }
}

fn scalar(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Integer(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Names the line. The error's own `Display` would quote it, secrets included.
fn unreadable(name: &str, text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    format!("{name} cannot be read, line {}: {}", before.matches('\n').count() + 1, error.message())
}
