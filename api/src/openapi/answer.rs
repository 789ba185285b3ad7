//! What an interface answers: the envelope around its data, and its refusals.

use serde_json::{Map, Value, json};

use super::retcodes::{ALL, OF_HTTP, Retcode};
use super::schema::of_shape;
use crate::interface::Interface;
use crate::language::Language;

/// The schema of refusals that come with HTTP 200.
pub(super) const REFUSED: &str = "Refused";

/// The schema of a refusal with HTTP 200.
pub(super) fn refused(language: Language) -> Value {
    refusal(ALL.iter().filter(|row| row.status == 200), language)
}

/// The answers that have a status of their own, by the name of the status.
pub(super) fn by_status(language: Language) -> Value {
    let rows = ALL.iter().chain(&OF_HTTP).filter(|row| row.status != 200);
    rows.map(|row| (row.status.to_string(), with_status(row, language))).collect::<Map<_, _>>().into()
}

fn with_status(row: &Retcode, language: Language) -> Value {
    let mut response = json!({
        "description": language.pick(row.meaning_zh, row.meaning_en),
        "content": { "application/json": { "schema": refusal([row].into_iter(), language) } },
    });
    if matches!(row.status, 429 | 503) {
        response["headers"] = json!({ "Retry-After": {
            "description": language.pick("多少秒后重试", "Seconds after which to try again"),
            "required": true,
            "schema": { "type": "integer", "minimum": 0 },
        } });
    }
    response
}

/// All answers of an interface, by status.
pub(super) fn responses(interface: &Interface, language: Language) -> Value {
    let mut responses = json!({ "200": {
        "description": language.pick("成功，或被拒绝：以retcode为准", "Success or refusal: go by retcode"),
        "content": { "application/json": { "schema": { "oneOf": told(interface, language) } } },
    } });
    for row in ALL.iter().chain(&OF_HTTP).filter(|row| row.status != 200) {
        let reference = format!("#/components/responses/{}", row.status);
        responses[row.status.to_string()] = json!({ "$ref": reference });
    }
    responses
}

fn told(interface: &Interface, language: Language) -> Vec<Value> {
    let mut told = vec![json!({ "$ref": format!("#/components/schemas/{REFUSED}") })];
    if let Some(pending) = &interface.answers.pending {
        let msg = json!({ "type": "string", "minLength": 1 });
        told.insert(0, envelope(&json!({ "const": 202 }), &of_shape(pending, language), &msg));
    }
    let data = of_shape(&interface.answers.data, language);
    told.insert(0, envelope(&json!({ "const": 200 }), &data, &json!({ "const": "" })));
    told
}

fn refusal<'r>(rows: impl Iterator<Item = &'r Retcode>, language: Language) -> Value {
    let (mut codes, mut meanings) = (Vec::new(), Vec::new());
    for row in rows {
        codes.push(row.code);
        meanings.push(format!("* {}: {}", row.code, language.pick(row.meaning_zh, row.meaning_en)));
    }
    let retcode = json!({ "type": "integer", "enum": codes, "description": meanings.join("\n") });
    envelope(&retcode, &json!({ "type": "null" }), &json!({ "type": "string", "minLength": 1 }))
}

fn envelope(retcode: &Value, data: &Value, msg: &Value) -> Value {
    json!({
        "type": "object",
        "required": ["retcode", "data", "msg"],
        "properties": { "retcode": retcode, "data": data, "msg": msg },
        "additionalProperties": false,
    })
}
