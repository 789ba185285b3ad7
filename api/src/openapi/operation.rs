//! One interface as two operations: POST with a form, GET with everything in the query.

use serde_json::{Map, Value, json};

use super::schema::{example, meaning, of_param};
use super::{answer, callback, title};
use crate::interface::{AUTHCODE, COMMON, Example, Interface, Param, ParamKind};
use crate::interfaces;
use crate::language::Language;

/// Both, as far as there are two: a file that is required does not fit into a query.
pub(super) fn both(interface: &Interface, language: Language) -> Value {
    let mut operations = json!({ "post": post(interface, language) });
    if !interface.params.iter().any(|param| is_file(param) && param.required) {
        operations["get"] = get(interface, language);
    }
    operations
}

/// What the HTTP server says before anybody knows of an interface.
const LONG_ZH: &str = "请求行和请求头超过128 KiB，返回内容为空：请改用POST";
const LONG_EN: &str =
    "Request line and headers are longer than 128 KiB, which nobody reads: there is no body. Use POST";

fn post(interface: &Interface, language: Language) -> Value {
    let mut operation = common(interface, interface.name, language);
    operation["parameters"] = json!([authcode()]);
    operation["requestBody"] = json!({ "required": true, "content": contents(interface, language) });
    if let Some(param) = interface.params.iter().find(|param| param.kind == ParamKind::Callback) {
        operation["callbacks"] = callback::of(param);
    }
    operation
}

fn get(interface: &Interface, language: Language) -> Value {
    let mut operation = common(interface, &by_get(interface.name), language);
    let params = COMMON.iter().chain(interface.params).filter(|param| !is_file(param));
    let in_query = |param: &Param| {
        json!({
            "name": param.name,
            "in": "query",
            "required": param.required,
            "description": meaning(param, language),
            "schema": schema(param, language),
        })
    };
    let parameters = [authcode()].into_iter().chain(params.map(in_query));
    operation["parameters"] = parameters.collect();
    operation["responses"]["400"] = json!({ "description": language.pick(LONG_ZH, LONG_EN) });
    operation
}

fn common(interface: &Interface, id: &str, language: Language) -> Value {
    let mut responses = answer::responses(interface, language);
    let links = links(interface);
    if !links.is_empty() {
        responses["200"]["links"] = links.into();
    }
    json!({
        "operationId": id,
        "tags": [title(interface.group, language)],
        "summary": language.pick(interface.title_zh, interface.title_en),
        "responses": responses,
    })
}

/// A file makes the body multipart; where it may be left out, a form does as well.
fn contents(interface: &Interface, language: Language) -> Value {
    let file = interface.params.iter().find(|param| is_file(param));
    let mut contents = Map::new();
    if file.is_none_or(|file| !file.required) {
        let form = body(interface, |param| !is_file(param), language);
        contents.insert("application/x-www-form-urlencoded".to_owned(), form);
    }
    if file.is_some() {
        contents.insert("multipart/form-data".to_owned(), body(interface, |_| true, language));
    }
    contents.into()
}

fn body(interface: &Interface, takes: impl Fn(&Param) -> bool, language: Language) -> Value {
    let params = || COMMON.iter().chain(interface.params).filter(|param| takes(param));
    let required = params().filter(|param| param.required).map(|param| param.name);
    let properties = params().map(|param| (param.name.to_owned(), schema(param, language)));
    let schema = json!({
        "type": "object",
        "required": required.collect::<Vec<_>>(),
        "properties": properties.collect::<Map<_, _>>(),
    });
    let examples = params().filter_map(|param| Some((param.name.to_owned(), example(param)?)));
    let examples: Map<_, _> = examples.collect();
    if examples.is_empty() {
        json!({ "schema": schema })
    } else {
        json!({ "schema": schema, "example": examples })
    }
}

fn schema(param: &Param, language: Language) -> Value {
    if COMMON.iter().any(|common| common.name == param.name) {
        return json!({ "$ref": format!("#/components/schemas/{}", param.name) });
    }
    of_param(param, language)
}

/// Where to go on with what this interface answered.
fn links(interface: &Interface) -> Map<String, Value> {
    let mut links = Map::new();
    for other in interfaces::ALL {
        for param in other.params {
            if let Example::Answer { interface: source, pointer } = param.example
                && source == interface.name
                && !other.params.iter().any(|param| is_file(param) && param.required)
            {
                let parameters =
                    json!({ format!("query.{}", param.name): format!("$response.body#/data{pointer}") });
                let link = json!({ "operationId": by_get(other.name), "parameters": parameters });
                links.insert(other.name.to_owned(), link);
            }
        }
    }
    links
}

fn by_get(name: &str) -> String {
    format!("{name}_by_get")
}

fn authcode() -> Value {
    json!({ "$ref": format!("#/components/parameters/{AUTHCODE}") })
}

const fn is_file(param: &Param) -> bool {
    matches!(param.kind, ParamKind::File { .. })
}
