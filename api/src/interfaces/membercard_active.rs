//! Activates a member card (section 3.13 of the document).

use serde::Serialize;
use serde_json::Value;
use wxgate_wechat::Endpoint;

use crate::card::{CARD_ID_PARAM, CODE, CardCode, LONGEST_CODE, LONGEST_FIELD};
use crate::interface::example::MEMBER_CARD;
use crate::interface::shape::WECHAT;
use crate::interface::{Answers, Group, Interface, Param, ParamKind};
use crate::once::{Doubt, Work, once};
use crate::upstream::{body, pass_on};
use crate::values::{number, text, within};
use crate::{Call, Refusal};

const MEMBERSHIP_NUMBER: &str = "membership_number";
const INIT_BONUS: &str = "init_bonus";
const INIT_BALANCE: &str = "init_balance";
const FIELD1: &str = "init_custom_field_value1";
const FIELD2: &str = "init_custom_field_value2";
const FIELD3: &str = "init_custom_field_value3";
const BEGIN: &str = "activate_begin_time";
const END: &str = "activate_end_time";

/// The declaration. A card that is active can be made so again.
pub(super) const INTERFACE: Interface = Interface {
    name: "membercard_active",
    title_zh: "激活会员卡",
    title_en: "Activate a member card",
    group: Group::UsersCards,
    params: &[
        Param::required(
            MEMBERSHIP_NUMBER,
            ParamKind::Text,
            "会员卡编号，最长20个字符，作为序列号显示在用户的卡包里。可与Code码保持等值",
            "The member's number, at most 20 characters, as the user's wallet shows it",
        )
        .at_most(LONGEST_CODE)
        .such_as("M0000001"),
        Param::required(
            CODE,
            ParamKind::Text,
            "创建会员卡时获取的初始code，最长20个字符",
            "The card's code, at most 20 characters",
        )
        .at_most(LONGEST_CODE)
        .as_answered_by("get_card_list", "/card_list/0/code"),
        CARD_ID_PARAM.such_as(MEMBER_CARD),
        Param::optional(INIT_BONUS, ParamKind::Int, "初始积分，不填为0", "Bonus to begin with; blank: 0"),
        Param::required(
            INIT_BALANCE,
            ParamKind::Int,
            "初始余额，单位为分，不填为0",
            "Balance to begin with, in fen; blank: 0",
        )
        .or_blank()
        .such_as("0"),
        Param::optional(FIELD1, ParamKind::Text, "custom_field1的初始值，12字节", FIELD_EN)
            .at_most(LONGEST_FIELD),
        Param::optional(FIELD2, ParamKind::Text, "custom_field2的初始值，12字节", FIELD_EN)
            .at_most(LONGEST_FIELD),
        Param::optional(FIELD3, ParamKind::Text, "custom_field3的初始值，12字节", FIELD_EN)
            .at_most(LONGEST_FIELD),
        Param::optional(
            BEGIN,
            ParamKind::Time,
            "激活后的有效起始时间。若不填写默认以创建时的data_info为准",
            "From when the card holds; blank: as the card says",
        ),
        Param::optional(
            END,
            ParamKind::Time,
            "激活后的有效截至时间。若不填写默认以创建时的data_info为准",
            "Until when the card holds; blank: as the card says",
        ),
    ],
    answers: Answers::with(WECHAT),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::DoAgain, work(call))),
};

const FIELD_EN: &str = "First value of the card's custom field, at most 12 bytes";

#[derive(Serialize)]
struct Activation<'a> {
    membership_number: &'a str,
    #[serde(flatten)]
    card: CardCode<'a>,
    init_bonus: Option<Value>,
    init_balance: Option<Value>,
    init_custom_field_value1: Option<&'a str>,
    init_custom_field_value2: Option<&'a str>,
    init_custom_field_value3: Option<&'a str>,
    activate_begin_time: Option<Value>,
    activate_end_time: Option<Value>,
}

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    let request = Activation {
        membership_number: within(MEMBERSHIP_NUMBER, call.required(MEMBERSHIP_NUMBER), LONGEST_CODE)?,
        card: CardCode::read(call)?,
        init_bonus: number(call, INIT_BONUS),
        init_balance: number(call, INIT_BALANCE),
        init_custom_field_value1: text(call, FIELD1, LONGEST_FIELD)?,
        init_custom_field_value2: text(call, FIELD2, LONGEST_FIELD)?,
        init_custom_field_value3: text(call, FIELD3, LONGEST_FIELD)?,
        activate_begin_time: number(call, BEGIN),
        activate_end_time: number(call, END),
    };
    Ok(pass_on(call, Endpoint::ActivateMemberCard, body(&request)?))
}
