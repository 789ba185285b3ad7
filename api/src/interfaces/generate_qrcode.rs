//! Makes a QR code that leads to the account (section 3.19 of the document).

use serde::Serialize;
use serde_json::value::RawValue;
use wxgate_wechat::{Endpoint, WeChat};

use crate::interface::{Interface, Param, ParamKind};
use crate::once::{Doubt, Work, once};
use crate::upstream::{body, handed_on, pass_on_and};
use crate::values::whole_number;
use crate::{Answer, Call, Refusal};

const SCENE_ID: &str = "scene_id";
const QRCODE_TYPE: &str = "qrcode_type";
const EXPIRE_SECONDS: &str = "expire_seconds";

/// The declaration. Made twice, there is one code more that nobody has.
pub(super) const INTERFACE: Interface = Interface {
    name: "generate_qrcode",
    title_zh: "生成二维码",
    title_en: "Make a QR code that leads to the account",
    params: &[
        Param::required(
            SCENE_ID,
            ParamKind::Text,
            "领取场景值，用于领取渠道的数据统计，默认值为0",
            "The scene: a whole number, or text for the STR types; blank: 0",
        )
        .or_blank(),
        Param::required(
            QRCODE_TYPE,
            ParamKind::Text,
            "二维码类型：QR_SCENE、QR_STR_SCENE、QR_LIMIT_SCENE或QR_LIMIT_STR_SCENE",
            "QR_SCENE, QR_STR_SCENE, QR_LIMIT_SCENE or QR_LIMIT_STR_SCENE",
        ),
        Param::required(
            EXPIRE_SECONDS,
            ParamKind::Int,
            "指定二维码的有效时间，永久二维码可为空",
            "How long the code works; may be blank for permanent ones",
        )
        .or_blank(),
    ],
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::DoAgain, work(call))),
};

/// As WeChat takes it.
#[derive(Serialize)]
struct QrCode<'a> {
    expire_seconds: Option<i64>,
    action_name: &'a str,
    action_info: ActionInfo<'a>,
}

#[derive(Serialize)]
struct ActionInfo<'a> {
    scene: Scene<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Scene<'a> {
    SceneId(i64),
    SceneStr(&'a str),
}

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    let action_name = call.required(QRCODE_TYPE);
    let (permanent, is_text) = match action_name {
        "QR_SCENE" => (false, false),
        "QR_STR_SCENE" => (false, true),
        "QR_LIMIT_SCENE" => (true, false),
        "QR_LIMIT_STR_SCENE" => (true, true),
        _ => return Err(Refusal::malformed(QRCODE_TYPE, "must be one of WeChat's four kinds of QR code")),
    };
    let scene = call.given(SCENE_ID).unwrap_or("0");
    let scene = if is_text { Scene::SceneStr(scene) } else { number(scene, permanent)? };
    let expire_seconds = if permanent { None } else { Some(expire_seconds(call)?) };
    let request = QrCode { expire_seconds, action_name, action_info: ActionInfo { scene } };
    Ok(pass_on_and(call, Endpoint::CreateQrCode, body(&request)?, completed))
}

/// The scene as a number. WeChat has no temporary code of scene 0.
fn number(text: &str, permanent: bool) -> Result<Scene<'_>, Refusal> {
    match whole_number(text, 0..=i64::MAX) {
        None => Err(Refusal::malformed(SCENE_ID, "must be a whole number for this kind of QR code")),
        Some(0) if !permanent => Err(Refusal::malformed(SCENE_ID, "must not be 0 for QR_SCENE")),
        Some(scene) => Ok(Scene::SceneId(scene)),
    }
}

fn expire_seconds(call: &Call<'_>) -> Result<i64, Refusal> {
    let text = call.given(EXPIRE_SECONDS).ok_or(Refusal::Missing { name: EXPIRE_SECONDS })?;
    let refusal = || Refusal::malformed(EXPIRE_SECONDS, "must be a whole number of seconds");
    whole_number(text, 0..=i64::MAX).ok_or_else(refusal)
}

/// WeChat's answer with the members that the document promises and WeChat leaves out. A refusal stays as
/// it is.
fn completed(wechat: &WeChat, answer: &wxgate_wechat::Answer) -> Result<Answer, Refusal> {
    let Some(ticket) = answer.text("ticket") else { return handed_on(answer) };
    let address = wechat.show_qrcode_url(ticket);
    let json = answer.json();
    let json = json.trim_ascii();
    let members = json.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or_default();
    let verdict = if answer.field("errcode").is_some() { "" } else { r#""errcode":0,"errmsg":"ok","# };
    let text = format!(r#"{{{verdict}{members},"show_qrcode_url":"{address}"}}"#);
    RawValue::from_string(text).map(Answer::verbatim).map_err(Refusal::internal)
}
