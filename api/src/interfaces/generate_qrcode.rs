//! Makes a QR code that leads to the account (section 3.19 of the document).

use std::ops::RangeInclusive;

use serde::Serialize;
use serde_json::value::RawValue;
use wxgate_wechat::{Endpoint, WeChat};

use crate::interface::shape::{ERRCODE, ERRMSG};
use crate::interface::{Answers, Field, Group, Interface, Limit, Param, ParamKind, Shape};
use crate::once::{Doubt, Work, once};
use crate::refusal::said;
use crate::upstream::{body, handed_on, pass_on_and};
use crate::values::{whole_number, within};
use crate::{Answer, Call, Refusal};

const SCENE_ID: &str = "scene_id";
const QRCODE_TYPE: &str = "qrcode_type";
const EXPIRE_SECONDS: &str = "expire_seconds";

/// Scenes of temporary codes, by WeChat's document: 32 bits, and not 0.
const SCENES: RangeInclusive<i64> = 1..=0xFFFF_FFFF;
/// Scenes of permanent codes, by WeChat's document; 0 is the default of ours, and for WeChat to judge.
const LIMIT_SCENES: RangeInclusive<i64> = 0..=100_000;
/// The longest scene that is text, by WeChat's document.
const LONGEST_SCENE: Limit = Limit::Characters(64);

/// The declaration. Made twice, there is one code more that nobody has.
pub(super) const INTERFACE: Interface = Interface {
    name: "generate_qrcode",
    title_zh: "生成二维码",
    title_en: "Make a QR code that leads to the account",
    group: Group::Links,
    params: &[
        Param::required(
            SCENE_ID,
            ParamKind::Text,
            "领取场景值，用于领取渠道的数据统计，默认值为0",
            "The scene: a whole number, or text for the STR types; blank: 0",
        )
        .or_blank()
        .such_as("7"),
        Param::required(
            QRCODE_TYPE,
            ParamKind::Choice(&["QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"]),
            "二维码类型：QR_SCENE、QR_STR_SCENE、QR_LIMIT_SCENE或QR_LIMIT_STR_SCENE",
            "QR_SCENE, QR_STR_SCENE, QR_LIMIT_SCENE or QR_LIMIT_STR_SCENE",
        )
        .such_as("QR_SCENE"),
        Param::required(
            EXPIRE_SECONDS,
            ParamKind::Whole { least: 0, most: i64::MAX },
            "指定二维码的有效时间，永久二维码可为空",
            "How long the code works; may be blank for permanent ones",
        )
        .or_blank()
        .such_as("1800"),
    ],
    answers: Answers::with(QR_CODE),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::DoAgain, work(call))),
};

/// WeChat's answer, completed; of its refusals `errcode` and `errmsg`.
const QR_CODE: Shape = Shape::Open(&[
    ERRCODE.if_any(),
    ERRMSG.if_any(),
    Field::new("ticket", Shape::Text, "二维码ticket", "Stands for the code").if_any(),
    Field::new("expire_seconds", Shape::Int, "有效时间（秒）", "How long it works (s)").if_any(),
    Field::new("url", Shape::Text, "二维码图片解析后的地址", "What the code says").if_any(),
    Field::new("show_qrcode_url", Shape::Text, "二维码图片地址", "Where its picture is").if_any(),
]);

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
        _ => {
            return Err(Refusal::malformed(
                QRCODE_TYPE,
                said("须为微信的四种二维码类型之一", "must be one of WeChat's four kinds of QR code"),
            ));
        }
    };
    let scene = call.given(SCENE_ID).unwrap_or("0");
    let scene = if is_text {
        Scene::SceneStr(within(SCENE_ID, scene, LONGEST_SCENE)?)
    } else {
        number(scene, permanent)?
    };
    let expire_seconds = if permanent { None } else { Some(expire_seconds(call)?) };
    let request = QrCode { expire_seconds, action_name, action_info: ActionInfo { scene } };
    Ok(pass_on_and(call, Endpoint::CreateQrCode, body(&request)?, completed))
}

/// The scene as a number. One out of range would become another: WeChat cuts it down without a word.
fn number(text: &str, permanent: bool) -> Result<Scene<'_>, Refusal> {
    let refused = |zh: &'static str, en: &'static str| Err(Refusal::malformed(SCENE_ID, said(zh, en)));
    let range = if permanent { LIMIT_SCENES } else { SCENES };
    match whole_number(text, 0..=i64::MAX) {
        None => refused("该类型的二维码须用整数场景值", "must be a whole number for this kind of QR code"),
        Some(scene) if range.contains(&scene) => Ok(Scene::SceneId(scene)),
        Some(0) => refused("QR_SCENE的场景值不能为0", "must not be 0 for QR_SCENE"),
        Some(_) if permanent => {
            refused("QR_LIMIT_SCENE的场景值不能超过100000", "must be at most 100000 for QR_LIMIT_SCENE")
        }
        Some(_) => refused("QR_SCENE的场景值不能超过4294967295", "must be at most 4294967295 for QR_SCENE"),
    }
}

fn expire_seconds(call: &Call<'_>) -> Result<i64, Refusal> {
    let text = call.given(EXPIRE_SECONDS).ok_or(Refusal::Missing { name: EXPIRE_SECONDS })?;
    let refusal =
        || Refusal::malformed(EXPIRE_SECONDS, said("须为整数秒", "must be a whole number of seconds"));
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
