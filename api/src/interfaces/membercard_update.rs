//! Changes a member's bonus, balance and fields (section 3.14 of the document).

use serde::Serialize;
use serde_json::Value;
use wxgate_wechat::Endpoint;

use crate::card::{CARD_ID_PARAM, CODE, CardCode, LONGEST_CODE, LONGEST_FIELD};
use crate::interface::example::MEMBER_CARD;
use crate::interface::shape::WECHAT;
use crate::interface::{Answers, Group, Interface, Limit, Param, ParamKind};
use crate::once::{Doubt, Work, once};
use crate::upstream::{body, pass_on};
use crate::values::{number, text};
use crate::{Call, Refusal};

const ADD_BONUS: &str = "add_bonus";
const ADD_BALANCE: &str = "add_balance";
const BONUS: &str = "bonus";
const BALANCE: &str = "balance";
const RECORD_BONUS: &str = "record_bonus";
const RECORD_BALANCE: &str = "record_balance";
const FIELD1: &str = "custom_field_value1";
const FIELD2: &str = "custom_field_value2";
const FIELD3: &str = "custom_field_value3";

/// The longest record: the document's `string(42)`, 14 Chinese characters.
const LONGEST_RECORD: Limit = Limit::Bytes(42);

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "membercard_update",
    title_zh: "更新会员信息",
    title_en: "Change a member's bonus, balance and fields",
    group: Group::UsersCards,
    params: &[
        Param::required(
            CODE,
            ParamKind::Text,
            "卡券Code码，最长20个字符",
            "The card's code, at most 20 characters",
        )
        .at_most(LONGEST_CODE)
        .as_answered_by("get_card_list", "/card_list/0/code"),
        CARD_ID_PARAM.such_as(MEMBER_CARD),
        Param::optional(
            ADD_BONUS,
            ParamKind::Int,
            "需要变更的积分，扣除积分用“-”表示",
            "By how much the bonus changes; may be negative",
        ),
        Param::optional(
            ADD_BALANCE,
            ParamKind::Int,
            "需要变更的余额，扣除金额用“-”表示，单位为分",
            "By how much the balance changes, in fen; may be negative",
        ),
        Param::optional(
            BONUS,
            ParamKind::Int,
            "需要设置的积分全量值，与add_bonus同时传入时后者无效",
            "The new bonus; add_bonus then does not count",
        )
        .such_as("100"),
        Param::optional(
            BALANCE,
            ParamKind::Int,
            "需要设置的余额全量值，与add_balance同时传入时后者无效",
            "The new balance, in fen; add_balance then does not count",
        ),
        Param::optional(
            RECORD_BONUS,
            ParamKind::Text,
            "商家自定义积分消耗记录，不超过14个汉字（42字节）",
            "What the user reads of the bonus' change, at most 42 bytes",
        )
        .at_most(LONGEST_RECORD),
        Param::optional(
            RECORD_BALANCE,
            ParamKind::Text,
            "商家自定义金额消耗记录，不超过14个汉字（42字节）",
            "What the user reads of the balance's change, at most 42 bytes",
        )
        .at_most(LONGEST_RECORD),
        Param::optional(FIELD1, ParamKind::Text, "custom_field1的最新数值，12字节", FIELD_EN)
            .at_most(LONGEST_FIELD),
        Param::optional(FIELD2, ParamKind::Text, "custom_field2的最新数值，12字节", FIELD_EN)
            .at_most(LONGEST_FIELD),
        Param::optional(FIELD3, ParamKind::Text, "custom_field3的最新数值，12字节", FIELD_EN)
            .at_most(LONGEST_FIELD),
    ],
    answers: Answers::with(WECHAT),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, doubt(call), work(call))),
};

const FIELD_EN: &str = "New value of the card's custom field, at most 12 bytes";

#[derive(Serialize)]
struct Update<'a> {
    #[serde(flatten)]
    card: CardCode<'a>,
    add_bonus: Option<Value>,
    add_balance: Option<Value>,
    bonus: Option<Value>,
    balance: Option<Value>,
    record_bonus: Option<&'a str>,
    record_balance: Option<&'a str>,
    custom_field_value1: Option<&'a str>,
    custom_field_value2: Option<&'a str>,
    custom_field_value3: Option<&'a str>,
}

/// What is added would be added twice; totals and fields are the same however often they are set.
fn doubt(call: &Call<'_>) -> Doubt {
    let adds = [ADD_BONUS, ADD_BALANCE].into_iter().any(|name| call.given(name).is_some());
    if adds { Doubt::Leave } else { Doubt::DoAgain }
}

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    let request = Update {
        card: CardCode::read(call)?,
        add_bonus: number(call, ADD_BONUS),
        add_balance: number(call, ADD_BALANCE),
        bonus: number(call, BONUS),
        balance: number(call, BALANCE),
        record_bonus: text(call, RECORD_BONUS, LONGEST_RECORD)?,
        record_balance: text(call, RECORD_BALANCE, LONGEST_RECORD)?,
        custom_field_value1: text(call, FIELD1, LONGEST_FIELD)?,
        custom_field_value2: text(call, FIELD2, LONGEST_FIELD)?,
        custom_field_value3: text(call, FIELD3, LONGEST_FIELD)?,
    };
    Ok(pass_on(call, Endpoint::UpdateMemberCard, body(&request)?))
}
