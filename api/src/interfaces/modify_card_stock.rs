//! Raises or lowers how many copies of a card can be taken.

use serde::Serialize;
use wxgate_wechat::Endpoint;

use crate::card::{CARD_ID, CARD_ID_PARAM};
use crate::interface::shape::WECHAT;
use crate::interface::{Answers, Group, Interface, Param, ParamKind};
use crate::once::{Doubt, Work, once};
use crate::refusal::said;
use crate::upstream::{body, pass_on};
use crate::values::whole_number;
use crate::{Call, Refusal};

const INCREASE: &str = "increase_stock_value";
const REDUCE: &str = "reduce_stock_value";

/// Copies of one kind of card at most, by WeChat's document.
const MOST: i64 = 100_000_000;

/// The declaration. Told twice, WeChat raises it twice.
pub(super) const INTERFACE: Interface = Interface {
    name: "modify_card_stock",
    title_zh: "修改库存",
    title_en: "Raise or lower a card's stock",
    group: Group::Cards,
    params: &[
        CARD_ID_PARAM.as_answered_by("create_card", "/card_id"),
        Param::optional(
            INCREASE,
            ParamKind::Whole { least: 1, most: MOST },
            "增加多少库存；导入code后须增加库存，不超过导入数",
            "By how much to raise it; deposited codes have no stock until it is raised, up to their number",
        )
        .such_as("2"),
        Param::optional(
            REDUCE,
            ParamKind::Whole { least: 1, most: MOST },
            "减少多少库存",
            "By how much to lower it, in place of raising it",
        ),
    ],
    answers: Answers::with(WECHAT),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::Leave, work(call))),
};

/// As WeChat takes it.
#[derive(Serialize)]
struct Change<'a> {
    card_id: &'a str,
    increase_stock_value: Option<i64>,
    reduce_stock_value: Option<i64>,
}

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    let change = Change {
        card_id: call.required(CARD_ID),
        increase_stock_value: amount(call, INCREASE)?,
        reduce_stock_value: amount(call, REDUCE)?,
    };
    match (change.increase_stock_value, change.reduce_stock_value) {
        (None, None) => Err(Refusal::Missing { name: INCREASE }),
        (Some(_), Some(_)) => Err(Refusal::malformed(
            REDUCE,
            said("不能与increase_stock_value同时提供", "cannot be given together with increase_stock_value"),
        )),
        _ => Ok(pass_on(call, Endpoint::ModifyCardStock, body(&change)?)),
    }
}

fn amount(call: &Call<'_>, name: &'static str) -> Result<Option<i64>, Refusal> {
    let Some(text) = call.given(name) else { return Ok(None) };
    match whole_number(text, 1..=MOST) {
        Some(amount) => Ok(Some(amount)),
        None => Err(Refusal::malformed(
            name,
            said(format!("须为1到{MOST}的整数"), format!("must be a whole number from 1 to {MOST}")),
        )),
    }
}
