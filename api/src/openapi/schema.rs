//! Parameters and shapes as JSON Schema.

use serde_json::{Map, Value, json};

use crate::interface::{Example, Field, Limit, Param, ParamKind, Shape};
use crate::language::Language;

/// Of a parameter's value.
pub(super) fn of_param(param: &Param, language: Language) -> Value {
    let mut schema = of_kind(param);
    if let Some(limit) = param.limit {
        // A text of so many bytes has no more characters.
        let (Limit::Characters(most) | Limit::Bytes(most)) = limit;
        schema.insert("maxLength".to_owned(), most.into());
    }
    if let Some(example) = example(param) {
        schema.insert("examples".to_owned(), json!([example]));
    }
    schema.insert("description".to_owned(), meaning(param, language).into());
    schema.into()
}

/// What it means.
pub(super) fn meaning(param: &Param, language: Language) -> &'static str {
    language.pick(param.meaning_zh, param.meaning_en)
}

/// What it can be tried with, if that is known beforehand.
pub(super) fn example(param: &Param) -> Option<Value> {
    let Example::Value(text) = param.example else { return None };
    let is_number =
        matches!(param.kind, ParamKind::Int | ParamKind::Whole { .. } | ParamKind::Time | ParamKind::Flag);
    let number = if is_number { text.parse::<i64>().ok() } else { None };
    Some(number.map_or_else(|| text.into(), Value::from))
}

fn of_kind(param: &Param) -> Map<String, Value> {
    let may_be_blank = param.blank_allowed && param.required;
    let schema = match param.kind {
        ParamKind::Text | ParamKind::Url | ParamKind::Callback if may_be_blank => json!({ "type": "string" }),
        ParamKind::Text | ParamKind::Url | ParamKind::Callback => json!({ "type": "string", "minLength": 1 }),
        ParamKind::Choice(choices) => json!({ "type": "string", "enum": choices }),
        ParamKind::Json => json!({ "type": "string", "contentMediaType": "application/json" }),
        ParamKind::File { .. } => {
            json!({ "type": "string", "format": "binary", "contentMediaType": "application/octet-stream" })
        }
        ParamKind::FileHash => json!({ "type": "string", "pattern": "^[0-9a-fA-F]{64}$" }),
        ParamKind::Int => number(None, None),
        ParamKind::Whole { least, most } => number(Some(least), Some(most)),
        ParamKind::Time => number(Some(0), None),
        ParamKind::Flag => json!({ "type": "integer", "enum": [0, 1] }),
    };
    let is_number = schema["type"] == "integer";
    let schema =
        if may_be_blank && is_number { json!({ "anyOf": [schema, { "const": "" }] }) } else { schema };
    schema.as_object().cloned().unwrap_or_default()
}

fn number(least: Option<i64>, most: Option<i64>) -> Value {
    let mut schema = json!({ "type": "integer" });
    let most = most.filter(|most| *most < i64::MAX);
    for (name, bound) in [("minimum", least), ("maximum", most)] {
        if let Some(bound) = bound {
            schema[name] = bound.into();
        }
    }
    schema
}

/// Of a value in an answer.
pub(super) fn of_shape(shape: &Shape, language: Language) -> Value {
    match shape {
        Shape::Null => json!({ "type": "null" }),
        Shape::Text => json!({ "type": "string" }),
        Shape::OneOf(texts) => json!({ "type": "string", "enum": texts }),
        Shape::Int => json!({ "type": "integer" }),
        Shape::List(item) => json!({ "type": "array", "items": of_shape(item, language) }),
        Shape::Object(fields) => object(fields, false, language),
        Shape::Open(fields) => object(fields, true, language),
        Shape::OrNull(shape) => json!({ "anyOf": [of_shape(shape, language), { "type": "null" }] }),
    }
}

fn object(fields: &[Field], open: bool, language: Language) -> Value {
    let of_field = |field: &Field| {
        let mut schema = of_shape(&field.shape, language);
        schema["description"] = language.pick(field.meaning_zh, field.meaning_en).into();
        (field.name.to_owned(), schema)
    };
    let always = fields.iter().filter(|field| field.always).map(|field| field.name);
    json!({
        "type": "object",
        "required": always.collect::<Vec<_>>(),
        "properties": fields.iter().map(of_field).collect::<Map<_, _>>(),
        "additionalProperties": open,
    })
}
