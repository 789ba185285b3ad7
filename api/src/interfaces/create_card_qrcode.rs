//! Makes a QR code by which one card or several are taken.

use serde::Serialize;
use serde_json::value::RawValue;
use wxgate_wechat::Endpoint;

use crate::card::{CARD_ID, CARD_ID_PARAM, CODE, LONGEST_CODE};
use crate::interface::shape::WECHAT;
use crate::interface::{Answers, Group, Interface, Param, ParamKind};
use crate::once::{Doubt, Work, once};
use crate::refusal::said;
use crate::upstream::{body, pass_on};
use crate::values::{flag, json_objects, text, whole_number};
use crate::{Call, Refusal};

const ACTION_NAME: &str = "action_name";
const CARD_LIST: &str = "card_list";
const EXPIRE_SECONDS: &str = "expire_seconds";
const IS_UNIQUE_CODE: &str = "is_unique_code";
const OPENID: &str = "openid";
const OUTER_STR: &str = "outer_str";

/// How long such a code may work (s), by WeChat's document.
const LIFE: std::ops::RangeInclusive<i64> = 60..=1800;

/// The declaration. Made twice, there is one code more that nobody has.
pub(super) const INTERFACE: Interface = Interface {
    name: "create_card_qrcode",
    title_zh: "创建卡券二维码",
    title_en: "Make a QR code by which cards are taken",
    group: Group::Cards,
    params: &[
        Param::required(
            ACTION_NAME,
            ParamKind::Choice(&["QR_CARD", "QR_MULTIPLE_CARD"]),
            "二维码类型：QR_CARD（单张）或QR_MULTIPLE_CARD（多张）",
            "QR_CARD for one card or QR_MULTIPLE_CARD for several",
        ).such_as("QR_CARD"),
        Param {
            meaning_zh: "卡券ID，QR_CARD时必填",
            meaning_en: "The card, for QR_CARD",
            ..CARD_ID_PARAM.or_absent()
        },
        Param::optional(
            CODE,
            ParamKind::Text,
            "自定义Code码（非预存模式）的卡券须填写，最长20个字符",
            "The code, of a card with codes of the merchant's own that are not deposited; at most 20 characters",
        ).at_most(LONGEST_CODE),
        Param::optional(
            OPENID,
            ParamKind::Text,
            "指定领取者的openid，bind_openid的卡券须填写",
            "The only user who may take the card",
        ),
        Param::optional(
            IS_UNIQUE_CODE,
            ParamKind::Flag,
            "1为一次性二维码，只能被一个用户领取",
            "1: the QR code serves one user only",
        ),
        Param::optional(OUTER_STR, ParamKind::Text, "领取场景值", "The scene"),
        Param::optional(
            CARD_LIST,
            ParamKind::Json,
            "QR_MULTIPLE_CARD时必填：JSON数组，每项含card_id，可含code、openid、outer_str",
            "The cards, for QR_MULTIPLE_CARD: a JSON array of objects as WeChat takes them",
        ),
        Param::optional(
            EXPIRE_SECONDS,
            ParamKind::Whole { least: *LIFE.start(), most: *LIFE.end() },
            "二维码的有效时间，60至1800秒，不填默认365天",
            "How long the QR code works: 60 to 1800 s; unless given 365 days",
        ),
    ],
    answers: Answers::with(WECHAT),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::DoAgain, work(call))),
};

/// As WeChat takes it.
#[derive(Serialize)]
struct QrCode<'a> {
    action_name: &'a str,
    expire_seconds: Option<i64>,
    action_info: ActionInfo<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum ActionInfo<'a> {
    Card(Offer<'a>),
    MultipleCard { card_list: Vec<&'a RawValue> },
}

#[derive(Serialize)]
struct Offer<'a> {
    card_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    openid: Option<&'a str>,
    is_unique_code: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    outer_str: Option<&'a str>,
}

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    let action_name = call.required(ACTION_NAME);
    let action_info = match action_name {
        "QR_CARD" => ActionInfo::Card(card(call)?),
        "QR_MULTIPLE_CARD" => ActionInfo::MultipleCard { card_list: cards(call)? },
        _ => {
            return Err(Refusal::malformed(
                ACTION_NAME,
                said("须为QR_CARD或QR_MULTIPLE_CARD", "must be QR_CARD or QR_MULTIPLE_CARD"),
            ));
        }
    };
    let request = QrCode { action_name, expire_seconds: expire_seconds(call)?, action_info };
    Ok(pass_on(call, Endpoint::CreateCardQrCode, body(&request)?))
}

fn card<'c>(call: &'c Call<'_>) -> Result<Offer<'c>, Refusal> {
    Ok(Offer {
        card_id: call.given(CARD_ID).ok_or(Refusal::Missing { name: CARD_ID })?,
        code: text(call, CODE, LONGEST_CODE)?,
        openid: call.given(OPENID),
        is_unique_code: flag(call, IS_UNIQUE_CODE)?,
        outer_str: call.given(OUTER_STR),
    })
}

fn cards<'c>(call: &'c Call<'_>) -> Result<Vec<&'c RawValue>, Refusal> {
    json_objects(CARD_LIST, call.given(CARD_LIST).ok_or(Refusal::Missing { name: CARD_LIST })?)
}

fn expire_seconds(call: &Call<'_>) -> Result<Option<i64>, Refusal> {
    let Some(text) = call.given(EXPIRE_SECONDS) else { return Ok(None) };
    match whole_number(text, LIFE) {
        Some(seconds) => Ok(Some(seconds)),
        None => Err(Refusal::malformed(
            EXPIRE_SECONDS,
            said("须为60到1800秒，不填则为365天", "must be 60 to 1800 seconds, or left out for 365 days"),
        )),
    }
}
