//! Brings in card codes of the merchant's own, any number with one call.

use wxgate_wechat::Endpoint;

use crate::card::CARD_ID_PARAM;
use crate::code_list::{CODE_LIST_PARAM, CodeList};
use crate::interface::shape::WECHAT;
use crate::interface::{Answers, Group, Interface};
use crate::once::{Doubt, Work, once};
use crate::upstream::pass_on;
use crate::{Call, Refusal};

/// The declaration. WeChat keeps each code once, however often it is brought in.
pub(super) const INTERFACE: Interface = Interface {
    name: "deposit_card_code",
    title_zh: "导入自定义code",
    title_en: "Bring in card codes of the merchant's own",
    group: Group::Cards,
    params: &[CARD_ID_PARAM.as_answered_by("create_card", "/card_id"), CODE_LIST_PARAM],
    answers: Answers::with(WECHAT),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::DoAgain, work(call))),
};

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    let list = CodeList::read(call)?;
    Ok(match list.single_body() {
        Some(body) => pass_on(call, Endpoint::DepositCardCodes, body),
        None => list.deposit(call),
    })
}
