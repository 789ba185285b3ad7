//! What is posted to a caller's address when a job has ended.

use serde_json::{Value, json};

use super::schema::of_shape;
use crate::interface::{Field, Param, Shape};
use crate::language::Language;
use crate::status;

/// The name of its schema and of its path item.
pub(super) const NAME: &str = "JobEnded";

/// What an operation says of the parameter that holds the address.
pub(super) fn of(param: &Param) -> Value {
    let address = format!("{{$request.body#/{}}}", param.name);
    json!({ "jobEnded": { address: { "$ref": format!("#/components/pathItems/{NAME}") } } })
}

/// The post.
pub(super) fn path_item(language: Language) -> Value {
    let schema = json!({ "schema": { "$ref": format!("#/components/schemas/{NAME}") } });
    let text = json!({ "type": "string" });
    let authcode = json!({
        "name": "authcode", "in": "query", "required": true, "schema": text,
        "description": language.pick(
            "以回调密钥（callback secret）代替client_secret计算的签名；HMAC的接口名为callback",
            "Signed like a request, with the callback secret in client_secret's place; by HMAC the interface's \
             name is callback",
        ),
    });
    let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"].map(|name| {
        json!({ "name": name, "in": "header", "required": true, "schema": text, "description": "Standard Webhooks" })
    });
    let parameters: Vec<Value> = [authcode].into_iter().chain(headers).collect();
    json!({ "post": {
        "summary": language.pick("任务结束后的回调", "A job has ended"),
        "description": language.pick(
            "15秒内返回2xx即为送达，否则将重试（约28小时内共10次）；同一webhook-id可能收到多次。返回410则不再回调。",
            "2xx within 15 s is delivery; otherwise it comes again, ten times within some 28 hours. The same \
             webhook-id may come more than once. 410 ends it.",
        ),
        "parameters": parameters,
        "requestBody": {
            "required": true,
            "content": { "application/x-www-form-urlencoded": schema, "application/json": schema },
        },
        "responses": {
            "2XX": { "description": language.pick("已收到", "Taken") },
            "410": { "description": language.pick("不再回调", "Not to come again") },
        },
    } })
}

/// The fields, all of them texts; empty ones are left out.
pub(super) fn schema(language: Language) -> Value {
    let shape = Shape::Object(&FIELDS);
    of_shape(&shape, language)
}

const FIELDS: [Field; 13] = {
    const fn text(name: &'static str, meaning_zh: &'static str, meaning_en: &'static str) -> Field {
        Field::new(name, Shape::Text, meaning_zh, meaning_en).if_any()
    }
    [
        Field::new("job_id", Shape::Text, "任务ID", "The job's number"),
        text("send_id", "发送ID（仅发送消息）", "The send ID, of messages"),
        Field::new("kind", Shape::Text, "接受该任务的接口", "The interface that accepted it"),
        Field::new("state", Shape::OneOf(&status::STATES), "任务状态", "Its state"),
        text("errcode", "微信返回码或错误代码", "WeChat's code, or a short, stable word"),
        text("errmsg", "错误描述", "What happened"),
        text("msgid", "微信消息ID", "WeChat's id of the message"),
        text("delivery", "送达状态", "Whether it was delivered"),
        text("media_id", "媒体ID", "WeChat's media id, of media"),
        text("file_url", "文件地址", "Where the file is, of media"),
        text("data", "完整结果（JSON文本）", "The whole result: a JSON text"),
        Field::new("client_code", Shape::Text, "用户code码", "The client"),
        Field::new("req_time", Shape::Text, "回调时的时间戳", "When it was posted (Unix seconds)"),
    ]
};
