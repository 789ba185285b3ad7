//! Tells which card codes were brought in, of any number with one call.

use wxgate_wechat::Endpoint;

use crate::card::CARD_ID_PARAM;
use crate::code_list::{CODE_LIST_PARAM, CodeList};
use crate::interface::shape::WECHAT;
use crate::interface::{Answers, Group, Interface};
use crate::upstream::{look_up, look_up_by};
use crate::{Answer, Call, Refusal};

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "check_card_code",
    title_zh: "核查code",
    title_en: "Which card codes were brought in",
    group: Group::Cards,
    params: &[CARD_ID_PARAM.as_answered_by("create_card", "/card_id"), CODE_LIST_PARAM],
    answers: Answers::with(WECHAT),
    effect: false,
    secret: false,
    run: |call| Box::pin(run(call)),
};

async fn run(call: &Call<'_>) -> Result<Answer, Refusal> {
    let list = CodeList::read(call)?;
    match list.single_body() {
        Some(body) => look_up(call, Endpoint::CheckCardCodes, body).await,
        None => look_up_by(call, list.check(call)).await,
    }
}
