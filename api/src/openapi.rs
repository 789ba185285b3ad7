//! `/openapi.json`: the interfaces as OpenAPI 3.1, written from their declarations.
//!
//! Begin with [`document`]. `operation` describes one interface, `answer` what it answers, `callback` what
//! is posted at a job's end, `schema` turns parameters and shapes into JSON Schema, `retcodes` says what the
//! codes mean. It is plain JSON rather than a library's types: those are made for descriptions that are known
//! when the program is compiled, and would be a second vocabulary beside the declarations.

mod answer;
mod callback;
mod operation;
mod retcodes;
mod schema;

use std::collections::BTreeMap;

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, ETAG, HeaderValue, IF_NONE_MATCH, VARY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{Bytes, Data, ServiceConfig, route};
use actix_web::{HttpRequest, HttpResponse, guard};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::exchange;
use crate::gateway::Gateway;
use crate::interface::{AUTHCODE, COMMON, Group};
use crate::interfaces;
use crate::language::Language;

/// Where it is.
const PATH: &str = "/openapi.json";

/// The description in both languages, written once.
#[derive(Debug)]
pub(crate) struct OpenApi {
    chinese: Written,
    english: Written,
}

#[derive(Debug)]
struct Written {
    body: Bytes,
    etag: String,
}

impl OpenApi {
    /// Of the gateway that the outside reaches at `public_url`.
    pub(crate) fn of(public_url: &str) -> Self {
        let written = |language| Written::of(&document(public_url, language));
        Self { chinese: written(Language::Chinese), english: written(Language::English) }
    }
}

impl Written {
    fn of(document: &Value) -> Self {
        let body = document.to_string();
        let etag = format!("\"{}\"", hex::encode(&Sha256::digest(&body)[..16]));
        Self { body: body.into(), etag }
    }
}

/// The route.
pub(crate) fn routes(config: &mut ServiceConfig) {
    let asked_for = guard::Any(guard::Get()).or(guard::Head());
    config.route(PATH, route().guard(asked_for).to(serve));
}

async fn serve(request: HttpRequest, gateway: Data<Gateway>, openapi: Data<OpenApi>) -> HttpResponse {
    let language = gateway.language.of_page(&request);
    let written = language.pick(&openapi.chinese, &openapi.english);
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_known = known.is_some_and(|known| known.contains(&written.etag));
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((ETAG, written.etag.as_str()))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-cache")))
        .insert_header((VARY, HeaderValue::from_static("accept-language")))
        .insert_header((CONTENT_LANGUAGE, language.tag()))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if is_known {
        return response.finish();
    }
    response.content_type("application/json; charset=utf-8").body(written.body.clone())
}

fn document(public_url: &str, language: Language) -> Value {
    let paths = interfaces::ALL.map(|interface| {
        (format!("{}/{}", exchange::PATH, interface.name), operation::both(interface, language))
    });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": language.pick("wxgate 微信接口网关", "wxgate, a gateway to WeChat"),
            "version": env!("CARGO_PKG_VERSION"),
            "description": language.pick(ABOUT_ZH, ABOUT_EN),
        },
        "servers": [{ "url": public_url }],
        "tags": Group::ALL.map(|group| json!({ "name": title(group, language) })),
        "paths": Map::from_iter(paths),
        "components": {
            "schemas": schemas(language),
            "parameters": { AUTHCODE: authcode(language) },
            "responses": answer::by_status(language),
            "pathItems": { callback::NAME: callback::path_item(language) },
        },
    })
}

fn title(group: Group, language: Language) -> &'static str {
    let (chinese, english) = group.titles();
    language.pick(chinese, english)
}

/// What several operations have in common.
fn schemas(language: Language) -> Value {
    let common = COMMON.iter().map(|param| (param.name.to_owned(), schema::of_param(param, language)));
    let mut schemas: BTreeMap<String, Value> = common.collect();
    schemas.insert(answer::REFUSED.to_owned(), answer::refused(language));
    schemas.insert(callback::NAME.to_owned(), callback::schema(language));
    json!(schemas)
}

fn authcode(language: Language) -> Value {
    json!({
        "name": AUTHCODE,
        "in": "query",
        "required": true,
        "description": language.pick(
            "签名：MD5为32位十六进制，HMAC-SHA256为64位。只能放在Query中",
            "The signature: 32 hex digits by MD5, 64 by HMAC-SHA256. In the query alone",
        ),
        "schema": { "type": "string", "pattern": "^([0-9a-fA-F]{32}|[0-9a-fA-F]{64})$" },
    })
}

const ABOUT_ZH: &str = "\
第三方以form表单（UTF-8）调用，返回值总有三个字段：retcode、data、msg；retcode为200即成功。除个别情况外HTTP状态码均为200，请以retcode为准。

**签名（authcode）**，二选一：

* **MD5**：将所有非空参数与client_secret一起按参数名的字节序排序，把参数值依次拼接（stringA），取MD5的十六进制。
* **HMAC-SHA256**（推荐）：以client_secret为密钥，对“接口名 + 换行 + 排序后的非空参数（name=value，以&连接，名和值均按RFC 3986编码）”计算，取十六进制。

client_secret不得作为参数发送。上传的文件不参与签名，由file_sha256绑定。连接中断或返回503、504时，5分钟内原样重发同一请求不会重复执行。";

const ABOUT_EN: &str = "\
Requests are forms (UTF-8). Every answer has the three fields retcode, data and msg; retcode 200 is success. \
The HTTP status is 200 but for a few cases: go by retcode.

**Signing (authcode)**, by one of two schemes:

* **MD5:** sort the non-empty parameters together with client_secret by the bytes of their names, join the values \
(stringA), take the MD5 in hex.
* **HMAC-SHA256** (prefer it), keyed with client_secret, over the interface's name, a line break, and the sorted \
non-empty parameters as name=value joined by &, both percent-encoded by RFC 3986; in hex.

client_secret is never sent. A file is not signed itself: file_sha256 binds it. If a connection breaks or the answer \
is 503 or 504, the same request can be sent again unchanged within five minutes: nothing is done twice.";

#[cfg(test)]
mod tests;
